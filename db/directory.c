/* directory.c - directory.db: opening, rounds, reading, checks, editions. */
#include "db/directory.h"

#include <stdlib.h>

#include "db/directory_json.h"
#include "db/directory_sql.h"
#include "db/uuid.h"

enum { BUSY_MS = 2000 /* safarctl and safard share the file */ };

/* A list in one field: a row of table for each member. */
#define LIST(member, table, where)                                             \
	"(SELECT group_concat(m, ';') FROM (SELECT " member                    \
	" AS m FROM " table " WHERE " where " ORDER BY x_position))"
#define TERMS(link)                                                            \
	LIST("t.name",                                                         \
	    "attribute a JOIN taxonomy_term t ON t.id = a.taxonomy_term_id",   \
	    "a.link_id = " link)
#define IN(lang, field)                                                        \
	"(SELECT value FROM translation WHERE link_id = o.id AND field = "     \
	"'" field "' AND language = '" lang "')"
#define AREAS LIST("extent", "service_area", "service_id = s.id")
#define PHONES LIST("x_e164", "phone", "service_id = s.id AND x_short_code = 0")
/* members may be empty; no ';' at the end */
#define PHONES_OF                                                              \
	"rtrim(" LIST("ifnull(description, '')", "phone",                      \
	    "service_id = s.id AND x_short_code = 0") ", ';')"
#define CODES LIST("number", "phone", "service_id = s.id AND x_short_code = 1")
#define LANGUAGES LIST("code", "language", "service_id = s.id")
#define ADDRESS "(SELECT address_1 FROM address WHERE location_id = l.id)"
#define HOURS "(SELECT description FROM schedule WHERE service_id = s.id)"
#define ACCESS                                                                 \
	"(SELECT description FROM accessibility WHERE location_id = l.id)"
#define DOCUMENTS LIST("document", "required_document", "service_id = s.id")
#define STATUS "CASE s.status WHEN 'active' THEN '' ELSE s.status END"
#define CHECKED                                                                \
	"(SELECT max(at_ms) FROM verification"                                 \
	" WHERE link_id = o.id AND counts = 1)"
#define C ", "
/* A listing laid flat: the fields of directory_fields.def in their order. */
#define SELECT_ROWS                                                            \
	"SELECT i.identifier, o.name, o.x_country, " AREAS C TERMS("s.id")     \
	    C TERMS("o.id") C "v.listing, " IN("ru", "name") C PHONES C        \
	    "s.x_phone_as_printed, " CODES C                                   \
	    "o.email, o.website, " ADDRESS C HOURS C LANGUAGES C               \
	    "s.x_reachable_from, s.x_serves, o.description,"                   \
	    " o.x_source, o.x_source_year, o.x_seen, o.x_topics_basis,"        \
	    " o.x_notes, " IN("ky", "name") C IN("tg", "name")                 \
		C IN("uz", "name") C IN("uz-Cyrl", "name") C IN("kk", "name")  \
		    C IN("ru", "description") C IN("ky", "description")        \
			C IN("tg", "description") C IN("uz", "description")    \
			    C IN("uz-Cyrl", "description")                     \
				C IN("kk", "description") C PHONES_OF C        \
	    "s.eligibility_description, s.fees_description,"                   \
	    " s.application_process, s.interpretation_services, " ACCESS C     \
		DOCUMENTS C STATUS C CHECKED " FROM organization_identifier i" \
	    " JOIN organization o ON o.id = i.organization_id"                 \
	    " JOIN service s ON s.organization_id = o.id"                      \
	    " JOIN service_at_location sl ON sl.service_id = s.id"             \
	    " JOIN location l ON l.id = sl.location_id"                        \
	    " JOIN visibility v ON v.link_id = o.id"                           \
	    " WHERE i.identifier_type = 'listing'"

/* Milliseconds as HSDS writes a moment. */
#define MOMENT(ms)                                                             \
	"strftime('%Y-%m-%dT%H:%M:%fZ', " ms " / 1000.0, 'unixepoch')"
