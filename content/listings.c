/* listings.c - finds who helps: one pass over a compact array. */
#include "content/listings.h"

#include <stdlib.h>

#include "content/listing_row.h"
#include "content/listing_time.h"
#include "content/orgs.h"

enum {
	NEAR_KM = 100, /* within a day's way there and back */
	KM_MAX = 0x7fff,
	DAY_MS = 24 * 60 * 60 * 1000,
};

/* Where a listing helps, seen from the person; less is better. */
enum tier {
	TIER_HERE,    /* the same city or district */
	TIER_NEAR,    /* the same region, or within NEAR_KM */
	TIER_COUNTRY, /* everywhere in the country */
	TIER_FAR,     /* elsewhere in the country, by distance */
	TIER_ABROAD,  /* not in the country: never given */
};

/* What a query looks at first, small enough for all to stay in the cache. */
struct hot {
	uint64_t topics;
	uint16_t name_rank;
	uint8_t kind;
	bool for_callers;
	bool from_anywhere; /* has a contact that works in every country */
	bool phone;	    /* and it is a number */
};

struct listings {
	struct orgs *orgs; /* owns the listings */
	const struct places *places;
	uint64_t consulate; /* the topic's bit, or 0 */
	uint64_t urgent;    /* bits of the topics of danger */
	struct hot *hot;    /* in order of id, as orgs */
	size_t count;
	int64_t *checks; /* of all but the general ones, oldest first */
	size_t check_count;
};

/* Codes with ';' between them. */
static bool
has_code(struct sv list, const char *code)
{
	while (list.n > 0)
		if (sv_eq(listing_list_cut(&list), sv_of(code)))
			return true;
	return false;
}

/* True if it helps where they are, or everywhere in a country. */
static bool
helps_there(const struct listing *l, const struct listing_caller *who)
{
	size_t i;

	for (i = 0; i < l->place_count; i++)
		if (places_at(who->places, l->places[i])->kind ==
			PLACE_COUNTRY ||
		    (who->at != PLACE_NONE &&
			places_within(who->places, who->at, l->places[i])))
			return true;
	return false;
}

/*
 * True if short codes and toll-free numbers work for a caller.  "any" speaks
 * of a listing's ordinary numbers, so then, and when nothing is said, it is the
 * listing's own country; a town's own numbers work in the town alone.
 */
static bool
is_local(const struct listing *l, const struct listing_caller *who)
{
	if (who->from == NULL || who->from[0] == '\0' || !helps_there(l, who))
		return false;
	if (l->reachable_from.n == 0 || sv_eq(l->reachable_from, SV("any")))
		return strcmp(l->country, who->from) == 0;
	return has_code(l->reachable_from, who->from);
}

/* A number that works everywhere, or an empty view. */
static struct sv
ordinary_phone(const struct listing *l)
{
	size_t i;

	for (i = 0; i < l->phone_count; i++)
		if (!l->tollfree[i])
			return l->phones[i];
	return SV("");
}

/* A number that works only near the listing, the cheapest first. */
static struct sv
local_phone(const struct listing *l)
{
	size_t i;

	if (l->short_code.n > 0)
		return l->short_code;
	for (i = 0; i < l->phone_count; i++)
		if (l->tollfree[i])
			return l->phones[i];
	return SV("");
}

int
listing_contact(const struct listing *l, const struct listing_caller *who,
    struct listing_contact *ret_contact)
{
	const struct sv options[] = {
		is_local(l, who) ? local_phone(l) : SV(""),
		ordinary_phone(l),
		l->email,
		l->website,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(options); i++) {
		if (options[i].n == 0)
			continue;
		ret_contact->text = options[i];
		ret_contact->is_phone = i < 2;
		return 0;
	}
	return -ENOENT;
}

static int
compare_names(const void *a, const void *b, void *arg)
{
	const struct orgs *orgs = arg;
	const struct listing *la = &orgs_at(orgs, *(const size_t *)a)->listing;
	const struct listing *lb = &orgs_at(orgs, *(const size_t *)b)->listing;
	size_t n = la->names[LANG_EN].n < lb->names[LANG_EN].n ?
		       la->names[LANG_EN].n :
		       lb->names[LANG_EN].n;
	int order = memcmp(la->names[LANG_EN].p, lb->names[LANG_EN].p, n);

	if (order == 0 && la->names[LANG_EN].n != lb->names[LANG_EN].n)
		order = la->names[LANG_EN].n < lb->names[LANG_EN].n ? -1 : 1;
	return order != 0 ? order : strcmp(la->id, lb->id);
}

