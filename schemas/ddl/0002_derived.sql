-- Everything here is a function of the raw tables, and can be thrown away and computed again.
-- computed is the server's clock, in microseconds, when the computing query began: the newer one has seen more.

-- How a thing stands now: of each field the newest known value.
CREATE TABLE IF NOT EXISTS entity
(
    type         LowCardinality(String),
    centre       LowCardinality(String),
    entity       String CODEC(ZSTD(1)),
    time         DateTime64(3, 'UTC'),           -- of the newest state
    first_time   DateTime64(3, 'UTC'),           -- of the oldest state
    status       LowCardinality(String),
    agency       LowCardinality(String),
    procedure    LowCardinality(String),
    topic        LowCardinality(String),
    kind         LowCardinality(String),
    channel      LowCardinality(String),
    direction    LowCardinality(String),
    category     LowCardinality(String),
    level        UInt8,
    severity     UInt8,
    rating       Nullable(UInt8),
    received_at  Nullable(DateTime64(3, 'UTC')),
    queued_at    Nullable(DateTime64(3, 'UTC')),
    at           Nullable(DateTime64(3, 'UTC')),
    due_at       Nullable(DateTime64(3, 'UTC')),
    answered_at  Nullable(DateTime64(3, 'UTC')),
    completed_at Nullable(DateTime64(3, 'UTC')),
    resolved_at  Nullable(DateTime64(3, 'UTC')),
    done_at      Nullable(DateTime64(3, 'UTC')),
    ended_at     Nullable(DateTime64(3, 'UTC')),
    blocked_at   Nullable(DateTime64(3, 'UTC')), -- first state with status blocked
    paid_online  Nullable(Bool),
    digitised    Nullable(Bool),
    signed       Nullable(Bool),
    paperless    Nullable(Bool),
    connected    Nullable(Bool),
    lat          Nullable(Float64),
    lon          Nullable(Float64),
    indicator    LowCardinality(String),
    period       LowCardinality(String),
    value        Nullable(Decimal(38, 6)),
    target       Nullable(Decimal(38, 6)),
    issued_by    LowCardinality(String),
    computed     UInt64,
    INDEX by_received  received_at  TYPE minmax GRANULARITY 1,
    INDEX by_completed completed_at TYPE minmax GRANULARITY 1,
    INDEX by_queued    queued_at    TYPE minmax GRANULARITY 1,
    INDEX by_at        at           TYPE minmax GRANULARITY 1,
    INDEX by_due       due_at       TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(computed)
ORDER BY (type, centre, entity);

-- What each source of measurements said in each minute.
CREATE TABLE IF NOT EXISTS source_minute
(
    minute   DateTime('UTC'),
    type     LowCardinality(String),
    centre   LowCardinality(String),
    source   LowCardinality(String),
    domain   LowCardinality(String),
    events   UInt32,                       -- 0: all that was here has moved elsewhere
    newest   DateTime64(3, 'UTC'),
    status   LowCardinality(String),       -- newest
    metric_values Map(LowCardinality(String), Float64),        -- newest of each metric
    metric_sums   Map(LowCardinality(String), Decimal(38, 6)), -- sum of each metric
    computed UInt64
)
ENGINE = ReplacingMergeTree(computed)
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, type, centre, source)
TTL minute + INTERVAL 90 DAY;

-- Two counts and the samples of each KPI, per centre and bucket, in tiers of 10 s, 1 min, 1 h and 1 day
-- (days begin at midnight in Asia/Ho_Chi_Minh). Sums are decimals: exact, so the order of adding never shows.
CREATE TABLE IF NOT EXISTS rollup
(
    tier     UInt32,                 -- seconds
    kpi      LowCardinality(String),
    centre   LowCardinality(String), -- that sent it; sums over centres are made when asked for
    bucket   DateTime('UTC'),        -- start
    num      Decimal(38, 6),
    den      Decimal(38, 6),
    samples  Array(Float64),         -- of quantiles, sorted; else empty
    events   UInt64,                 -- rows behind it; 0: nothing is left in this bucket
    newest   DateTime64(3, 'UTC'),
    computed UInt64
)
ENGINE = ReplacingMergeTree(computed)
PARTITION BY (tier, toYear(bucket))
ORDER BY (tier, kpi, centre, bucket);

-- The definition by which each KPI's rollups were computed. Another one in the catalogue: compute them again.
CREATE TABLE IF NOT EXISTS rollup_definition
(
    kpi        LowCardinality(String),
    definition UInt64,
    at         DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY kpi;

-- The value of each KPI at the end of each minute, as it was shown: the history of KPIs that say how things stand now.
CREATE TABLE IF NOT EXISTS kpi_minute
(
    minute   DateTime('UTC'),
    kpi      LowCardinality(String),
    centre   LowCardinality(String),
    value    Nullable(Float64),
    state    LowCardinality(String),
    num      Nullable(Float64),
    den      Nullable(Float64),
    computed UInt64
)
ENGINE = ReplacingMergeTree(computed)
PARTITION BY toYYYYMM(minute)
ORDER BY (kpi, centre, minute);

-- How far a worker has come.
CREATE TABLE IF NOT EXISTS progress
(
    name LowCardinality(String),
    at   DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY name;
