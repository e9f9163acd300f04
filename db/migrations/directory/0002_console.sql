-- What the console adds: fields of HSDS, one row a listing to find it by,
-- what it was before, and what is not yet decided.

CREATE TABLE accessibility (
	id TEXT PRIMARY KEY,
	location_id TEXT REFERENCES location (id),
	description TEXT,
	details TEXT,
	url TEXT
) STRICT;
CREATE INDEX accessibility_location ON accessibility (location_id);

CREATE TABLE required_document (
	id TEXT PRIMARY KEY,
	service_id TEXT REFERENCES service (id),
	document TEXT,
	uri TEXT,
	x_position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX required_document_service ON required_document (service_id);

-- A listing by its id, written with it; and a new one that is a draft only,
-- of version 0.  Lists have ';' before, between and behind their members.
CREATE TABLE listing (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL,    -- grows with every change
	status TEXT NOT NULL,        -- active, inactive ..., or new
	country TEXT NOT NULL,
	kind TEXT NOT NULL,
	visibility TEXT NOT NULL,
	topics TEXT NOT NULL,
	places TEXT NOT NULL,
	languages TEXT NOT NULL,
	names TEXT NOT NULL,         -- JSON by language
	checked_ms INTEGER NOT NULL, -- 0: never
	changed_ms INTEGER NOT NULL
) STRICT;

-- Its words; rowid is listing.number.
CREATE VIRTUAL TABLE listing_text USING fts5 (names, texts, phones,
	tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');

-- Every change, as JSON of the flat listing.  A check leaves the version as it
-- is: nothing that people edit was changed.
CREATE TABLE history (
	id INTEGER PRIMARY KEY,
	listing TEXT NOT NULL,
	version INTEGER NOT NULL,
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,
	action TEXT NOT NULL,
	before TEXT,                 -- NULL: there was none
	after TEXT NOT NULL
) STRICT;
CREATE INDEX history_listing ON history (listing, version);

-- What somebody wants a listing to become.
CREATE TABLE draft (
	listing TEXT PRIMARY KEY,
	version INTEGER NOT NULL,    -- grows whenever it is saved
	base_version INTEGER NOT NULL, -- of the listing; 0: a new one
	state TEXT NOT NULL CHECK (state IN ('draft', 'submitted')),
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,           -- saved it
	who_id INTEGER NOT NULL,
	submitter TEXT NOT NULL,     -- asked for it to be approved
	submitter_id INTEGER NOT NULL,
	why TEXT NOT NULL,           -- it was sent back
	body TEXT NOT NULL           -- JSON of the flat listing
) STRICT;

ALTER TABLE edition ADD COLUMN who TEXT NOT NULL DEFAULT '';
-- the newest row of history that is in it
ALTER TABLE edition ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
