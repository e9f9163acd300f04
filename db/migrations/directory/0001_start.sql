-- directory.db: HSDS 3.0 tables (names and columns of the standard), our own
-- columns begin with x_, our own tables come last.  Ids are UUIDs in text.

CREATE TABLE organization (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	alternate_name TEXT,
	description TEXT NOT NULL,
	email TEXT,
	website TEXT,
	year_incorporated INTEGER,
	legal_status TEXT,
	logo TEXT,
	uri TEXT,
	parent_organization_id TEXT REFERENCES organization (id),
	x_country TEXT,
	x_notes TEXT,
	x_source TEXT,
	x_source_year TEXT,
	x_seen TEXT,
	x_topics_basis TEXT
) STRICT;

CREATE TABLE organization_identifier (
	id TEXT PRIMARY KEY,
	organization_id TEXT NOT NULL REFERENCES organization (id),
	identifier_scheme TEXT,
	identifier_type TEXT NOT NULL,
	identifier TEXT NOT NULL,
	UNIQUE (identifier_type, identifier)
) STRICT;

CREATE TABLE service (
	id TEXT PRIMARY KEY,
	organization_id TEXT NOT NULL REFERENCES organization (id),
	program_id TEXT,
	name TEXT NOT NULL,
	alternate_name TEXT,
	description TEXT,
	url TEXT,
	email TEXT,
	status TEXT NOT NULL CHECK (status IN
	    ('active', 'inactive', 'defunct', 'temporarily closed')),
	interpretation_services TEXT,
	application_process TEXT,
	fees_description TEXT,
	accreditations TEXT,
	eligibility_description TEXT,
	minimum_age REAL,
	maximum_age REAL,
	assured_date TEXT,
	assurer_email TEXT,
	alert TEXT,
	last_modified TEXT,
	x_serves TEXT,               -- citizens of these countries only
	x_reachable_from TEXT,       -- where its short codes and free numbers work
	x_phone_as_printed TEXT      -- how the source prints its numbers
) STRICT;
CREATE INDEX service_organization ON service (organization_id);

CREATE TABLE location (
	id TEXT PRIMARY KEY,
	location_type TEXT NOT NULL CHECK (location_type IN
	    ('physical', 'postal', 'virtual')),
	url TEXT,
	organization_id TEXT REFERENCES organization (id),
	name TEXT,
	alternate_name TEXT,
	description TEXT,
	transportation TEXT,
	latitude REAL,
	longitude REAL,
	external_identifier TEXT,
	external_identifier_type TEXT
) STRICT;
CREATE INDEX location_organization ON location (organization_id);

CREATE TABLE service_at_location (
	id TEXT PRIMARY KEY,
	service_id TEXT NOT NULL REFERENCES service (id),
	location_id TEXT NOT NULL REFERENCES location (id),
	description TEXT
) STRICT;
CREATE INDEX service_at_location_service ON service_at_location (service_id);
CREATE INDEX service_at_location_location ON service_at_location (location_id);

