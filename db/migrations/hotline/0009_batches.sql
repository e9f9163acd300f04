-- Answers that a round puts for one gateway are one row, a batch: to put them,
-- and to say that they were sent, is to cost little.
CREATE TABLE outbox_now (
	id INTEGER PRIMARY KEY,     -- of its first answer; the others follow
	at_ms INTEGER NOT NULL,
	expires_ms INTEGER NOT NULL,
	gateway TEXT NOT NULL,
	states BLOB NOT NULL,       -- a byte an answer: enum db_out_state
	people BLOB,                -- 16 bytes an answer: a pseudonym, or zeros
	sealed BLOB                 -- one answer behind the other: parts,
	                            -- priority, length in two bytes, and the
	                            -- seal, or zeros; both are NULL once no
	                            -- answer is queued
) STRICT;

WITH b (bytes) AS (SELECT CAST(
	x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f' ||
	x'202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f' ||
	x'404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f' ||
	x'606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f' ||
	x'808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f' ||
	x'a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf' ||
	x'c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf' ||
	x'e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff' AS BLOB))
INSERT INTO outbox_now (id, at_ms, expires_ms, gateway, states, people, sealed)
SELECT id, at_ms, expires_ms, gateway, substr(bytes, state + 1, 1),
	iif(state = 0, iif(length(person) = 16, person, zeroblob(16)), NULL),
	iif(state = 0, CAST(substr(bytes, min(parts, 255) + 1, 1)
		|| substr(bytes, priority + 1, 1)
		|| substr(bytes, length(sealed) % 256 + 1, 1)
		|| substr(bytes, length(sealed) / 256 + 1, 1)
		|| sealed AS BLOB), NULL)
FROM outbox, b WHERE state > 0 OR length(sealed) < 65536 ORDER BY id;

DROP TABLE outbox;
ALTER TABLE outbox_now RENAME TO outbox;
