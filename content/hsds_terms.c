/* hsds_terms.c - what other taxonomies call our topics. */
#include "content/hsds_listing.h"

#include <strings.h>

/*
 * Names of terms, without regard to case.  Most are those of Open Eligibility
 * (openreferral/openeligibility: human services; its names are unique), some
 * are what directories of the region write.  What is general ("Health") goes
 * to the general topic; what may be several things is left out, for a person
 * to decide.
 */
static const struct {
	const char *term, *topic;
} terms[] = {
	{ "addiction & recovery", "harm-reduction" },
	{ "advocacy & legal aid", "legal" },
	{ "anti-trafficking", "trafficking" },
	{ "children", "family" },
	{ "citizenship & immigration", "documents" },
	{ "consulate", "consulate" },
	{ "counseling", "mental-health" },
	{ "counselling", "mental-health" },
	{ "domestic violence", "violence" },
	{ "domestic violence shelter", "shelter" },
	{ "drug testing", "harm-reduction" },
	{ "embassy", "consulate" },
	{ "emergency shelter", "shelter" },
	{ "employment", "jobs" },
	{ "foreign languages", "courses" },
	{ "gender-based violence", "violence" },
	{ "harm reduction", "harm-reduction" },
	{ "health", "health" },
	{ "help escape violence", "violence" },
	{ "help find healthcare", "health" },
	{ "help find work", "jobs" },
	{ "hiv", "hiv" },
	{ "hiv treatment", "hiv" },
	{ "hiv/aids", "hiv" },
	{ "human trafficking", "trafficking" },
	{ "immigration", "documents" },
	{ "job placement", "jobs" },
	{ "labor rights", "wages" },
	{ "labour rights", "wages" },
	{ "language classes", "courses" },
	{ "legal", "legal" },
	{ "legal aid", "legal" },
	{ "legal services", "legal" },
	{ "medical care", "health" },
	{ "mental health", "mental-health" },
	{ "mental health care", "mental-health" },
	{ "needle exchange", "harm-reduction" },
	{ "primary care", "health" },
	{ "psychosocial support", "mental-health" },
	{ "repatriation", "return-home" },
	{ "representation", "legal" },
	{ "safe housing", "shelter" },
	{ "sexual assault", "violence" },
	{ "shelter", "shelter" },
	{ "skills & training", "courses" },
	{ "substance abuse", "harm-reduction" },
	{ "temporary shelter", "shelter" },
	{ "tuberculosis", "tb" },
	{ "voluntary return", "return-home" },
	{ "work", "jobs" },
	{ "work permits", "work-permit" },
};

static uint16_t
name_find(const struct topics *topics, struct sv name)
{
	size_t i;

	if (topics_find(topics, name) != TOPIC_NONE)
		return topics_find(topics, name);
	for (i = 0; i < ARRAY_LEN(terms); i++)
		if (strlen(terms[i].term) == name.n &&
		    strncasecmp(terms[i].term, name.p, name.n) == 0)
			return topics_find(topics, sv_of(terms[i].topic));
	return TOPIC_NONE;
}

uint16_t
hsds_term_topic(const struct topics *topics, const struct hsds_row *term)
{
	struct sv uri = hsds_get(HSDS_TAXONOMY_TERM, term, "term_uri");
	struct sv texts[3] = { hsds_get(HSDS_TAXONOMY_TERM, term, "code"),
		hsds_get(HSDS_TAXONOMY_TERM, term, "name"), uri };
	const char *slash;
	uint16_t topic = TOPIC_NONE;
	size_t i;

	/* an address ends with the term: ".../safar-topics/wages" */
	for (i = uri.n; i > 0 && strchr("/#", uri.p[i - 1]) == NULL; i--)
		;
	slash = uri.n > 0 ? uri.p + i : "";
	texts[2] = (struct sv){ slash, uri.n - i };
	for (i = 0; topic == TOPIC_NONE && i < ARRAY_LEN(texts); i++)
		if (texts[i].n > 0)
			topic = name_find(topics, texts[i]);
	return topic;
}
