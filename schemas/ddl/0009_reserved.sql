-- Number of another branch's migration. This file goes when the branches meet.
DROP VIEW IF EXISTS reserved_0009;
