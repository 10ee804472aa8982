-- What a refused message had beside its payload: in Kafka's binary mode the event's attributes, without which it could
-- not be read again.
ALTER TABLE rejected ADD COLUMN IF NOT EXISTS header Map(LowCardinality(String), String) CODEC(ZSTD(1)) AFTER event_type;

-- What came of reading a refused event again. Once it was taken it stays taken, whatever a later try says.
-- A row that a power cut takes away costs nothing: the event is read once more, and counts once.
CREATE TABLE IF NOT EXISTS replayed
(
    key         UUID,                   -- of rejected
    at          DateTime64(3, 'UTC'),
    taken       Bool,
    code        LowCardinality(String), -- why it was refused again; empty: it was taken
    field       String,
    sentence_vi String,
    sentence_en String,
    by          LowCardinality(String), -- who had it read again
    version     UInt64 MATERIALIZED bitOr(bitShiftLeft(toUInt64(taken), 63), toUInt64(toUnixTimestamp64Milli(at)))
)
ENGINE = ReplacingMergeTree(version)
ORDER BY key;
