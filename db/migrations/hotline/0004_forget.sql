-- Who is being taken out of the older rows, slice by slice; gone when done.
-- Only rows from before the request are meant: a person may write again.
CREATE TABLE forget (
	id INTEGER PRIMARY KEY,
	name BLOB NOT NULL,         -- a pseudonym
	last_turn INTEGER NOT NULL, -- newest ids that are meant
	last_out INTEGER NOT NULL
) STRICT;
