-- All listings by name, read from an index alone.
ALTER TABLE listing ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE listing SET name = ifnull(json_extract(names, '$.en'), '');
CREATE INDEX listing_name ON listing (name, id, country, topics, places,
	languages, visibility, status, checked_ms);