#define DRAFT_COLUMNS                                                          \
	"listing, version, base_version, state, at_ms, who, who_id,"           \
	" submitter, submitter_id, why, body"
/* What people look for; an empty value takes all.  topic, place and language
 * come with a ';' on both sides. */
#define FIND_SELECT "SELECT l.number, l.id, l.country, l.topics, l.places"
#define FIND_WHERE                                                             \
	" WHERE (?1 = '' OR instr(l.topics, ?1) > 0)"                          \
	" AND (?2 = '' OR instr(l.languages, ?2) > 0)"                         \
	" AND (?3 = '' OR l.visibility = ?3)"                                  \
	" AND (?4 = '' OR l.status = ?4)"                                      \
	" AND (?5 = '' OR l.id IN (SELECT listing FROM draft"                  \
	" WHERE state = ?5))"                                                  \
	" AND l.checked_ms BETWEEN ?6 AND ?7"

#define WORD_SELECT                                                            \
	"SELECT id, lang, topic, word, state, at_ms, who, who_id, decided_ms," \
	" decider FROM word"

static const char *const dir_sql[DIR_COUNT] = {
	[DIR_BEGIN] = "BEGIN IMMEDIATE",
	[DIR_COMMIT] = "COMMIT",
	[DIR_ROLLBACK] = "ROLLBACK",
	[DIR_SAVE] = "SAVEPOINT change",
	[DIR_RELEASE] = "RELEASE change",
	[DIR_BACK] = "ROLLBACK TO change",
	[DIR_EACH] = SELECT_ROWS " AND s.status = 'active'"
				 " ORDER BY i.identifier",
	[DIR_ONE] = SELECT_ROWS " AND i.identifier = ?1",
	[DIR_PUT_ORGANIZATION] =
	    "INSERT INTO organization (id, name, description, email, website,"
	    " x_country, x_notes, x_source, x_source_year, x_seen,"
	    " x_topics_basis)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
	    " ON CONFLICT (id) DO UPDATE SET name = ?2, description = ?3,"
	    " email = ?4, website = ?5, x_country = ?6, x_notes = ?7,"
	    " x_source = ?8, x_source_year = ?9, x_seen = ?10,"
	    " x_topics_basis = ?11",
	[DIR_PUT_IDENTIFIER] =
	    "INSERT INTO organization_identifier (id, organization_id,"
	    " identifier_scheme, identifier_type, identifier)"
	    " VALUES (?1, ?2, 'safar', 'listing', ?3)"
	    " ON CONFLICT (id) DO NOTHING",
	[DIR_PUT_SERVICE] =
	    "INSERT INTO service (id, organization_id, name, description,"
	    " status, x_serves, x_reachable_from, x_phone_as_printed,"
	    " eligibility_description, fees_description, application_process,"
	    " interpretation_services, last_modified)"
	    " VALUES (?1, ?2, ?3, ?4, ?8, ?5, ?6, ?7, ?9, ?10, ?11, "
	    "?12, " MOMENT(
		"?13") ")"
		       " ON CONFLICT (id) DO UPDATE SET name = ?3, description "
		       "= ?4,"
		       " status = ?8, x_serves = ?5, x_reachable_from = ?6,"
		       " x_phone_as_printed = ?7, eligibility_description = ?9,"
		       " fees_description = ?10, application_process = ?11,"
		       " interpretation_services = ?12, last_modified "
		       "= " MOMENT("?13"),
	[DIR_PUT_LOCATION] =
	    "INSERT INTO location (id, organization_id, location_type, name)"
	    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET"
	    " location_type = ?3, name = ?4",
	[DIR_PUT_PLACE] =
	    "INSERT INTO service_at_location (id, service_id, location_id)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
	/* the parts of an address are not known, only the whole */
	[DIR_PUT_ADDRESS] =
	    "INSERT INTO address (id, location_id, address_1, city,"
	    " state_province, postal_code, country, address_type)"
	    " VALUES (?1, ?2, ?3, '', '', '', upper(?4), 'physical')"
	    " ON CONFLICT (id) DO UPDATE SET address_1 = ?3,"
	    " country = upper(?4)",
	[DIR_CUT_ADDRESS] = "DELETE FROM address WHERE id = ?1",
	[DIR_PUT_SCHEDULE] =
	    "INSERT INTO schedule (id, service_id, description)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
	    " description = ?3",
	[DIR_CUT_SCHEDULE] = "DELETE FROM schedule WHERE id = ?1",
	[DIR_PUT_PHONE] =
	    "INSERT INTO phone (id, service_id, x_position, number, type,"
	    " x_e164, x_short_code, description) VALUES (?1, ?2, ?3, ?4,"
	    " 'voice', CASE ?5 WHEN 0 THEN ?4 END, ?5, ?6)"
	    " ON CONFLICT (id) DO UPDATE SET number = ?4,"
	    " x_e164 = CASE ?5 WHEN 0 THEN ?4 END, x_short_code = ?5,"
	    " description = ?6",
	[DIR_CUT_PHONE] =
	    "DELETE FROM phone WHERE service_id = ?1 AND x_position >= ?2",
	[DIR_PUT_LANGUAGE] =
	    "INSERT INTO language (id, service_id, x_position, name, code)"
	    " VALUES (?1, ?2, ?3, ?4, ?4)"
	    " ON CONFLICT (id) DO UPDATE SET name = ?4, code = ?4",
	[DIR_CUT_LANGUAGE] =
	    "DELETE FROM language WHERE service_id = ?1 AND x_position >= ?2",
	[DIR_PUT_AREA] =
	    "INSERT INTO service_area (id, service_id, x_position, name,"
	    " extent, extent_type) VALUES (?1, ?2, ?3, ?4, ?4, 'text')"
	    " ON CONFLICT (id) DO UPDATE SET name = ?4, extent = ?4",
	[DIR_CUT_AREA] = "DELETE FROM service_area"
			 " WHERE service_id = ?1 AND x_position >= ?2",
	[DIR_PUT_TAXONOMY] = "INSERT INTO taxonomy (id, name, description)"
			     " VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
	[DIR_PUT_TERM] =
	    "INSERT INTO taxonomy_term (id, taxonomy_id, taxonomy, code, name,"
	    " description) VALUES (?1, ?2, ?3, ?4, ?4, '')"
	    " ON CONFLICT (id) DO NOTHING",
	[DIR_PUT_ATTRIBUTE] =
	    "INSERT INTO attribute (id, link_id, x_position, link_entity,"
	    " taxonomy_term_id) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT (id) DO UPDATE SET taxonomy_term_id = ?5",
	[DIR_CUT_ATTRIBUTE] =
	    "DELETE FROM attribute WHERE link_id = ?1 AND x_position >= ?2",
	[DIR_PUT_TRANSLATION] =
	    "INSERT INTO translation (id, link_entity, link_id, field,"
	    " language, value) VALUES (?1, 'organization', ?2, ?4, ?5,"
	    " ?3) ON CONFLICT (id) DO UPDATE SET value = ?3",
	[DIR_PUT_ACCESS] =
	    "INSERT INTO accessibility (id, location_id, description)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET"
	    " description = ?3",
	[DIR_CUT_ACCESS] = "DELETE FROM accessibility WHERE id = ?1",
	[DIR_PUT_DOCUMENT] =
	    "INSERT INTO required_document (id, service_id, x_position,"
	    " document) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (id) DO UPDATE SET document = ?4",
	[DIR_CUT_DOCUMENT] = "DELETE FROM required_document"
			     " WHERE service_id = ?1 AND x_position >= ?2",
	[DIR_CUT_TRANSLATION] = "DELETE FROM translation WHERE id = ?1",
	[DIR_PUT_VISIBILITY] =
	    "INSERT INTO visibility (id, link_entity, link_id, listing)"
	    " VALUES (?1, 'organization', ?2, ?3)"
	    " ON CONFLICT (id) DO UPDATE SET listing = ?3",
	[DIR_PUT_CHECK] = "INSERT INTO verification (link_entity, link_id,"
			  " at_ms, how, who)"
			  " VALUES ('organization', ?1, ?2, ?3, ?4)",
	[DIR_VOID_CHECKS] =
	    "UPDATE verification SET counts = 0 WHERE link_id = ?1",
	/* HSDS has a day; 0 ms, a check that no longer counts, has none */
	[DIR_SET_ASSURED] =
	    "UPDATE service SET assured_date = CASE WHEN ?2 > 0 THEN"
	    " date(?2 / 1000, 'unixepoch') END, last_modified ="
	    " max(ifnull(last_modified, ''), " MOMENT("?2") ") WHERE id = ?1",
	[DIR_PUT_EDITION] =
	    "INSERT INTO edition (number, at_ms, listings, note, who, change)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[DIR_EDITION_NOW] =
	    "SELECT number FROM edition ORDER BY id DESC LIMIT 1",
	[DIR_EDITIONS] = "SELECT number, at_ms, listings, note, who, change"
			 " FROM edition ORDER BY id DESC",
	[DIR_EDITION_CHANGE] = "SELECT change FROM edition WHERE number = ?1"
			       " ORDER BY id LIMIT 1",
	[DIR_CHANGE_NOW] = "SELECT max(id) FROM history",
	[DIR_CHANGED_SINCE] =
	    "SELECT count(DISTINCT listing) FROM history WHERE id > ?1",
	[DIR_VERSION_OF] = "SELECT version FROM listing WHERE id = ?1",
	[DIR_UNLISTED] =
	    SELECT_ROWS " AND i.identifier NOT IN (SELECT id FROM listing)"
			" ORDER BY i.identifier LIMIT 1",
	[DIR_LIST] =
	    "INSERT INTO listing (id, version, status, country, kind,"
	    " visibility, topics, places, languages, names, checked_ms,"
	    " changed_ms, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	    " ?10, ?11, ?12, ?13) ON CONFLICT (id) DO UPDATE SET version = ?2,"
	    " status = ?3, country = ?4, kind = ?5, visibility = ?6,"
	    " topics = ?7, places = ?8, languages = ?9, names = ?10,"
	    " checked_ms = ?11, changed_ms = ?12, name = ?13",
	[DIR_UNLIST] = "DELETE FROM listing WHERE id = ?1",
	[DIR_LIST_CHECKED] = "UPDATE listing SET checked_ms ="
			     " max(checked_ms, ?2) WHERE id = ?1",
	[DIR_NUMBER_OF] = "SELECT number FROM listing WHERE id = ?1",
	[DIR_PUT_TEXT] =
	    "INSERT INTO listing_text (rowid, names, texts, phones)"
	    " VALUES (?1, ?2, ?3, ?4)",
	[DIR_CUT_TEXT] = "DELETE FROM listing_text WHERE rowid = ?1",
	[DIR_PUT_HISTORY] =
	    "INSERT INTO history (listing, version, at_ms, who, action,"
	    " before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[DIR_HISTORY] =
	    "SELECT version, at_ms, who, action, before, after FROM history"
	    " WHERE listing = ?1 ORDER BY id DESC LIMIT ?2",
	/* of rows with one version all have the same fields; what was there
	 * before there was a history is in its first row */
	[DIR_HISTORY_AT] =
	    "SELECT after FROM history WHERE listing = ?1 AND version = ?2"
	    " UNION ALL SELECT before FROM history WHERE listing = ?1"
	    " AND version = ?2 + 1 AND before IS NOT NULL LIMIT 1",
	[DIR_CHECKS] = "SELECT at_ms, how, who, counts FROM verification"
		       " WHERE link_id = ?1 ORDER BY at_ms DESC, id DESC"
		       " LIMIT ?2",
	[DIR_DRAFT] = "SELECT " DRAFT_COLUMNS " FROM draft"
		      " WHERE listing = ?1",
	[DIR_DRAFTS] = "SELECT " DRAFT_COLUMNS " FROM draft"
		       " ORDER BY at_ms DESC, listing",
	[DIR_PUT_DRAFT] =
	    "INSERT INTO draft (" DRAFT_COLUMNS ") VALUES (?1, ?2, ?3, ?4,"
	    " ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (listing) DO UPDATE"
	    " SET version = ?2, base_version = ?3, state = ?4, at_ms = ?5,"
	    " who = ?6, who_id = ?7, submitter = ?8, submitter_id = ?9,"
	    " why = ?10, body = ?11",
	[DIR_CUT_DRAFT] = "DELETE FROM draft WHERE listing = ?1",
	[DIR_FIND_ALL] =
	    FIND_SELECT " FROM listing l" FIND_WHERE " ORDER BY l.name, l.id",
	[DIR_FIND_OLD] = FIND_SELECT " FROM listing l" FIND_WHERE
				     " ORDER BY l.checked_ms, l.id",
	[DIR_FIND_TEXT] = FIND_SELECT
	" FROM listing_text JOIN listing l ON l.number = "
	"listing_text.rowid" FIND_WHERE " AND listing_text MATCH ?8"
	" ORDER BY bm25(listing_text, 10.0, 1.0, 10.0), l.id",
	[DIR_FIND_ONE] =
	    "SELECT l.id, l.names, l.country, l.places, l.topics, l.kind,"
	    " l.visibility, l.status, l.checked_ms, l.changed_ms, l.version,"
	    " d.state, d.who, d.at_ms"
	    " FROM listing l LEFT JOIN draft d ON d.listing = l.id"
	    " WHERE l.number = ?1",
	[DIR_PUT_WORD] =
	    "INSERT INTO word (lang, topic, word, state, at_ms, who, who_id,"
	    " decided_ms, decider) VALUES (?1, ?2, ?3, 'draft', ?4, ?5, ?6, 0,"
	    " '') ON CONFLICT (lang, word) DO UPDATE SET topic = ?2,"
	    " state = 'draft', at_ms = ?4, who = ?5, who_id = ?6,"
	    " decided_ms = 0, decider = '' WHERE state = 'rejected'",
	[DIR_WORD_ID] = "SELECT id FROM word WHERE lang = ?1 AND word = ?2",
	[DIR_WORD] = WORD_SELECT " WHERE id = ?1",
	[DIR_WORDS] = WORD_SELECT " ORDER BY at_ms DESC, id DESC",
	[DIR_WORDS_TAUGHT] = WORD_SELECT " WHERE state = 'approved'"
					 " ORDER BY lang, topic, word",
	[DIR_DECIDE_WORD] = "UPDATE word SET state = ?2, decided_ms = ?3,"
			    " decider = ?4 WHERE id = ?1 AND state <> ?2",
	[DIR_VERSION] = "PRAGMA data_version",
};

