-- Who has set a word of their own.  A row is used again once it is empty:
-- empty rows are all zeros, because to delete one could leave copies.
CREATE TABLE decoy (
	id INTEGER PRIMARY KEY,
	day INTEGER NOT NULL        -- of the last use, ms; 0: an empty row
	    CHECK (day % 86400000 = 0),
	name BLOB NOT NULL,         -- keyed hash of the number, of no epoch
	word BLOB NOT NULL          -- keyed hash of number and word
) STRICT;
