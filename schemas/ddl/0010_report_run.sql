-- What came of each scheduled report, so that a restart sends nothing twice and makes up for what was missed.
-- A row is changed by inserting it again with the next version. The insert names the run and the version as its
-- deduplication token: of two processes that change the same version, one is heard, and both read which.
CREATE TABLE IF NOT EXISTS report_run
(
    schedule     LowCardinality(String),
    period       String,                 -- 2026-10
    version      UInt64,
    centre       LowCardinality(String),
    edition      UInt32,                 -- how often it was asked for anew by hand
    state        LowCardinality(String), -- pending, running, done or failed
    due          DateTime64(3, 'UTC'),
    attempts     UInt32,
    first_try    DateTime64(3, 'UTC'),   -- of this edition; 1970: there was none
    next_attempt DateTime64(3, 'UTC'),   -- pending: when it is tried. running: when its worker is given up
    step         LowCardinality(String), -- what failed: build, write, mail or schedule
    error        String,
    files        Array(String),          -- below the folder of reports
    sizes        Array(UInt64),
    sent         Array(String),          -- addresses that have it
    refused      Map(String, String),    -- addresses that will never have it, and what the server said
    at           DateTime64(3, 'UTC'),   -- of this change
    by           LowCardinality(String)  -- who made it
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (schedule, period)
SETTINGS non_replicated_deduplication_window = 10000;

-- Since when a schedule is known: it makes up for nothing that was before.
CREATE TABLE IF NOT EXISTS report_schedule
(
    schedule String,
    since    SimpleAggregateFunction(min, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY schedule;