#undef LIST
const struct directory_field directory_fields[DIRECTORY_FIELDS] = {
#define TEXT(name) { #name, offsetof(struct directory_row, name), false },
#define LIST(name) { #name, offsetof(struct directory_row, name), true },
#include "db/directory_fields.def"
};

/* Rounds. */

int
directory_run(struct directory *d, enum dir_stmt which)
{
	int rc;

	if (d->round_rc < 0)
		return d->round_rc;
	rc = sql_run(d->stmts[which]);
	if (rc < 0 && d->round && sqlite3_get_autocommit(d->sq))
		d->round_rc = rc;
	return rc;
}

int
directory_begin(struct directory *d)
{
	int rc;

	ASSERT(!d->round);
	rc = directory_run(d, DIR_BEGIN);
	if (rc == 0)
		d->round = true;
	return rc;
}

void
directory_rollback(struct directory *d)
{
	if (!sqlite3_get_autocommit(d->sq))
		(void)!sql_run(d->stmts[DIR_ROLLBACK]);
	d->round = false;
	d->round_rc = 0;
}

int
directory_commit(struct directory *d)
{
	int rc;

	ASSERT(d->round);
	rc = directory_run(d, DIR_COMMIT);
	if (rc < 0)
		directory_rollback(d);
	d->round = false;
	return rc;
}

