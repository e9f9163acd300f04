-- console.db: who uses the console, and what they did there.

CREATE TABLE user (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE COLLATE NOCASE,
	roles INTEGER NOT NULL,     -- bits: administrator, operator, approver, reviewer
	orgs TEXT NOT NULL,         -- scope: lists with ';', empty for all
	topics TEXT NOT NULL,
	countries TEXT NOT NULL,
	lang TEXT NOT NULL,         -- of the pages; empty until chosen
	locked INTEGER NOT NULL CHECK (locked IN (0, 1)),
	password TEXT NOT NULL,     -- argon2id with its salt; empty until the invitation is taken
	totp BLOB NOT NULL,         -- sealed under console.key
	totp_step INTEGER NOT NULL, -- the last one used: a code works once
	recovery BLOB NOT NULL,     -- keyed hashes of those not yet used
	made_ms INTEGER NOT NULL,
	seen_ms INTEGER NOT NULL    -- day of the last login
) STRICT;

CREATE TABLE session (
	token BLOB PRIMARY KEY,     -- its hash: the token itself is nowhere
	user_id INTEGER NOT NULL REFERENCES user (id),
	began_ms INTEGER NOT NULL,
	used_ms INTEGER NOT NULL    -- to the minute
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user_id);

CREATE TABLE invite (
	user_id INTEGER PRIMARY KEY REFERENCES user (id), -- one at a time
	token BLOB NOT NULL UNIQUE, -- its hash
	until_ms INTEGER NOT NULL,
	totp BLOB NOT NULL          -- sealed, once the link was opened
) STRICT;

-- A chain: each row's hash covers the row and the hash before it.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	who TEXT NOT NULL,
	action TEXT NOT NULL,
	hash BLOB NOT NULL
) STRICT;

CREATE TABLE job (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
	result TEXT NOT NULL,       -- JSON, or why it failed
	began_ms INTEGER NOT NULL
) STRICT;
