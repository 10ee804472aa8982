-- Scenes as people edited them in the browser, over those of files. Nothing is changed or taken away: each row is one
-- version, and the newest is in force. The insert names the scene and the version as its deduplication token: of two
-- processes that write the same version one is heard, and both read which.
CREATE TABLE IF NOT EXISTS scene_version
(
    scene    LowCardinality(String),
    version  UInt32,                 -- from 1
    centre   LowCardinality(String), -- whose scene it is; empty: the whole province's
    document String,                 -- YAML as in a file of --scene-dir; of a removed one empty
    removed  Bool,                   -- the scene of the files is in force again
    why      String,
    by       LowCardinality(String),
    at       DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (scene, version)
SETTINGS non_replicated_deduplication_window = 10000;
