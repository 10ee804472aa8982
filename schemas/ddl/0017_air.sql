-- How many values each sum of a minute holds: of both, the mean of an hour is made. Minutes that were computed before have none;
-- ioc rebuild computes them again.
ALTER TABLE source_minute ADD COLUMN IF NOT EXISTS metric_counts Map(LowCardinality(String), UInt64) AFTER metric_sums;