CREATE TABLE phone (
	id TEXT PRIMARY KEY,
	location_id TEXT REFERENCES location (id),
	service_id TEXT REFERENCES service (id),
	organization_id TEXT REFERENCES organization (id),
	contact_id TEXT,
	service_at_location_id TEXT REFERENCES service_at_location (id),
	number TEXT NOT NULL,
	extension TEXT,              -- text: a number would lose its zeros
	type TEXT,
	description TEXT,
	x_e164 TEXT,                 -- NULL for a short code
	x_short_code INTEGER NOT NULL DEFAULT 0,
	x_position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX phone_service ON phone (service_id);

CREATE TABLE address (
	id TEXT PRIMARY KEY,
	location_id TEXT REFERENCES location (id),
	attention TEXT,
	address_1 TEXT NOT NULL,
	address_2 TEXT,
	city TEXT NOT NULL,
	region TEXT,
	state_province TEXT NOT NULL,
	postal_code TEXT NOT NULL,
	country TEXT NOT NULL,
	address_type TEXT NOT NULL CHECK (address_type IN
	    ('physical', 'postal', 'virtual'))
) STRICT;
CREATE INDEX address_location ON address (location_id);

CREATE TABLE schedule (
	id TEXT PRIMARY KEY,
	service_id TEXT REFERENCES service (id),
	location_id TEXT REFERENCES location (id),
	service_at_location_id TEXT REFERENCES service_at_location (id),
	valid_from TEXT,
	valid_to TEXT,
	dtstart TEXT,
	timezone TEXT,
	until TEXT,
	count INTEGER,
	wkst TEXT,
	freq TEXT,
	interval INTEGER,
	byday TEXT,
	byweekno TEXT,
	bymonthday TEXT,
	byyearday TEXT,
	description TEXT,
	opens_at TEXT,
	closes_at TEXT,
	schedule_link TEXT,
	attending_type TEXT,
	notes TEXT
) STRICT;
CREATE INDEX schedule_service ON schedule (service_id);

CREATE TABLE language (
	id TEXT PRIMARY KEY,
	service_id TEXT REFERENCES service (id),
	location_id TEXT REFERENCES location (id),
	phone_id TEXT REFERENCES phone (id),
	name TEXT,
	code TEXT,
	note TEXT,
	x_position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX language_service ON language (service_id);

CREATE TABLE service_area (
	id TEXT PRIMARY KEY,
	service_id TEXT REFERENCES service (id),
	name TEXT,
	description TEXT,
	extent TEXT,
	extent_type TEXT,
	uri TEXT,
	x_position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX service_area_service ON service_area (service_id);

CREATE TABLE taxonomy (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	description TEXT NOT NULL,
	uri TEXT,
	version TEXT
) STRICT;

CREATE TABLE taxonomy_term (
	id TEXT PRIMARY KEY,
	code TEXT,
	name TEXT NOT NULL,
	description TEXT NOT NULL,
	parent_id TEXT REFERENCES taxonomy_term (id),
	taxonomy TEXT,
	language TEXT,
	taxonomy_id TEXT REFERENCES taxonomy (id),
	term_uri TEXT
) STRICT;
CREATE INDEX taxonomy_term_taxonomy ON taxonomy_term (taxonomy_id);

CREATE TABLE attribute (
	id TEXT PRIMARY KEY,
	link_id TEXT NOT NULL,
	taxonomy_term_id TEXT NOT NULL REFERENCES taxonomy_term (id),
	link_type TEXT,
	link_entity TEXT NOT NULL,
	value TEXT,
	x_position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX attribute_link ON attribute (link_id);

-- Ours.

CREATE TABLE translation (
	id TEXT PRIMARY KEY,
	link_entity TEXT NOT NULL,
	link_id TEXT NOT NULL,
	field TEXT NOT NULL,
	language TEXT NOT NULL,      -- BCP 47
	value TEXT NOT NULL,
	UNIQUE (link_id, field, language)
) STRICT;

-- Who may see a listing.
CREATE TABLE visibility (
	id TEXT PRIMARY KEY,
	link_entity TEXT NOT NULL,
	link_id TEXT NOT NULL UNIQUE,
	listing TEXT NOT NULL
) STRICT;

-- Who checked a listing, and when.  A check is of the contacts as they were:
-- when these change, it no longer counts.
CREATE TABLE verification (
	id INTEGER PRIMARY KEY,
	link_entity TEXT NOT NULL,
	link_id TEXT NOT NULL,
	at_ms INTEGER NOT NULL,
	how TEXT NOT NULL,
	who TEXT NOT NULL,
	counts INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX verification_link ON verification (link_id);

-- Published editions; the last row is the current one, and rolling back
-- publishes an older number again.
CREATE TABLE edition (
	id INTEGER PRIMARY KEY,
	number INTEGER NOT NULL,
	at_ms INTEGER NOT NULL,
	listings INTEGER NOT NULL,
	note TEXT NOT NULL
) STRICT;
