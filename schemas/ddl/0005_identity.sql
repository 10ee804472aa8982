-- A correction may say that a state was of another thing: the old thing then was never told that.

-- Every thing that an event was ever said to be of: finds the old one.
CREATE TABLE IF NOT EXISTS state_key
(
    key     UUID,
    type    LowCardinality(String),
    centre  LowCardinality(String),
    entity  String CODEC(ZSTD(1)),
    version UInt128
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (key, type, centre, entity)
SETTINGS index_granularity = 256;

CREATE MATERIALIZED VIEW IF NOT EXISTS state_key_mv TO state_key AS SELECT key, type, centre, entity, version FROM raw_state;

INSERT INTO state_key SELECT key, type, centre, entity, version FROM raw_state;

-- Events of which raw_state has rows of more than one thing: only those of the winner's version and above count.
CREATE TABLE IF NOT EXISTS state_superseded
(
    key    UUID,
    winner UInt128
)
ENGINE = ReplacingMergeTree(winner)
ORDER BY key;

-- A thing of which nothing is said any more.
ALTER TABLE entity ADD COLUMN IF NOT EXISTS gone Bool DEFAULT false AFTER issued_by;
