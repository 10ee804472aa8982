-- A figure may be taken back by the source that sent it.
ALTER TABLE raw_state ADD COLUMN IF NOT EXISTS withdrawn Bool DEFAULT false AFTER issued_by;

-- A clerk is no feed: an upload must neither make a silent feed look alive nor be missed a minute later.
ALTER TABLE feed_source_of_state_mv MODIFY QUERY
SELECT centre, domain, type, source, min(arrived) AS first_arrival, max(arrived) AS newest_arrival, max(time) AS newest_event
FROM raw_state WHERE transport != 'upload' GROUP BY centre, domain, type, source;

-- Files of figures that clerks have uploaded: who, when, what.
CREATE TABLE IF NOT EXISTS figure_upload
(
    id        UUID,
    at        DateTime64(3, 'UTC'),
    by        String,
    file      String,
    sha256    String,
    decimal   LowCardinality(String),          -- decimal sign that the file turned out to have
    centres   Array(LowCardinality(String)),   -- of the rows: who does not see them all does not see the upload
    rows      UInt32,
    added     UInt32,
    corrected UInt32,
    unchanged UInt32,
    refused   UInt32,
    state     LowCardinality(String),          -- writing, written, undone
    undone_at Nullable(DateTime64(3, 'UTC')),
    undone_by String,
    version   UInt64                           -- the state that was noted last stands
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The rows of these files, with what stood before each: an undo brings that back.
CREATE TABLE IF NOT EXISTS figure_upload_row
(
    upload    UUID,
    row       UInt32,                          -- of the sheet
    sheet     LowCardinality(String),
    centre    LowCardinality(String),
    indicator LowCardinality(String),
    period    LowCardinality(String),
    value     Nullable(Decimal(38, 6)),
    target    Nullable(Decimal(38, 6)),
    issued_by String,
    change    LowCardinality(String),          -- new, corrected, unchanged, refused
    problems  String CODEC(ZSTD(1)),           -- of a refused one, as JSON
    time      DateTime64(3, 'UTC'),            -- of the event that was written
    -- What clerks had said of this figure before. NULL: nothing, or it was withdrawn.
    had_time      Nullable(DateTime64(3, 'UTC')),
    had_value     Nullable(Decimal(38, 6)),
    had_target    Nullable(Decimal(38, 6)),
    had_issued_by String,
    -- What stood before, whoever had said it.
    old_time      Nullable(DateTime64(3, 'UTC')),
    old_value     Nullable(Decimal(38, 6)),
    old_target    Nullable(Decimal(38, 6)),
    old_issued_by String,
    old_source    String
)
ENGINE = ReplacingMergeTree
ORDER BY (upload, row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
