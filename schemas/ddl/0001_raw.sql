-- Raw events are the truth, and acknowledged once they are here: they are synced to disk, so that an acknowledged
-- event survives a power cut too. One event is one row, known by key = hash(source, id).
-- Of two rows with one key the one with the greater version wins, whatever came first: the higher revision, then the later
-- time, then content (24 bits of its digest, so that the order of arrival never decides), then the earlier arrival.

-- States of things that have an identity of their own (a dossier, a call, a document), kept by that identity:
-- a correction finds its row even when it changes the time.
CREATE TABLE IF NOT EXISTS raw_state
(
    key          UUID,
    source       LowCardinality(String),
    id           String CODEC(ZSTD(1)),
    centre       LowCardinality(String),
    domain       LowCardinality(String),
    type         LowCardinality(String),
    entity       String CODEC(ZSTD(1)),
    time         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrived      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    transport    LowCardinality(String),
    revision     UInt16,
    digest       UInt64,
    version      UInt128 MATERIALIZED bitOr(bitOr(bitShiftLeft(toUInt128(revision), 112), bitShiftLeft(toUInt128(toUnixTimestamp64Milli(time)), 64)),
                 toUInt128(bitOr(bitShiftLeft(bitShiftRight(digest, 40), 40), bitXor(bitAnd(toUInt64(toUnixTimestamp64Milli(arrived)), 1099511627775), 1099511627775)))),

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
    issued_by    LowCardinality(String)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (type, centre, entity, key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Measurements of a source (reading, camera, sensor), kept by time. A correction that moves an event to another minute
-- leaves its old row in the old one: measure_superseded names these.
CREATE TABLE IF NOT EXISTS raw_measure
(
    key          UUID,
    minute       DateTime('UTC') MATERIALIZED toStartOfMinute(time),
    source       LowCardinality(String),
    id           String CODEC(ZSTD(1)),
    centre       LowCardinality(String),
    domain       LowCardinality(String),
    type         LowCardinality(String),
    time         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    arrived      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    transport    LowCardinality(String),
    revision     UInt16,
    digest       UInt64,
    version      UInt128 MATERIALIZED bitOr(bitOr(bitShiftLeft(toUInt128(revision), 112), bitShiftLeft(toUInt128(toUnixTimestamp64Milli(time)), 64)),
                 toUInt128(bitOr(bitShiftLeft(bitShiftRight(digest, 40), 40), bitXor(bitAnd(toUInt64(toUnixTimestamp64Milli(arrived)), 1099511627775), 1099511627775)))),

    status       LowCardinality(String),
    fps          Nullable(Float64),
    bitrate_kbps Nullable(Float64),
    speed_kmh    Nullable(Float64),
    counts       Map(LowCardinality(String), UInt32),
    battery      Nullable(Float64),
    rssi         Nullable(Float64),
    lat          Nullable(Float64),
    lon          Nullable(Float64),
    metrics      Array(LowCardinality(String)),
    metric_values Array(Float64),
    units        Array(LowCardinality(String)),
    dims         Array(Map(LowCardinality(String), String))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(time)
ORDER BY (minute, type, centre, source, key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Every time at which a measurement of this key was ever said to be: finds the old place of a moved event.
CREATE TABLE IF NOT EXISTS measure_key
(
    key     UUID,
    time    DateTime64(3, 'UTC'),
    type    LowCardinality(String),
    version UInt128
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (key, time)
SETTINGS index_granularity = 256;

CREATE MATERIALIZED VIEW IF NOT EXISTS measure_key_mv TO measure_key AS
SELECT key, time, type, version FROM raw_measure;

-- Rows of raw_measure that a version in another minute has replaced.
CREATE TABLE IF NOT EXISTS measure_superseded
(
    minute DateTime('UTC'),
    key    UUID,
    winner UInt128
)
ENGINE = ReplacingMergeTree(winner)
ORDER BY (minute, key);

-- Events that could not be taken, whole, with the reason. The first arrival of a repeat stays.
CREATE TABLE IF NOT EXISTS rejected
(
    key         UUID,
    arrived     DateTime64(3, 'UTC'),
    first       UInt64 MATERIALIZED 9223372036854775807 - toUInt64(toUnixTimestamp64Milli(arrived)),
    code        LowCardinality(String),
    field       String,
    sentence_vi String,
    sentence_en String,
    centre      LowCardinality(String),
    domain      LowCardinality(String),
    transport   LowCardinality(String),
    topic       LowCardinality(String),
    kafka_partition Int32,  -- -1: not from Kafka
    kafka_offset    Int64,
    batch_index     Int32,  -- place in a batch, -1: the message as a whole
    event_id    String,
    source      String,
    event_type  String,
    payload     String CODEC(ZSTD(3)),
    INDEX by_arrived arrived TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(first)
ORDER BY key
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What is known of each source: when it was first and last heard. Repeats change nothing.
CREATE TABLE IF NOT EXISTS feed_source
(
    centre         LowCardinality(String),
    domain         LowCardinality(String),
    type           LowCardinality(String),
    source         String,
    first_arrival  SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    newest_arrival SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    newest_event   SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (centre, domain, type, source);

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_source_of_state_mv TO feed_source AS
SELECT centre, domain, type, source, min(arrived) AS first_arrival, max(arrived) AS newest_arrival, max(time) AS newest_event
FROM raw_state GROUP BY centre, domain, type, source;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_source_of_measure_mv TO feed_source AS
SELECT centre, domain, type, source, min(arrived) AS first_arrival, max(arrived) AS newest_arrival, max(time) AS newest_event
FROM raw_measure GROUP BY centre, domain, type, source;

-- What a written batch touched. Ingest writes it after the batch is in the tables above;
-- the roll-up reads it, and recomputes what it names. One batch has one row for each thing that it touched.
CREATE TABLE IF NOT EXISTS touched
(
    at     DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    batch  UUID,
    type   LowCardinality(String),
    centre LowCardinality(String),           -- of states
    entity String,                           -- of states
    bucket DateTime('UTC'),                  -- of measurements and refused events: start of the 10 s
    since  DateTime64(3, 'UTC')              -- earliest arrival in the batch
)
ENGINE = MergeTree
ORDER BY at
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
