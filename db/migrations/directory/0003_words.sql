-- Words that the console teaches: a keyword of a topic in a language.  The
-- approved ones are part of every edition from the next on.
CREATE TABLE word (
	id INTEGER PRIMARY KEY,
	lang TEXT NOT NULL,          -- as in content/lang: "uz@cyrillic"
	topic TEXT NOT NULL,
	word TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'rejected')),
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,           -- thought of it
	who_id INTEGER NOT NULL,
	decided_ms INTEGER NOT NULL, -- 0: not yet
	decider TEXT NOT NULL,
	UNIQUE (lang, word)
) STRICT;
