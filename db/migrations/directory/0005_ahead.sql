-- A check that lies more than a day ahead is a slip of the keyboard, and does
-- not count.  A clock that says less than the day of this file is wrong: no
-- check from before that day is voided by it.
UPDATE verification SET counts = 0
	WHERE at_ms > (max(unixepoch(), 1795305600) + 86400) * 1000;
UPDATE service SET assured_date = (SELECT date(max(at_ms) / 1000, 'unixepoch')
	FROM verification WHERE link_id = organization_id AND counts = 1)
	WHERE assured_date > date(max(unixepoch(), 1795305600) + 86400,
		'unixepoch');
UPDATE listing SET checked_ms = ifnull((SELECT max(at_ms) FROM verification
	JOIN organization_identifier i ON i.organization_id = link_id
	WHERE i.identifier_type = 'listing' AND i.identifier = listing.id
	AND counts = 1), 0)
	WHERE checked_ms > (max(unixepoch(), 1795305600) + 86400) * 1000;