int
directory_enter(struct directory *d, bool *ret_own)
{
	bool own = !d->round;
	int rc = own ? directory_begin(d) : directory_run(d, DIR_SAVE);

	if (rc == 0)
		*ret_own = own;
	return rc;
}

int
directory_leave(struct directory *d, bool own, int rc)
{
	if (rc == 0)
		return own ? directory_commit(d) :
			     directory_run(d, DIR_RELEASE);
	if (own)
		directory_rollback(d);
	else if (directory_run(d, DIR_BACK) == 0)
		(void)!directory_run(d, DIR_RELEASE);
	return rc;
}

/* Opening. */

int
directory_open(
    const char *dir, struct directory **ret_dir, struct diag *reterr_diag)
{
	struct directory *d = calloc(1, sizeof(*d));
	int rc;

	ASSERT(d != NULL);
	rc = sql_open(
	    dir, &schema_directory, true, BUSY_MS, &d->sq, reterr_diag);
	if (rc == 0)
		rc = sql_prepare(
		    d->sq, dir_sql, DIR_COUNT, d->stmts, reterr_diag);
	if (rc == 0 && (rc = directory_list_missing(d)) < 0)
		(void)sql_explain(reterr_diag, rc, schema_directory.file);
	if (rc < 0)
		directory_close(&d);
	else
		*ret_dir = d;
	return rc;
}

