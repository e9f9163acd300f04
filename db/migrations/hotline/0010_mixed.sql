-- The order of the log's rows would tell who wrote just before whom.  Rows come
-- into log_now; an hour that is over goes on to log_past in random order.
ALTER TABLE log RENAME TO log_now;

CREATE TABLE log_past (
	id INTEGER PRIMARY KEY,     -- random within its hour
	hour INTEGER NOT NULL CHECK (hour % 3600000 = 0),
	epoch INTEGER NOT NULL,
	person BLOB,                -- pseudonym; NULL when not linked
	gateway TEXT NOT NULL,
	country TEXT NOT NULL,
	channel TEXT NOT NULL,
	lang TEXT NOT NULL,
	topic TEXT NOT NULL,
	place TEXT NOT NULL,
	node TEXT NOT NULL,
	listings TEXT NOT NULL,     -- ids, a space between them
	outcome TEXT NOT NULL,
	edition INTEGER NOT NULL,
	parts INTEGER NOT NULL
) STRICT;

-- Ids up to this one are log_past's, behind it log_now's: an hour that is half
-- moved is still read where it was.
INSERT INTO meta (key, value) VALUES ('mixed_turn', '0');

CREATE VIEW log AS
SELECT * FROM log_past WHERE id <=
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'mixed_turn')
UNION ALL
SELECT * FROM log_now WHERE id >
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'mixed_turn');
