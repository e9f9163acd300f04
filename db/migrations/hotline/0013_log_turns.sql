-- Turns of a round are one row of log_now, too, as they are of the inbox: to
-- put a row for each was a fourth of what a text costs.  An hour that is over
-- still goes on to log_past row by row.
DROP VIEW log;
ALTER TABLE log_now RENAME TO log_one;

CREATE TABLE log_now (
	id INTEGER PRIMARY KEY,     -- of its first turn; the others follow
	hour INTEGER NOT NULL CHECK (hour % 3600000 = 0),
	epoch INTEGER NOT NULL,
	edition INTEGER NOT NULL,
	people BLOB NOT NULL,       -- 16 bytes a turn: a pseudonym, or zeros
	turns TEXT NOT NULL         -- a line each, in JSON: [gateway, country,
	                            -- channel, lang, topic, place, node,
	                            -- listings, outcome, parts]
) STRICT;

INSERT INTO log_now (id, hour, epoch, edition, people, turns)
SELECT id, hour, epoch, edition,
	iif(length(person) = 16, person, zeroblob(16)),
	json_array(gateway, country, channel, lang, topic, place, node,
		listings, outcome, parts)
FROM log_one ORDER BY id;

DROP TABLE log_one;

-- To read what no tool of ours reads often.  Of JSON a view has json_each
-- alone: for the rest SQLite does not trust a schema.  The casts give both
-- halves one type, which spares it to sort log_past.
CREATE VIEW log AS
SELECT * FROM log_past WHERE id <=
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'mixed_turn')
UNION ALL
SELECT CAST(log_now.id + t.key AS INTEGER), hour, epoch,
	CAST(nullif(substr(people, t.key * 16 + 1, 16), zeroblob(16)) AS BLOB),
	CAST((SELECT value FROM json_each(t.value, '$[0]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[1]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[2]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[3]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[4]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[5]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[6]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[7]')) AS TEXT),
	CAST((SELECT value FROM json_each(t.value, '$[8]')) AS TEXT),
	edition,
	CAST((SELECT value FROM json_each(t.value, '$[9]')) AS INTEGER)
FROM log_now, json_each('[' || replace(turns, char(10), ',') || ']') AS t
WHERE log_now.id + t.key >
	(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'mixed_turn');
