-- feed_delivery and feed_event hold what it held.
DROP TABLE IF EXISTS feed_minute;
