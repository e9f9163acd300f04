-- A person may ask for Latin letters; part of the session after the turn.
ALTER TABLE inbox ADD COLUMN s_latin INTEGER NOT NULL DEFAULT 0;