void
directory_close(struct directory **dp)
{
	struct directory *d = *dp;
	size_t i;

	if (d == NULL)
		return;
	for (i = 0; i < DIR_COUNT; i++)
		(void)sqlite3_finalize(d->stmts[i]);
	(void)sqlite3_close(d->sq);
	free(d);
	*dp = NULL;
}

/* Reading. */

void
directory_row_read(sqlite3_stmt *st, struct directory_row *ret_row)
{
	size_t i;

	for (i = 0; i < DIRECTORY_FIELDS; i++)
		directory_field_set(ret_row, i, sql_column_sv(st, (int)i));
	ret_row->checked_ms = sqlite3_column_int64(st, DIRECTORY_FIELDS);
}

int
directory_each(struct directory *d,
    bool (*fn)(void *arg, const struct directory_row *row), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_EACH];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		struct directory_row row = { 0 };

		directory_row_read(st, &row);
		if (!fn(arg, &row))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
directory_get(struct directory *d, struct sv id,
    void (*fn)(void *arg, const struct directory_row *row, int64_t version),
    void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_ONE];
	struct directory_row row = { 0 };
	int64_t version = 0;
	int rc = directory_version_of(d, id, &version);

	if (rc < 0)
		return rc;
	sql_bind_sv(st, 1, id);
	rc = sql_next(st);
	if (rc == 1) {
		directory_row_read(st, &row);
		fn(arg, &row, version);
	}
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
directory_version_of(struct directory *d, struct sv id, int64_t *ret_version)
{
	sql_bind_sv(d->stmts[DIR_VERSION_OF], 1, id);
	return sql_int(d->stmts[DIR_VERSION_OF], ret_version);
}

