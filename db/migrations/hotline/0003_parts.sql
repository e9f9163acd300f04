-- Pieces of longer texts, the gateways' own ids for answers, priorities.

-- An hour: a piece waits here, sealed, for the others; then its row says, with
-- nothing left in it, that the piece was taken.
CREATE TABLE part (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	gateway TEXT NOT NULL,
	text_ref BLOB NOT NULL,     -- keyed hash: which text it belongs to
	part_ref BLOB NOT NULL,     -- keyed hash: which piece, with its bytes
	total INTEGER NOT NULL,
	number INTEGER NOT NULL,
	coding INTEGER NOT NULL,
	person BLOB,                -- pseudonym; NULL once taken
	sealed BLOB                 -- number and bytes; NULL once taken
) STRICT;

-- As long as the outbox row: under which ids the gateway reports on it.
CREATE TABLE out_name (
	id INTEGER PRIMARY KEY,
	out_id INTEGER NOT NULL,
	ref BLOB NOT NULL,          -- keyed hash of the gateway's message id
	delivered INTEGER NOT NULL
) STRICT;

-- The smaller goes first: 0 an answer, 1 what nobody waits for.
ALTER TABLE outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;

-- Tells our ids at a gateway from those of another data folder.
-- a letter in its midst: digits alone might be taken for a telephone number
INSERT INTO meta (key, value) VALUES ('tag',
	lower(substr(hex(randomblob(4)), 2)) ||
	substr('abcdef', 1 + abs(random() % 6), 1) ||
	lower(hex(randomblob(3))));
