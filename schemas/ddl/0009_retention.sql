-- How long rows of each kind were kept, and since when. What the shortest of these may have taken away can't be counted
-- again, even if the time is longer now: figures made of it stay as they are.
CREATE TABLE IF NOT EXISTS retention
(
    kind LowCardinality(String), -- raw, rejected, rollup_10s, …
    at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
    days UInt32                  -- 0: for ever
)
ENGINE = MergeTree
ORDER BY (kind, at);

-- Old months go as whole parts, without any rewriting: this is the largest table.
ALTER TABLE raw_measure MODIFY SETTING ttl_only_drop_parts = 1;