/* Checks. */

int
directory_check_put(struct directory *d, struct sv id, int64_t at_ms,
    struct sv how, struct sv who)
{
	char organization[UUID_SIZE], service[UUID_SIZE];
	sqlite3_stmt *st = d->stmts[DIR_PUT_CHECK];
	int rc;

	uuid_of("organization", id, 0, organization);
	uuid_of("service", id, 0, service);
	sql_bind_sv(st, 1, sv_of(organization));
	sql_bind_int(st, 2, at_ms);
	sql_bind_sv(st, 3, how);
	sql_bind_sv(st, 4, who);
	rc = directory_run(d, DIR_PUT_CHECK);
	if (rc < 0)
		return rc;
	sql_bind_sv(d->stmts[DIR_SET_ASSURED], 1, sv_of(service));
	sql_bind_int(d->stmts[DIR_SET_ASSURED], 2, at_ms);
	rc = directory_run(d, DIR_SET_ASSURED);
	if (rc < 0)
		return rc;
	sql_bind_sv(d->stmts[DIR_LIST_CHECKED], 1, id);
	sql_bind_int(d->stmts[DIR_LIST_CHECKED], 2, at_ms);
	return directory_run(d, DIR_LIST_CHECKED);
}

/* The listing as it is now, as JSON. */
struct taken {
	char *text;
	int64_t version;
};

