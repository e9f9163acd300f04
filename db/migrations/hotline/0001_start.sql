-- hotline.db: what came in, what goes out, what reports may know.
-- Ids of inbox, log and outbox are given by the program and only grow.  There
-- is no index on any random value: it would cost ten times the row itself.

CREATE TABLE meta (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- 24 hours: what a repeat of the gateway or a restart needs.
CREATE TABLE inbox (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	gateway TEXT NOT NULL,
	ref BLOB NOT NULL,          -- keyed hash of the gateway's message id
	person BLOB,                -- pseudonym; NULL once forgotten
	epoch INTEGER NOT NULL,
	s_node TEXT NOT NULL,       -- the session after the turn, by names
	s_menu TEXT NOT NULL,
	s_topic TEXT NOT NULL,
	s_place TEXT NOT NULL,
	s_choices TEXT NOT NULL,
	s_lang TEXT NOT NULL,
	s_chosen INTEGER NOT NULL,
	s_stopped INTEGER NOT NULL,
	s_page INTEGER NOT NULL
) STRICT;

-- Append-only, 180 days: no number, no text, nothing finer than the hour.
CREATE TABLE log (
	id INTEGER PRIMARY KEY,     -- the same as the inbox row's
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

CREATE TABLE outbox (
	id INTEGER PRIMARY KEY,
	turn_id INTEGER NOT NULL,   -- inbox row, 0 none
	at_ms INTEGER NOT NULL,
	next_ms INTEGER NOT NULL,
	expires_ms INTEGER NOT NULL,
	gateway TEXT NOT NULL,
	person BLOB,                -- NULL once wiped
	sealed BLOB,                -- number and text under the vault key, or NULL
	parts INTEGER NOT NULL,
	tries INTEGER NOT NULL,
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4)
) STRICT;