static void
rank_names(struct listings *l)
{
	size_t *order = calloc(l->count + 1, sizeof(*order));
	size_t i;

	ASSERT(order != NULL);
	for (i = 0; i < l->count; i++)
		order[i] = i;
	qsort_r(order, l->count, sizeof(*order), compare_names, l->orgs);
	for (i = 0; i < l->count; i++)
		l->hot[order[i]].name_rank = (uint16_t)i;
	free(order);
}

static int
compare_checks(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
sort_checks(struct listings *l)
{
	const struct listing *item;
	size_t i;

	l->checks = calloc(l->count + 1, sizeof(*l->checks));
	ASSERT(l->checks != NULL);
	for (i = 0; i < l->count; i++) {
		item = listings_at(l, i);
		if (!item->general)
			l->checks[l->check_count++] = item->checked_ms != 0 ?
							  item->checked_ms :
							  INT64_MIN;
	}
	qsort(l->checks, l->check_count, sizeof(*l->checks), compare_checks);
}

static uint64_t
urgent_of(const struct topics *topics)
{
	uint64_t urgent = 0;
	uint16_t i;

	for (i = 0; i < topics_count(topics); i++)
		if (topics_at(topics, i)->urgent)
			urgent |= UINT64_C(1) << i;
	return urgent;
}

int
listings_load(const char *dir, const struct topics *topics,
    const struct places *places, struct listings **ret_listings,
    struct diag *reterr_diag)
{
	CLEANUP(listings_free) struct listings *l = calloc(1, sizeof(*l));
	struct orgs_source source = {
		.path = dir, .topics = topics, .places = places
	};
	uint16_t consulate = topics_find(topics, SV("consulate"));
	const struct listing_caller anywhere = { "", places, PLACE_NONE };
	struct listing_contact contact;
	size_t i;
	int rc;

	ASSERT(l != NULL);
	rc = orgs_load(&source, &l->orgs, reterr_diag);
	if (rc < 0)
		return rc;
	l->places = places;
	l->urgent = urgent_of(topics);
	if (consulate != TOPIC_NONE)
		l->consulate = UINT64_C(1) << consulate;
	l->count = orgs_count(l->orgs);
	if (l->count > UINT16_MAX)
		return diag_set(reterr_diag, -EINVAL,
		    "%s: more than %d listings; remove some", dir, UINT16_MAX);
	l->hot = calloc(l->count + 1, sizeof(*l->hot));
	ASSERT(l->hot != NULL);
	for (i = 0; i < l->count; i++) {
		const struct listing *item = listings_at(l, i);

		l->hot[i].topics = item->topics;
		l->hot[i].kind = (uint8_t)item->kind;
		l->hot[i].for_callers = item->for_callers;
		l->hot[i].from_anywhere =
		    listing_contact(item, &anywhere, &contact) == 0;
		l->hot[i].phone = l->hot[i].from_anywhere && contact.is_phone;
	}
	rank_names(l);
	sort_checks(l);
	*ret_listings = l;
	l = NULL; /* ownership moves to the caller */
	return 0;
}

void
listings_free(struct listings **lp)
{
	if (*lp == NULL)
		return;
	orgs_free(&(*lp)->orgs);
	free((*lp)->hot);
	free((*lp)->checks);
	free(*lp);
	*lp = NULL;
}

size_t
listings_count(const struct listings *l)
{
	return l->count;
}

const struct listing *
listings_at(const struct listings *l, size_t index)
{
	return &orgs_at(l->orgs, index)->listing;
}

const struct listing *
listings_find(const struct listings *l, struct sv id)
{
	size_t low = 0, high = id.n > 0 ? l->count : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct listing *item = listings_at(l, mid);
		int order = strncmp(id.p, item->id, id.n);

		if (order == 0 && item->id[id.n] == '\0')
			return item;
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* A query with what follows from it. */
struct search {
	const struct listings *l;
	const struct listing_query *q;
	const char *from, *serves;
	uint16_t place;	  /* where the person is */
	uint16_t country; /* of that place */
	uint16_t region;  /* of that place, or PLACE_NONE */
};

static uint16_t
climb(const struct places *p, uint16_t place, enum place_kind kind)
{
	while (place != PLACE_NONE && places_at(p, place)->kind > kind)
		place = places_at(p, place)->parent;
	if (place != PLACE_NONE && places_at(p, place)->kind != kind)
		return PLACE_NONE;
	return place;
}

static void
search_init(
    struct search *s, const struct listings *l, const struct listing_query *q)
{
	*s = (struct search){ .l = l, .q = q, .place = q->place };
	s->from = q->from != NULL ? q->from : "";
	s->serves = q->serves != NULL ? q->serves : "";
	if (s->place == PLACE_NONE)
		s->place = places_find(l->places, sv_of(s->from));
	s->country = climb(l->places, s->place, PLACE_COUNTRY);
	s->region = climb(l->places, s->place, PLACE_REGION);
}

/* How far one of a listing's places is from the person. */
static enum tier
tier_of(const struct search *s, uint16_t at, unsigned *ret_km)
{
	const struct places *p = s->l->places;
	double km;

	*ret_km = 0;
	if (!places_within(p, at, s->country))
		return TIER_ABROAD;
	if (at == s->country)
		return TIER_COUNTRY;
	if (s->place == s->country)
		return TIER_FAR; /* somewhere in the country: no distance */
	if (places_at(p, s->place)->kind >= PLACE_CITY &&
	    (places_within(p, at, s->place) ||
		(places_at(p, at)->kind >= PLACE_CITY &&
		    places_within(p, s->place, at))))
		return TIER_HERE;
	if (at == s->region)
		return TIER_NEAR;
	km = places_km(p, s->place, at);
	*ret_km = km < KM_MAX ? (unsigned)km : KM_MAX;
	if (km <= NEAR_KM ||
	    (s->region != PLACE_NONE && places_within(p, at, s->region)))
		return TIER_NEAR;
	return TIER_FAR;
}

static enum tier
nearest(const struct search *s, const struct listing *item, unsigned *ret_km)
{
	enum tier best = TIER_ABROAD;
	size_t i;

	*ret_km = 0;
	for (i = 0; i < item->place_count; i++) {
		unsigned km;
		enum tier tier = tier_of(s, item->places[i], &km);

		if (tier > best || (tier == best && km >= *ret_km))
			continue;
		best = tier;
		*ret_km = km;
	}
	return best;
}

enum citizen {
	CITIZEN_OWN,	 /* a listing for citizens of the person's state */
	CITIZEN_ALL,	 /* for everybody */
	CITIZEN_UNKNOWN, /* for citizens of one state: perhaps the person's */
	CITIZEN_OTHER,	 /* for citizens of another state: never given */
};

static enum citizen
citizen_rank(const struct search *s, const struct listing *item)
{
	if (item->serves[0] == '\0')
		return CITIZEN_ALL;
	if (s->serves[0] == '\0')
		return CITIZEN_UNKNOWN;
	return strcmp(s->serves, item->serves) == 0 ? CITIZEN_OWN :
						      CITIZEN_OTHER;
}

/* A check from before this is too old. */
static int64_t
oldest_check(unsigned verified_days, int64_t now_ms)
{
	return now_ms - (int64_t)verified_days * DAY_MS;
}

size_t
listings_withheld(
    const struct listings *l, unsigned verified_days, int64_t now_ms)
{
	int64_t oldest = oldest_check(verified_days, now_ms);
	size_t low = 0, high = l->check_count, ahead = 0;

	if (verified_days == 0)
		return 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->checks[mid] < oldest)
			low = mid + 1;
		else
			high = mid;
	}
	/* slips of the keyboard, few and last */
	while (low + ahead < l->check_count &&
	       listing_time_is_ahead(
		   l->checks[l->check_count - 1 - ahead], now_ms))
		ahead++;
	return low + ahead;
}

