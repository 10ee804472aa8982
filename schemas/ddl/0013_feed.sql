-- What each source delivered in each minute. Ingest writes it after the raw rows, because these can't tell it later: a repeat
-- leaves no row of its own. Rows of one source and minute are added up. A batch that is written again is dropped here by its
-- token, so that it counts once. A row that a power cut takes away is missing from the repeats, and from nothing else.
CREATE TABLE IF NOT EXISTS feed_delivery
(
    minute         DateTime('UTC'),            -- of the arrival
    centre         LowCardinality(String),
    domain         LowCardinality(String),
    source         LowCardinality(String),
    deliveries     UInt64,                     -- events, corrections and repeats
    first_arrival  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    newest_arrival SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMMDD(minute)
ORDER BY (minute, centre, domain, source)
TTL minute + INTERVAL 9 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

-- The events that first arrived in each minute. Like all that is derived it is counted from the raw rows, again whenever one
-- that arrived in that minute is written.
CREATE TABLE IF NOT EXISTS feed_event
(
    minute     DateTime('UTC'),            -- of the arrival
    centre     LowCardinality(String),
    domain     LowCardinality(String),
    source     LowCardinality(String),
    events     UInt64,                     -- each by the version that holds
    repeats    UInt64,                     -- deliveries that brought none of them: the same again, or a version that another has replaced
    backfilled UInt64,                     -- of events, those that arrived an hour or more after their time
    ahead      UInt64,                     -- of events, those whose time lies after their arrival
    delayMap   Nested(ms Int32, n UInt64), -- how many events had which delay; those backfilled are not in it
    computed   UInt64
)
ENGINE = ReplacingMergeTree(computed)
PARTITION BY toYYYYMMDD(minute)
ORDER BY (minute, centre, domain, source)
TTL minute + INTERVAL 9 DAY
SETTINGS ttl_only_drop_parts = 1;

-- What was counted so far goes on.
INSERT INTO feed_delivery (minute, centre, domain, source, deliveries, first_arrival, newest_arrival)
SELECT minute, centre, domain, source, sum(events) + sum(repeats), min(first_arrival), max(newest_arrival)
FROM feed_minute WHERE (SELECT count() FROM feed_delivery) = 0 GROUP BY minute, centre, domain, source;

INSERT INTO feed_event (minute, centre, domain, source, events, repeats, backfilled, ahead, `delayMap.ms`, `delayMap.n`, computed)
SELECT minute, centre, domain, source, sum(events), sum(repeats), sum(backfilled), sum(ahead),
  sumMap(`delayMap.ms`, `delayMap.n`).1, sumMap(`delayMap.ms`, `delayMap.n`).2, 0
FROM feed_minute GROUP BY minute, centre, domain, source;

-- Finds the rows that arrived in a minute without reading all.
ALTER TABLE raw_state ADD INDEX IF NOT EXISTS by_arrived arrived TYPE minmax GRANULARITY 1;

ALTER TABLE raw_state MATERIALIZE INDEX by_arrived;

ALTER TABLE raw_measure ADD INDEX IF NOT EXISTS by_arrived arrived TYPE minmax GRANULARITY 1;

ALTER TABLE raw_measure MATERIALIZE INDEX by_arrived;
