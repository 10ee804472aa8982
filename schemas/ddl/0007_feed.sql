-- What each source delivered in each minute. Ingest writes it after the raw rows, because these can't tell it later: a repeat
-- leaves no row of its own. Rows of one source and minute are added up. A batch that is written again is dropped here by its
-- token, so that it counts once. A row that a power cut takes away is missing from the counts, and from nothing else.
CREATE TABLE IF NOT EXISTS feed_minute
(
    minute         DateTime('UTC'),            -- of the arrival
    centre         LowCardinality(String),
    domain         LowCardinality(String),
    source         LowCardinality(String),
    events         UInt64,                     -- deliveries that brought something new: an event, or a correction
    repeats        UInt64,                     -- deliveries that brought nothing new
    backfilled     UInt64,                     -- of events, those that arrived an hour or more after their time
    ahead          UInt64,                     -- of events, those whose time lies after their arrival
    first_arrival  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),  -- also of repeats
    newest_arrival SimpleAggregateFunction(max, DateTime64(3, 'UTC')),  -- also of repeats
    delayMap       Nested(ms Int32, n UInt64)  -- how many events had which delay; those backfilled are not in it
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMMDD(minute)
ORDER BY (minute, centre, domain, source)
TTL minute + INTERVAL 9 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

-- How often a source sends, learned from feed_minute, and computed again from it every hour.
CREATE TABLE IF NOT EXISTS feed_interval
(
    centre  LowCardinality(String),
    domain  LowCardinality(String),
    source  LowCardinality(String),
    seconds Float64,
    spans   UInt64,                     -- between events, that it rests on
    at      DateTime64(3, 'UTC')        -- when it was learned
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (centre, domain, source)
TTL toDateTime(at) + INTERVAL 30 DAY;
