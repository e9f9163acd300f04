-- Texts that found no answer, and what administrators did.

-- Seven days.  Of nobody: no pseudonym, no hour, and an id that is random
-- within its day, so that neither it nor the place in the file says when.
CREATE TABLE unmatched (
	id INTEGER PRIMARY KEY,
	day INTEGER NOT NULL CHECK (day % 86400000 = 0),
	country TEXT NOT NULL,
	lang TEXT NOT NULL,
	sealed BLOB NOT NULL        -- to the reviewers' public key
) STRICT;

-- Two years, append-only: never a number, a text or a pseudonym.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,
	action TEXT NOT NULL,
	hash BLOB NOT NULL          -- of this row and the hash before it
) STRICT;
