-- What the figure of a day was before it changed after the day had closed. Changes within one hour count as one: what stood
-- before the first of them stays.
CREATE TABLE IF NOT EXISTS revision
(
    kpi      LowCardinality(String),
    centre   LowCardinality(String),  -- that sent it
    bucket   DateTime('UTC'),         -- start of the day, as in rollup
    at       DateTime64(3, 'UTC'),    -- when it changed
    hour     DateTime('UTC') MATERIALIZED toStartOfHour(at),
    first    UInt64 MATERIALIZED 9223372036854775807 - toUInt64(toUnixTimestamp64Milli(at)),
    num      Decimal(38, 6),          -- before, as in rollup
    den      Decimal(38, 6),
    samples  Array(Float64)
)
ENGINE = ReplacingMergeTree(first)
ORDER BY (kpi, centre, bucket, hour);
