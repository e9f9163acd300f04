-- What the reports count: how often, never who.  A row of the log counts once,
-- when its hour is over; then it may go, these stay.

-- Names of gateways, topics, places, listings and so on, once each.
CREATE TABLE rollup_name (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

-- Requests of a day, by what the log knows of them: ids of names.
CREATE TABLE rollup (
	day INTEGER NOT NULL,       -- since 1970
	channel INTEGER NOT NULL,
	gateway INTEGER NOT NULL,
	country INTEGER NOT NULL,
	lang INTEGER NOT NULL,
	topic INTEGER NOT NULL,
	place INTEGER NOT NULL,
	outcome INTEGER NOT NULL,
	count INTEGER NOT NULL,
	parts INTEGER NOT NULL,
	PRIMARY KEY (day, channel, gateway, country, lang, topic, place,
	    outcome)
) STRICT, WITHOUT ROWID;

-- How often a listing was given out.
CREATE TABLE rollup_listing (
	day INTEGER NOT NULL,
	listing INTEGER NOT NULL,
	topic INTEGER NOT NULL,
	country INTEGER NOT NULL,
	lang INTEGER NOT NULL,
	channel INTEGER NOT NULL,
	count INTEGER NOT NULL,
	PRIMARY KEY (day, listing, topic, country, lang, channel)
) STRICT, WITHOUT ROWID;

-- Requests of a day in all: a reader sees by it which days have changed.
CREATE TABLE rollup_day (
	day INTEGER PRIMARY KEY,
	count INTEGER NOT NULL
) STRICT;

-- Rows of log_past up to this id are counted.
INSERT INTO meta (key, value) VALUES ('rolled_turn', '0');
