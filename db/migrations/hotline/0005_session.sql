-- The session after a turn is one text, and what the log says is not said
-- twice: a turn is to cost little.
CREATE TABLE inbox_now (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	ref BLOB NOT NULL,          -- keyed hash of the gateway's message id
	person BLOB,                -- pseudonym; NULL: of nobody
	session TEXT NOT NULL       -- by names, so that any edition can read it
) STRICT;

INSERT INTO inbox_now (id, at_ms, ref, person, session)
SELECT id, at_ms, ref, person, s_node || ' ' || s_menu || ' ' || s_topic
	|| ' ' || s_place || ' ' || replace(s_choices, ' ', ',') || ' '
	|| s_lang || ' ' || s_chosen || s_stopped || s_latin || ' ' || s_page
FROM inbox ORDER BY id;

DROP TABLE inbox;
ALTER TABLE inbox_now RENAME TO inbox;
