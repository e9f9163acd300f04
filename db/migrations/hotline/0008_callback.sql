-- Who asked to be called.  A row is used again once it is empty, and none
-- grows: to move rows about could leave copies of what is forgotten.
CREATE TABLE callback (
	slot INTEGER PRIMARY KEY,
	id INTEGER NOT NULL,        -- for operators: random; 0: an empty row
	until_ms INTEGER NOT NULL,  -- its end; 0: an empty row
	name BLOB NOT NULL,         -- keyed hash of the number, of no epoch
	sealed BLOB NOT NULL        -- number, wishes and state: one length
) STRICT;
