-- The life of all alarms, one row for each change, with the alarm whole as it stood after it. Rows are only ever added: how an
-- alarm stands now is its last row, and no second table can disagree with that.
-- The entries of one write have the numbers that follow the newest one, and the write names the first of these as its
-- deduplication token: of two processes that write at once one is heard, and the other reads what that wrote and thinks again.
-- A person's order is acknowledged once it is here, so it is synced to disk.
CREATE TABLE IF NOT EXISTS alarm_change
(
    offset          UInt64,
    writer          String,                  -- names one write
    action          LowCardinality(String),
    id              String,
    cause           String,                  -- names the condition for ever
    kind            LowCardinality(String),
    centre          LowCardinality(String),
    domain          LowCardinality(String),
    priority        UInt8,                   -- 1 the most urgent, 4 the least
    state           LowCardinality(String),
    title_vi        String,
    title_en        String,
    kpi             LowCardinality(String),
    source          String,
    value           Nullable(Float64),
    bound           Nullable(Float64),
    unit            LowCardinality(String),
    raised_at       DateTime64(3, 'UTC'),
    acknowledged_at Nullable(DateTime64(3, 'UTC')),
    cleared_at      Nullable(DateTime64(3, 'UTC')),
    closed_at       Nullable(DateTime64(3, 'UTC')),
    changed_at      DateTime64(3, 'UTC'),
    shelved_until   Nullable(DateTime64(3, 'UTC')),
    assigned_to     String,
    by              String,                  -- who made this change; empty: the platform
    why             String,
    members         UInt32,
    parent          String,                  -- id of the alarm that stands for this one
    held            Bool,                    -- the parent is a flood
    clear_delay_ms  UInt64,
    INDEX by_id      id        TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_parent  parent    TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_raised  raised_at  TYPE minmax GRANULARITY 1, -- both grow with the offset, nearly
    INDEX by_changed changed_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY offset
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What has begun or ended, and must go on so for a while before that counts, so that a restart waits no second time.
CREATE TABLE IF NOT EXISTS alarm_watch
(
    key      String,
    phase    LowCardinality(String), -- pending, worse, better, clearing; over: forgotten
    since    DateTime64(3, 'UTC'),
    priority UInt8,
    at       DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY key
TTL toDateTime(at) + INTERVAL 40 DAY;

-- What is told to whom of a change: one row for each channel and change, so that each is told once.
-- A row is changed by inserting it again with the next version, which is its deduplication token as in report_run.
CREATE TABLE IF NOT EXISTS alarm_notice
(
    channel  LowCardinality(String),
    offset   UInt64,
    version  UInt64,
    state    LowCardinality(String), -- pending, sending, done, failed or dropped
    attempts UInt32,
    next     DateTime64(3, 'UTC'),   -- pending: when it is tried. sending: when its worker is given up
    error    String,
    created  DateTime64(3, 'UTC'),
    at       DateTime64(3, 'UTC'),
    by       LowCardinality(String)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (channel, offset)
TTL toDateTime(created) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1;

-- Up to which change each channel has its rows. A channel that is new is told nothing of what was before.
CREATE TABLE IF NOT EXISTS alarm_notified
(
    channel String,
    offset  SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY channel;