static bool
is_checked(const struct listing *item, int64_t now_ms)
{
	return item->checked_ms != 0 &&
	       !listing_time_is_ahead(item->checked_ms, now_ms);
}

static bool
is_withheld(const struct listing_query *q, const struct listing *item)
{
	if (q->verified_days == 0 || item->general)
		return false;
	return !is_checked(item, q->now_ms) ||
	       item->checked_ms < oldest_check(q->verified_days, q->now_ms);
}

static bool
matches(const struct search *s, size_t i)
{
	const struct listing_query *q = s->q;
	const struct hot *hot = &s->l->hot[i];
	const struct listing_caller who = { s->from, s->l->places, s->place };
	struct listing_contact contact;

	if (!hot->for_callers ||
	    (q->topics != 0 && (hot->topics & (q->topics | q->also)) == 0) ||
	    (q->kinds != 0 && (q->kinds & 1u << hot->kind) == 0))
		return false;
	if (is_withheld(q, listings_at(s->l, i)))
		return false;
	return hot->from_anywhere ||
	       listing_contact(listings_at(s->l, i), &who, &contact) == 0;
}

static uint64_t
push_bits(uint64_t key, unsigned bits, unsigned value)
{
	return key << bits | value;
}

/* True if they can call it: who texts may have nothing but a phone. */
static bool
is_callable(const struct search *s, size_t i)
{
	const struct listing_caller who = { s->from, s->l->places, s->place };
	struct listing_contact contact;

	return s->l->hot[i].phone ||
	       (listing_contact(listings_at(s->l, i), &who, &contact) == 0 &&
		   contact.is_phone);
}

