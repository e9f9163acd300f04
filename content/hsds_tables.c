/* hsds_tables.c - HSDS 3.0's tables and columns, and ours. */
#include "content/hsds.h"

#define S .type = HSDS_STRING, .to = HSDS_NONE
#define N .type = HSDS_NUMBER, .to = HSDS_NONE
#define I .type = HSDS_INTEGER, .to = HSDS_NONE
#define D .type = HSDS_DATE, .to = HSDS_NONE
#define REF(table) .type = HSDS_STRING, .to = HSDS_##table
#define REQ .required = true
#define MUST .required = true, .must = true
#define IN .inside = true
#define LINKS                                                                  \
	{ "service_id", REF(SERVICE) },                                        \
	    { "service_at_location_id", REF(SERVICE_AT_LOCATION) },            \
	{                                                                      \
		"location_id", REF(LOCATION)                                   \
	}
#define ID                                                                     \
	{                                                                      \
		"id", S, MUST                                                  \
	}
#define POSITION                                                               \
	{                                                                      \
		"x_position", I                                                \
	}
#define PLACE_TYPES "physical;postal;virtual"
#define DAYS "MO;TU;WE;TH;FR;SA;SU"

static const struct hsds_column organization[] = {
	ID,
	{ "name", S, MUST },
	{ "alternate_name", S },
	{ "description", S, REQ },
	{ "email", S },
	{ "website", S },
	{ "year_incorporated", I },
	{ "legal_status", S },
	{ "logo", S },
	{ "uri", S },
	{ "parent_organization_id", REF(ORGANIZATION) },
	{ "x_country", S },
	{ "x_visibility", S, IN },
	{ "x_notes", S, IN },
	{ "x_source", S, IN },
	{ "x_source_year", S, IN },
	{ "x_seen", S, IN },
	{ "x_topics_basis", S, IN },
};

static const struct hsds_column organization_identifier[] = {
	ID,
	{ "organization_id", REF(ORGANIZATION), MUST },
	{ "identifier_scheme", S },
	{ "identifier_type", S, MUST },
	{ "identifier", S, MUST },
};

static const struct hsds_column program[] = {
	ID,
	{ "organization_id", REF(ORGANIZATION), MUST },
	{ "name", S, MUST },
	{ "alternate_name", S },
	{ "description", S, REQ },
};

static const struct hsds_column service[] = {
	ID,
	{ "organization_id", REF(ORGANIZATION), MUST },
	{ "program_id", REF(PROGRAM) },
	{ "name", S, MUST },
	{ "alternate_name", S },
	{ "description", S },
	{ "url", S },
	{ "email", S },
	{ "status", S, MUST,
	    .codes = "active;inactive;defunct;temporarily closed" },
	{ "interpretation_services", S },
	{ "application_process", S },
	{ "fees_description", S },
	{ "accreditations", S },
	{ "eligibility_description", S },
	{ "minimum_age", N },
	{ "maximum_age", N },
	{ "assured_date", D },
	{ "assurer_email", S, IN },
	{ "alert", S },
	{ "last_modified", S },
	{ "x_serves", S },
	{ "x_reachable_from", S },
	{ "x_phone_as_printed", S },
	{ "x_checked", S },
	{ "x_checked_how", S },
};

static const struct hsds_column location[] = {
	ID,
	{ "location_type", S, MUST, .codes = PLACE_TYPES },
	{ "url", S },
	{ "organization_id", REF(ORGANIZATION) },
	{ "name", S },
	{ "alternate_name", S },
	{ "description", S },
	{ "transportation", S },
	{ "latitude", N },
	{ "longitude", N },
	{ "external_identifier", S },
	{ "external_identifier_type", S },
};

static const struct hsds_column service_at_location[] = {
	ID,
	{ "service_id", REF(SERVICE), MUST },
	{ "location_id", REF(LOCATION), MUST },
	{ "description", S },
};

static const struct hsds_column contact[] = {
	ID,
	{ "organization_id", REF(ORGANIZATION) },
	LINKS,
	{ "name", S },
	{ "title", S },
	{ "department", S },
	{ "email", S },
};

static const struct hsds_column phone[] = {
	ID,
	LINKS,
	{ "organization_id", REF(ORGANIZATION) },
	{ "contact_id", REF(CONTACT) },
	{ "number", S, MUST },
	{ "extension", S },
	{ "type", S },
	{ "description", S },
	{ "x_e164", S },
	{ "x_short_code", I },
	POSITION,
};

static const struct hsds_column address[] = {
	ID,
	{ "location_id", REF(LOCATION) },
	{ "attention", S },
	{ "address_1", S, MUST },
	{ "address_2", S },
	{ "city", S, REQ },
	{ "region", S },
	{ "state_province", S, REQ },
	{ "postal_code", S, REQ },
	{ "country", S, REQ },
	{ "address_type", S, REQ, .codes = PLACE_TYPES },
};

static const struct hsds_column schedule[] = {
	ID,
	LINKS,
	{ "valid_from", D },
	{ "valid_to", D },
	{ "dtstart", S },
	{ "timezone", S },
	{ "until", S },
	{ "count", I },
	{ "wkst", S, .codes = DAYS },
	{ "freq", S, .codes = "WEEKLY;MONTHLY" },
	{ "interval", I },
	{ "byday", S },
	{ "byweekno", S },
	{ "bymonthday", S },
	{ "byyearday", S },
	{ "description", S },
	{ "opens_at", S },
	{ "closes_at", S },
	{ "schedule_link", S },
	{ "attending_type", S },
	{ "notes", S },
};