static void
on_take(void *arg, const struct directory_row *row, int64_t version)
{
	struct taken *t = arg;

	t->text = directory_row_text(row);
	t->version = version;
}

static int
verify(struct directory *d, struct sv id, int64_t at_ms, struct sv how,
    struct sv who)
{
	const struct directory_by by = { who, how, at_ms };
	struct taken before = { 0 }, after = { 0 };
	int rc = directory_get(d, id, on_take, &before);

	if (rc == 0)
		rc = directory_check_put(d, id, at_ms, how, who);
	if (rc == 0)
		rc = directory_get(d, id, on_take, &after);
	if (rc == 0)
		rc = directory_history_put(d,
		    &(struct directory_history_put){
			id, after.version, before.text, after.text },
		    &by);
	free(before.text);
	free(after.text);
	return rc;
}

int
directory_verify(struct directory *d, struct sv id, int64_t at_ms,
    struct sv how, struct sv who)
{
	bool own = false;
	int rc = directory_enter(d, &own);

	return rc < 0 ? rc :
			directory_leave(d, own, verify(d, id, at_ms, how, who));
}

/* Editions. */

int
directory_edition_put(
    struct directory *d, const struct directory_edition *edition)
{
	sqlite3_stmt *st = d->stmts[DIR_PUT_EDITION];

	sql_bind_int(st, 1, edition->number);
	sql_bind_int(st, 2, edition->at_ms);
	sql_bind_int(st, 3, edition->listings);
	sql_bind_sv(st, 4, edition->note);
	sql_bind_sv(st, 5, edition->who);
	sql_bind_int(st, 6, edition->change);
	return directory_run(d, DIR_PUT_EDITION);
}

int
directory_editions_each(struct directory *d,
    bool (*fn)(void *arg, const struct directory_edition *edition), void *arg)
{
	sqlite3_stmt *st = d->stmts[DIR_EDITIONS];
	int rc;

	while ((rc = sql_next(st)) == 1) {
		const struct directory_edition e = {
			.number = sqlite3_column_int64(st, 0),
			.at_ms = sqlite3_column_int64(st, 1),
			.listings = sqlite3_column_int64(st, 2),
			.note = sql_column_sv(st, 3),
			.who = sql_column_sv(st, 4),
			.change = sqlite3_column_int64(st, 5),
		};

		if (!fn(arg, &e))
			break;
	}
	sql_end(st);
	return rc < 0 ? rc : 0;
}

int
directory_change_now(struct directory *d, int64_t *ret_change)
{
	return sql_int(d->stmts[DIR_CHANGE_NOW], ret_change);
}

int
directory_edition_change(
    struct directory *d, int64_t number, int64_t *ret_change)
{
	sql_bind_int(d->stmts[DIR_EDITION_CHANGE], 1, number);
	return sql_int(d->stmts[DIR_EDITION_CHANGE], ret_change);
}

int
directory_changed_since(
    struct directory *d, int64_t change, int64_t *ret_listings)
{
	sql_bind_int(d->stmts[DIR_CHANGED_SINCE], 1, change);
	return sql_int(d->stmts[DIR_CHANGED_SINCE], ret_listings);
}

int
directory_edition_now(struct directory *d, int64_t *ret_number)
{
	sqlite3_stmt *st = d->stmts[DIR_EDITION_NOW];
	int rc = sql_next(st);

	if (rc == 1)
		*ret_number = sqlite3_column_int64(st, 0);
	sql_end(st);
	return rc == 1 ? 0 : rc == 0 ? -ENOENT : rc;
}

int
directory_version(struct directory *d, int64_t *ret_version)
{
	return sql_int(d->stmts[DIR_VERSION], ret_version);
}