/*
 * All that orders the answers in one number, the weightiest first; less is
 * better.  UINT64_MAX: not in the person's country.
 */
static uint64_t
key_of(const struct search *s, size_t i)
{
	const struct listing *item = listings_at(s->l, i);
	const struct hot *hot = &s->l->hot[i];
	enum citizen citizen = citizen_rank(s, item);
	bool consulate = (s->q->topics & s->l->consulate) != 0;
	uint64_t main_topic = UINT64_C(1) << item->main_topic, key = 0;
	unsigned km;
	enum tier tier = nearest(s, item, &km);

	if (tier == TIER_ABROAD || citizen == CITIZEN_OTHER)
		return UINT64_MAX;
	/* everybody knows 112; it shall not crowd out who else helps */
	key = push_bits(key, 1, item->general);
	key = push_bits(key, 1, consulate && citizen != CITIZEN_OWN);
	key = push_bits(key, 1, !consulate && citizen == CITIZEN_UNKNOWN);
	key = push_bits(
	    key, 1, s->q->topics != 0 && (s->q->topics & hot->topics) == 0);
	key = push_bits(
	    key, 1, s->q->topics != 0 && (s->q->topics & main_topic) == 0);
	key = push_bits(
	    key, 1, s->q->also != 0 && (s->q->also & main_topic) == 0);
	key = push_bits(key, 2, tier);
	key = push_bits(key, 15, km);
	key = push_bits(key, 1, !is_callable(s, i));
	/* a line for people in danger is not for who asks about something
	 * else, if another serves them as well */
	key = push_bits(key, 1,
	    s->q->topics != 0 && (s->q->topics & s->l->urgent) == 0 &&
		(main_topic & s->l->urgent) != 0);
	key = push_bits(key, 1, citizen != CITIZEN_OWN);
	key = push_bits(key, 1, !is_checked(item, s->q->now_ms));
	key = push_bits(key, 3, hot->kind);
	return push_bits(key, 16, hot->name_rank);
}

size_t
listings_query(const struct listings *l, const struct listing_query *q,
    const struct listing *ret_found[LISTING_FOUND_MAX])
{
	uint64_t keys[LISTING_FOUND_MAX];
	struct search s;
	size_t i, n = 0;

	search_init(&s, l, q);
	if (s.place == PLACE_NONE)
		return 0; /* nobody knows where the person is */
	for (i = 0; i < l->count; i++) {
		uint64_t key;
		size_t at;

		if (!matches(&s, i))
			continue;
		key = key_of(&s, i);
		if (key == UINT64_MAX ||
		    (n == LISTING_FOUND_MAX && key >= keys[n - 1]))
			continue;
		if (n < LISTING_FOUND_MAX)
			n++;
		for (at = n - 1; at > 0 && keys[at - 1] > key; at--) {
			keys[at] = keys[at - 1];
			ret_found[at] = ret_found[at - 1];
		}
		keys[at] = key;
		ret_found[at] = listings_at(l, i);
	}
	return n;
}
