-- What reports are made of, besides rollups.

-- How the values that were shown went through each day: a year of kpi_minute is 500 times as much. A row is a function of
-- the minutes of its day, so whoever writes it writes the same.
CREATE TABLE IF NOT EXISTS kpi_day
(
    day      DateTime('UTC'),         -- start, midnight in Asia/Ho_Chi_Minh
    kpi      LowCardinality(String),
    centre   LowCardinality(String),
    first    Nullable(Float64),       -- value of the first minute
    last     Nullable(Float64),       -- value of the last minute
    least    Nullable(Float64),
    greatest Nullable(Float64),
    total    Float64,                 -- sum over the minutes that have a value
    known    UInt32,                  -- how many these are
    num      Nullable(Float64),       -- of the last minute
    den      Nullable(Float64),
    computed UInt64
)
ENGINE = ReplacingMergeTree(computed)
PARTITION BY toYear(day)
ORDER BY (kpi, centre, day);

INSERT INTO kpi_day (day, kpi, centre, first, last, least, greatest, total, known, num, den, computed)
SELECT toDateTime(intDiv(toUnixTimestamp(minute) + 25200, 86400) * 86400 - 25200, 'UTC') AS start, kpi, centre,
  argMin(tuple(value), minute).1, argMax(tuple(value), minute).1, min(value), max(value), ifNull(sum(value), 0), count(value),
  argMax(tuple(num), minute).1, argMax(tuple(den), minute).1, toUInt64(toUnixTimestamp64Micro(now64(6)))
FROM kpi_minute FINAL
WHERE minute < toDateTime(intDiv(toUnixTimestamp(now()) + 25200, 86400) * 86400 - 25200, 'UTC')
GROUP BY start, kpi, centre;

-- All that was ever said of each figure, also what a correction has replaced: a report that looks back shows what was
-- published by then.
CREATE TABLE IF NOT EXISTS figure_said
(
    indicator LowCardinality(String),
    centre    LowCardinality(String),
    period    LowCardinality(String),
    key       UUID,
    time      DateTime64(3, 'UTC'),
    arrived   DateTime64(3, 'UTC'),
    revision  UInt16,
    digest    UInt64,
    version   UInt128,
    value     Nullable(Decimal(38, 6)),
    target    Nullable(Decimal(38, 6))
)
ENGINE = ReplacingMergeTree
ORDER BY (indicator, centre, period, key, version);

CREATE MATERIALIZED VIEW IF NOT EXISTS figure_said_mv TO figure_said AS
SELECT indicator, centre, period, key, time, arrived, revision, digest, version, value, target FROM raw_state WHERE type = 'figure';

INSERT INTO figure_said
SELECT indicator, centre, period, key, time, arrived, revision, digest, version, value, target FROM raw_state WHERE type = 'figure';