static const struct hsds_column language[] = {
	ID,
	{ "service_id", REF(SERVICE) },
	{ "location_id", REF(LOCATION) },
	{ "phone_id", REF(PHONE) },
	{ "name", S },
	{ "code", S },
	{ "note", S },
	POSITION,
};

static const struct hsds_column service_area[] = {
	ID,
	{ "service_id", REF(SERVICE) },
	{ "service_at_location_id", REF(SERVICE_AT_LOCATION) },
	{ "name", S },
	{ "description", S },
	{ "extent", S },
	{ "extent_type", S, .codes = "geojson;topojson;kml;text" },
	{ "uri", S },
	POSITION,
};

static const struct hsds_column required_document[] = {
	ID,
	{ "service_id", REF(SERVICE) },
	{ "document", S },
	{ "uri", S },
	POSITION,
};

static const struct hsds_column cost_option[] = {
	ID,
	{ "service_id", REF(SERVICE), MUST },
	{ "valid_from", D },
	{ "valid_to", D },
	{ "option", S },
	{ "currency", S },
	{ "amount", N },
	{ "amount_description", S },
	POSITION,
};

static const struct hsds_column accessibility[] = {
	ID,
	{ "location_id", REF(LOCATION) },
	{ "description", S },
	{ "details", S },
	{ "url", S },
	POSITION,
};

static const struct hsds_column funding[] = {
	ID,
	{ "organization_id", REF(ORGANIZATION) },
	{ "service_id", REF(SERVICE) },
	{ "source", S },
};

static const struct hsds_column taxonomy[] = {
	ID,
	{ "name", S, MUST },
	{ "description", S, REQ },
	{ "uri", S },
	{ "version", S },
};

static const struct hsds_column taxonomy_term[] = {
	ID,
	{ "code", S },
	{ "name", S, MUST },
	{ "description", S, REQ },
	{ "parent_id", REF(TAXONOMY_TERM) },
	{ "taxonomy", S },
	{ "language", S },
	{ "taxonomy_id", REF(TAXONOMY) },
	{ "term_uri", S },
};

static const struct hsds_column attribute[] = {
	ID,
	{ "link_id", S, MUST },
	{ "taxonomy_term_id", REF(TAXONOMY_TERM), MUST },
	{ "link_type", S },
	{ "link_entity", S, MUST },
	{ "value", S },
	POSITION,
};

static const struct hsds_column translation[] = {
	ID,
	{ "link_entity", S, MUST },
	{ "link_id", S, MUST },
	{ "field", S, MUST },
	{ "language", S, MUST },
	{ "value", S, MUST },
};

#define TABLE(id, file, key)                                                   \
	{                                                                      \
#id, file, key, id, ARRAY_LEN(id)                              \
	}

static const struct hsds_def defs[HSDS_TABLES] = {
	[HSDS_ORGANIZATION] =
	    TABLE(organization, "organizations.csv", "organizations"),
	[HSDS_ORGANIZATION_IDENTIFIER] = TABLE(organization_identifier,
	    "organization_identifiers.csv", "organization_identifiers"),
	[HSDS_PROGRAM] = TABLE(program, "programs.csv", "programs"),
	[HSDS_SERVICE] = TABLE(service, "services.csv", "services"),
	[HSDS_LOCATION] = TABLE(location, "locations.csv", "locations"),
	[HSDS_SERVICE_AT_LOCATION] = TABLE(service_at_location,
	    "service_at_location.csv", "service_at_locations"),
	[HSDS_CONTACT] = TABLE(contact, "contacts.csv", "contacts"),
	[HSDS_PHONE] = TABLE(phone, "phones.csv", "phones"),
	[HSDS_ADDRESS] = TABLE(address, "addresses.csv", "addresses"),
	[HSDS_SCHEDULE] = TABLE(schedule, "schedules.csv", "schedules"),
	[HSDS_LANGUAGE] = TABLE(language, "languages.csv", "languages"),
	[HSDS_SERVICE_AREA] =
	    TABLE(service_area, "service_areas.csv", "service_areas"),
	[HSDS_REQUIRED_DOCUMENT] = TABLE(
	    required_document, "required_documents.csv", "required_documents"),
	[HSDS_COST_OPTION] =
	    TABLE(cost_option, "cost_options.csv", "cost_options"),
	[HSDS_ACCESSIBILITY] =
	    TABLE(accessibility, "accessibility.csv", "accessibility"),
	[HSDS_FUNDING] = TABLE(funding, "funding.csv", "funding"),
	[HSDS_TAXONOMY] = TABLE(taxonomy, "taxonomies.csv", "taxonomies"),
	[HSDS_TAXONOMY_TERM] =
	    TABLE(taxonomy_term, "taxonomy_terms.csv", "taxonomy_terms"),
	[HSDS_ATTRIBUTE] = TABLE(attribute, "attributes.csv", "attributes"),
	[HSDS_TRANSLATION] =
	    TABLE(translation, "translations.csv", "translations"),
};

const struct hsds_def *
hsds_def(enum hsds_table t)
{
	ASSERT((unsigned)t < HSDS_TABLES);
	return &defs[t];
}

int
hsds_column_of(enum hsds_table t, struct sv name)
{
	const struct hsds_def *def = hsds_def(t);
	size_t i;

	for (i = 0; i < def->count; i++)
		if (sv_eq(sv_of(def->columns[i].name), name))
			return (int)i;
	return -1;
}
