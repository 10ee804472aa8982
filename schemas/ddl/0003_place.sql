-- Where things have been counted. What moves in time leaves its old place by this: the tables that say how things stand now
-- have forgotten it, and a worker that was killed half-way can't ask them.

-- Every 10 seconds in which a thing ever stood, by each of its times.
CREATE TABLE IF NOT EXISTS entity_place
(
    type   LowCardinality(String),
    centre LowCardinality(String),
    entity String CODEC(ZSTD(1)),
    field  LowCardinality(String), -- received_at, completed_at, …
    bucket DateTime('UTC')         -- start
)
ENGINE = ReplacingMergeTree
ORDER BY (type, centre, entity, field, bucket);

CREATE MATERIALIZED VIEW IF NOT EXISTS entity_place_mv TO entity_place AS
SELECT type, centre, entity, place.1 AS field, toDateTime(intDiv(toUnixTimestamp(assumeNotNull(place.2)), 10) * 10, 'UTC') AS bucket
FROM entity
ARRAY JOIN [('time', toNullable(time)), ('first_time', toNullable(first_time)), ('received_at', received_at), ('queued_at', queued_at), ('at', at),
  ('due_at', due_at), ('answered_at', answered_at), ('completed_at', completed_at), ('resolved_at', resolved_at), ('done_at', done_at),
  ('ended_at', ended_at), ('blocked_at', blocked_at)] AS place
WHERE isNotNull(place.2);

INSERT INTO entity_place
SELECT type, centre, entity, place.1 AS field, toDateTime(intDiv(toUnixTimestamp(assumeNotNull(place.2)), 10) * 10, 'UTC') AS bucket
FROM entity
ARRAY JOIN [('time', toNullable(time)), ('first_time', toNullable(first_time)), ('received_at', received_at), ('queued_at', queued_at), ('at', at),
  ('due_at', due_at), ('answered_at', answered_at), ('completed_at', completed_at), ('resolved_at', resolved_at), ('done_at', done_at),
  ('ended_at', ended_at), ('blocked_at', blocked_at)] AS place
WHERE isNotNull(place.2);

-- Every moment at which a refused event ever arrived: of repeats the first arrival counts, and it may be stored last.
CREATE TABLE IF NOT EXISTS reject_place
(
    arrived DateTime64(3, 'UTC'),
    key     UUID
)
ENGINE = ReplacingMergeTree
ORDER BY (arrived, key);

CREATE MATERIALIZED VIEW IF NOT EXISTS reject_place_mv TO reject_place AS SELECT arrived, key FROM rejected;

INSERT INTO reject_place SELECT arrived, key FROM rejected;
