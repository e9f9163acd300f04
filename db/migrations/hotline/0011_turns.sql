-- Turns of a round are one row, too: 16 bytes of refs and of people for each,
-- and their sessions a line each.  A row of before is one of a single turn.
ALTER TABLE inbox RENAME COLUMN ref TO refs;
ALTER TABLE inbox RENAME COLUMN person TO people;
ALTER TABLE inbox RENAME COLUMN session TO sessions;
