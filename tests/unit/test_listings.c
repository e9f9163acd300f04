/* test_listings.c - the directory: merging, who is given to whom, in order. */
#include "content/listings.h"

#include "content/content.h"
#include "tests/tap.h"
#include "tests/tmpdir.h"

#define HEAD                                                                   \
	"id,name_en,country,places,topics,kind,listing,phone_e164,"            \
	"short_code,email,reachable_from,serves,seen,checked,name_ru,"         \
	"source,source_seed\n"
#define CALLERS ",callers-after-check,"
/* 2026-09-14 12:00 UTC */
#define NOW_MS INT64_C(1789387200000)

static struct content real;

static uint64_t
topic(const char *id)
{
	uint16_t at = topics_find(real.topics, sv_of(id));

	return at == TOPIC_NONE ? 0 : UINT64_C(1) << at;
}

/* The ids found, in order, with a space behind each. */
static const char *
ask(const struct listings *l, const struct listing_query *q)
{
	static char out[8192];
	const struct listing *found[LISTING_FOUND_MAX];
	size_t i, n = listings_query(l, q, found), at = 0;

	out[0] = '\0';
	for (i = 0; i < n; i++)
		at += (size_t)snprintf(
		    out + at, sizeof(out) - at, "%s ", found[i]->id);
	return out;
}

/* A question in words: topic, place, country of the number, citizenship. */
static const char *
ask_about(const struct listings *l, const char *what, const char *place,
    const char *from, const char *serves)
{
	struct listing_query q = { .topics = topic(what),
		.place = places_find(real.places, sv_of(place)),
		.from = from,
		.serves = serves,
		.now_ms = NOW_MS };

	return ask(l, &q);
}

static int
load(const struct tmpdir *tmp, struct listings **ret_l, struct diag *d)
{
	return listings_load(
	    tmp_path(tmp, "orgs"), real.topics, real.places, ret_l, d);
}

static bool
contact_is(
    const struct listing *l, const char *from, const char *at, const char *want)
{
	const struct listing_caller who = { from, real.places,
		places_find(real.places, sv_of(at)) };
	struct listing_contact c = { 0 };

	if (listing_contact(l, &who, &c) < 0)
		return want[0] == '\0';
	return sv_eq(c.text, sv_of(want));
}

static void
test_real(void)
{
	const struct listings *l = real.listings;
	const struct listing *item;
	size_t i;
	int bad = 0;

	EQ(listings_count(l), 176, "87 and 96 rows, seven of them twice");
	for (i = 0; i + 1 < listings_count(l); i++)
		bad += strcmp(listings_at(l, i)->id,
			   listings_at(l, i + 1)->id) >= 0;
	for (i = 0; i < listings_count(l); i++) {
		item = listings_at(l, i);
		bad += listings_find(l, sv_of(item->id)) != item;
		bad += item->checked_ms != 0;
	}
	EQ(bad, 0, "in order of id, all found, none verified");
	OK(listings_find(l, SV("hotline-kz")) == NULL, "start of an id");
	OK(listings_find(l, SV("")) == NULL, "empty id");

	item = listings_find(l, SV("tj-embassy-moscow"));
	EQ(item->phone_count, 3, "phones of the newer row");
	EQ(item->year, 2023, "and its year");
	OK(strcmp(item->serves, "tj") == 0, "serves its citizens");
	item = listings_find(l, SV("hotline-kg-1899"));
	EQ(item->year, 2021, "undated is older than 2021");
	OK(sv_eq(item->reachable_from, SV("kg")), "reach filled in");
	OK(item->names[LANG_RU].n > 0, "Russian name filled in");
	OK(!listings_find(l, SV("russian-red-cross-spb"))->for_callers,
	    "what one row holds back stays back");
	OK(!listings_find(l, SV("iom-ngo-partners-kg"))->for_callers,
	    "no placeholder for callers");
	item = listings_find(l, SV("emergency-kz-112"));
	OK(item->general && item->for_callers, "emergency numbers are general");
	item = listings_find(l, SV("hotline-ru-child"));
	OK(item->tollfree[0], "8-800 is toll-free");
	OK(!listings_find(l, SV("psp-fond"))->tollfree[0], "812 is not");
}

static void
test_contact(void)
{
	static const struct {
		const char *id, *from, *at, *want;
	} cases[] = {
		{ "uz-aelm", "uz", "", "1282" },
		{ "uz-aelm", "ru", "", "+998712023355" },
		{ "uz-aelm", "", "", "+998712023355" },
		{ "hotline-kg-1899", "kg", "", "1899" },
		{ "hotline-kg-1899", "ru", "", "" },
		{ "hotline-kg-1899", "", "", "" },
		{ "hotline-kz-11616", "kz", "", "11616" },
		{ "hotline-kz-11616", "kg", "", "" },
		{ "hotline-ru-child", "ru", "", "124" },
		{ "hotline-ru-child", "tj", "", "" },
		{ "hotline-ru-rostrud", "ru", "", "+78007078841" },
		{ "hotline-ru-rostrud", "tj", "", "онлайнинспекция.рф" },
		{ "tj-embassy-astana", "kz", "", "tajembastana@mfa.tj" },
		{ "iom-moscow", "ru", "", "" },
		/* a number of Moscow works in Moscow */
		{ "ru-moscow-psych-051", "ru", "ru-moscow", "051" },
		{ "ru-moscow-psych-051", "ru", "ru-kazan", "" },
		{ "ru-moscow-psych-051", "ru", "ru-moscow-region", "" },
		{ "ru-moscow-psych-051", "ru", "ru", "" },
		{ "ru-moscow-psych-051", "ru", "", "" },
		{ "ru-moscow-psych-051", "kg", "ru-moscow", "" },
		{ "hotline-ru-122", "ru", "ru-kazan", "122" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++)
		OK(contact_is(listings_find(real.listings, sv_of(cases[i].id)),
		       cases[i].from, cases[i].at, cases[i].want),
		    cases[i].id);
}

/* Whatever is asked, nothing for operators and nothing unreachable. */
static void
test_never(void)
{
	static const char *const from[] = { "ru", "kz", "kg", "tj", "uz", "tr",
		"" };
	const struct listing *found[LISTING_FOUND_MAX];
	struct listing_caller who = { .places = real.places };
	struct listing_contact c;
	struct listing_query q = { 0 };
	size_t i, k, n, given = 0;
	unsigned t, p;
	int bad = 0;

	for (i = 0; i < ARRAY_LEN(from); i++)
		for (t = 0; t <= topics_count(real.topics); t++)
			for (p = 0; p < places_count(real.places); p++) {
				q.topics = t == 0 ? 0 : UINT64_C(1) << (t - 1);
				q.place = (uint16_t)p;
				q.from = from[i];
				who.from = from[i];
				who.at = q.place;
				n = listings_query(real.listings, &q, found);
				for (k = 0; k < n; k++)
					bad += !found[k]->for_callers ||
					       listing_contact(
						   found[k], &who, &c) < 0;
				given += n;
			}
	OK(given > 1000, "many answers");
	EQ(bad, 0, "all for callers and reachable");
}

static void
test_real_queries(void)
{
	const struct listings *l = real.listings;
	struct listing_query q = { .place = PLACE_NONE, .from = "uz" };
	const char *out;

	out = ask_about(l, "violence", "kg-bishkek", "kg", "");
	OK(strncmp(out, "hotline-kg-117 hotline-kg-111 ", 30) == 0, out);
	OK(strstr(out, "-ru-") == NULL, "nothing from Russia in Kyrgyzstan");
	out = ask_about(l, "legal", "ru-moscow", "ru", "");
	OK(strncmp(out, "russian-red-cross-moscow-migration ", 35) == 0, out);
	out = ask_about(l, "consulate", "ru-saint-petersburg", "ru", "kg");
	OK(strncmp(out, "kg-embassy-moscow ", 18) == 0, out);
	out = ask_about(l, "consulate", "ru-saint-petersburg", "ru", "");
	OK(strncmp(out, "tj-consulate-saint-petersburg ", 30) == 0, out);
	out = ask_about(l, "legal", "ru-moscow", "tj", "tj");
	OK(strstr(out, "ombudsman") != NULL,
	    "a Tajik number in Moscow: ordinary numbers");
	out = ask_about(l, "violence", "ru-moscow", "tj", "tj");
	OK(strstr(out, "ru-moscow-psych-051") == NULL, "but no short code");
	out = ask_about(l, "health", "ru-omsk", "ru", "");
	OK(strncmp(out, "hotline-ru-122 emergency-", 25) == 0, out);
	q.topics = topic("jobs");
	out = ask(l, &q);
	OK(strcmp(out, "uz-aelm ") == 0, "no place: the number's country");
	q.from = "";
	OK(ask(l, &q)[0] == '\0', "no place, no country: nothing");
	q = (struct listing_query){ .place = places_find(real.places, SV("kg")),
		.from = "kg",
		.verified_days = 90,
		.now_ms = NOW_MS };
	out = ask(l, &q);
	OK(strcmp(out, "emergency-kg-103 emergency-kg-112 ") == 0,
	    "withheld: all that nobody has verified");
	q.verified_days = 0;
	q.kinds = 1u << LISTING_IGO;
	OK(strcmp(ask(l, &q), "iom-kyrgyzstan ") == 0, "one kind");
	q = (struct listing_query){ .topics = topic("trafficking"),
		.also = topic("violence"),
		.place = places_find(real.places, SV("ru")),
		.from = "ru",
		.now_ms = NOW_MS };
	out = ask(l, &q);
	OK(strncmp(out, "ru-sisters-centre ", 18) == 0, out);
}

static void
test_order(const struct tmpdir *tmp)
{
	static const struct {
		const char *name, *topic, *place, *from, *serves, *want;
	} cases[] = {
		{ "same city, region by distance, country, far by distance",
		    "jobs", "ru-yekaterinburg", "ru", "",
		    "city region country-ngo country-gov twin far further " },
		{ "a country: country-wide, then who can be called, kind, name",
		    "jobs", "ru", "ru", "",
		    "country-ngo country-gov city twin further far region " },
		{ "a line for danger behind others, if it was not asked for",
		    "legal", "tj", "tj", "", "law-line crisis-line law-mail " },
		{ "and first, if it was", "violence", "tj", "tj", "",
		    "crisis-line " },
		{ "verified ones first", "family", "tj", "tj", "",
		    "seen-line never-line " },
		{ "a region: what is in it, then the country", "jobs",
		    "ru-sverdlovsk-region", "ru", "",
		    "region city country-ngo country-gov twin far further " },
		{ "within a region by distance, then the country", "courses",
		    "tj-farkhor", "tj", "", "kulob bokhtar tj-all dushanbe " },
		{ "Moscow's surroundings are near", "tb", "ru-moscow", "ru", "",
		    "tb-here tb-region tb-all " },
		{ "own citizens first in a consulate query", "consulate",
		    "ru-moscow", "ru", "kg", "con-kg con-all " },
		{ "nearest while citizenship is unknown", "consulate",
		    "ru-moscow", "ru", "", "con-tj con-all con-kg " },
		{ "none for citizens of another state", "consulate",
		    "ru-moscow", "ru", "uz", "con-all " },
		{ "emergency numbers behind helpers", "violence", "ru", "ru",
		    "", "help emergency-x " },
	};
	struct listings *l = NULL;
	struct diag d = { "" };
	size_t i;

	tmp_puts(tmp, "orgs/a.csv",
	    HEAD
	    "city,B,ru,ru-yekaterinburg,jobs,ngo" CALLERS
	    "+73433702360,,,,,,,,,\n"
	    "region,A,ru,ru-sverdlovsk-region,jobs,other" CALLERS
	    ",,a@b,,,,,,,\n"
	    "twin,A,ru,ru-chelyabinsk,jobs,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "country-gov,A,ru,ru,jobs,government" CALLERS ",,a@b,,,,,,,\n"
	    "country-ngo,A,ru,ru,jobs,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "far,D,ru,ru-kazan,jobs,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "further,C,ru,ru-moscow,jobs,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "abroad,A,kz,kz,jobs,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "silent,A,ru,ru,jobs,ngo" CALLERS ",,,,,,,,,\n"
	    "secret,A,ru,ru,jobs,ngo,operators,,,a@b,,,,,,,\n"
	    "bokhtar,A,tj,tj-bokhtar,courses,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "kulob,B,tj,tj-kulob,courses,other" CALLERS ",,a@b,,,,,,,\n"
	    "tj-all,A,tj,tj,courses,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "dushanbe,A,tj,tj-dushanbe,courses,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "tb-here,A,ru,ru-moscow,tb,other" CALLERS ",,a@b,,,,,,,\n"
	    "tb-region,A,ru,ru-moscow-region,tb,other" CALLERS ",,a@b,,,,,,,\n"
	    "tb-all,A,ru,ru,tb,ngo" CALLERS ",,a@b,,,,,,,\n"
	    "con-kg,A,ru,ru,consulate,government" CALLERS ",,a@b,,kg,,,,,\n"
	    "con-all,A,ru,ru,consulate,government" CALLERS
	    ",,a@b,,,,,\"\xd0\x90\",,\n"
	    "con-tj,A,ru,ru-moscow,consulate,government" CALLERS
	    ",,a@b,,tj,,,,,\n"
	    "emergency-x,A,ru,ru,violence,hotline" CALLERS ",112,,ru,,,,,,\n"
	    "help,B,ru,ru-omsk,violence,other" CALLERS ",,a@b,,,,,,,\n"
	    "crisis-line,A,tj,tj,violence;legal,hotline" CALLERS
	    ",1313,,tj,,,,,,\n"
	    "law-line,B,tj,tj,jobs;legal,hotline" CALLERS ",1314,,tj,,,,,,\n"
	    "law-mail,A,tj,tj,jobs;legal,hotline" CALLERS ",,a@b,,,,,,,\n"
	    "never-line,A,tj,tj,family,hotline" CALLERS ",1315,,tj,,,,,,\n"
	    "seen-line,B,tj,tj,family,hotline" CALLERS
	    ",1316,,tj,,,2026-09-01,,,\n");
	EQ(load(tmp, &l, &d), 0, "small directory");
	if (l == NULL)
		printf("# %s\n", d.text);
	for (i = 0; l != NULL && i < ARRAY_LEN(cases); i++) {
		const char *out = ask_about(l, cases[i].topic, cases[i].place,
		    cases[i].from, cases[i].serves);

		OK(strcmp(out, cases[i].want) == 0, cases[i].name);
		if (strcmp(out, cases[i].want) != 0)
			printf("# got %s\n", out);
	}
	listings_free(&l);
	(void)unlink(tmp_path(tmp, "orgs/a.csv"));
}

/* Published with the day of a check mistyped: as if nobody had checked it. */
static void
test_ahead(const struct tmpdir *tmp)
{
	struct listing_query q = { .from = "kg",
		.place = places_find(real.places, SV("kg")),
		.verified_days = 30,
		.now_ms = NOW_MS };
	struct listings *l = NULL;
	struct diag d = { "" };

	tmp_puts(tmp, "orgs/a.csv",
	    HEAD "a,A,kg,kg,jobs,ngo" CALLERS ",,y@z,,,,2062-09-14,,,\n"
		 "b,B,kg,kg,jobs,ngo" CALLERS ",,y@z,,,,2026-09-15,,,\n"
		 "c,C,kg,kg,jobs,ngo" CALLERS ",,y@z,,,,2026-09-16,,,\n"
		 "d,D,kg,kg,jobs,ngo" CALLERS ",,y@z,,,,,,,\n");
	EQ(load(tmp, &l, &d), 0, "an edition is read, whatever its checks");
	OK(strcmp(ask(l, &q), "b ") == 0, "a day ahead is a time zone");
	EQ(listings_withheld(l, 30, NOW_MS), 3, "the others are withheld");
	EQ(listings_withheld(l, 0, NOW_MS), 0, "where any are");
	q.verified_days = 0;
	OK(strcmp(ask(l, &q), "b a c d ") == 0, "nor are they put first");
	listings_free(&l);
	(void)unlink(tmp_path(tmp, "orgs/a.csv"));
}

static void
test_merge(const struct tmpdir *tmp)
{
	struct listing_query q = { .from = "kg",
		.place = places_find(real.places, SV("kg")),
		.verified_days = 30,
		.now_ms = NOW_MS };
	struct listings *l = NULL;
	const struct listing *item;
	struct diag d = { "" };

	tmp_puts(tmp, "orgs/a.csv",
	    HEAD "x,New,kg,kg,jobs,ngo" CALLERS
		 "+996555123456,,,,,2024,,,page,\n"
		 "y,Lately,kg,kg,jobs,ngo" CALLERS ",,y@z,,,,2026-09-01,,,\n"
		 "z,Long ago,kg,kg,jobs,ngo" CALLERS
		 ",,y@z,,,,2026-08-01T00:00:00.000Z,,,\n");
	tmp_puts(tmp, "orgs/b.csv",
	    HEAD
	    "x,Old,kg, kg ; kg-osh,legal,ngo" CALLERS
	    "+996555000000,1414,old@b,,,\"2021, 2019\",,\"\xd0\x90\",,seed\n");
	EQ(load(tmp, &l, &d), 0, d.text);
	item = listings_find(l, SV("x"));
	OK(sv_eq(item->names[LANG_EN], SV("New")), "name of the newer row");
	EQ(item->names[LANG_RU].n, 2, "Russian name of the older");
	EQ(item->phone_count, 1, "phone of the newer row");
	OK(sv_eq(item->phones[0], SV("+996555123456")), "and only that");
	EQ(item->short_code.n, 0, "nothing mixed in from the older");
	EQ(item->email.n, 0, "no e-mail either");
	EQ(item->place_count, 2, "places joined");
	EQ(item->topics, topic("jobs") | topic("legal"), "topics joined");
	EQ(item->year, 2024, "year of the contact");
	OK(strcmp(ask(l, &q), "y ") == 0, "verified lately, and only that");
	q.verified_days = 0;
	OK(strcmp(ask(l, &q), "x y z ") == 0,
	    "all of them, who can be called first");
	listings_free(&l);
	(void)unlink(tmp_path(tmp, "orgs/a.csv"));
	(void)unlink(tmp_path(tmp, "orgs/b.csv"));
}

static void
test_bad(const struct tmpdir *tmp)
{
#define OK_ROW "a,A,kg,kg,jobs,ngo" CALLERS ",,a@b,,,,,,,\n"
	static const struct {
		const char *name, *text, *want;
	} bad[] = {
		{ "phone", "a,A,kg,kg,jobs,ngo" CALLERS "+99655,,,,,,,,,\n",
		    "a.csv:2: phone_e164" },
		{ "phone not E.164",
		    "a,A,ru,ru,jobs,ngo" CALLERS "84957777777,,,,,,,,,\n",
		    ":2: phone_e164" },
		{ "too many phones",
		    "a,A,kg,kg,jobs,ngo" CALLERS
		    "+996555000001;+996555000002;+996555000003;+996555000004;"
		    "+996555000005,,,,,,,,,\n",
		    ":2: more than 4 phones" },
		{ "short code", "a,A,kg,kg,jobs,ngo" CALLERS ",12x,,,,,,,,\n",
		    ":2: short_code" },
		{ "topic", OK_ROW "b,A,kg,kg,jbos,ngo" CALLERS ",,,,,,,,,\n",
		    ":3: topic \"jbos\"" },
		{ "no topic", "a,A,kg,kg,,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: topics is empty" },
		{ "place", "a,A,kg,kg-nowhere,jobs,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: place \"kg-nowhere\"" },
		{ "no place", "a,A,,,jobs,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: places is empty" },
		{ "kind", "a,A,kg,kg,jobs,club" CALLERS ",,,,,,,,,\n",
		    ":2: kind" },
		{ "listing", "a,A,kg,kg,jobs,ngo,all,,,,,,,,,,\n",
		    ":2: listing" },
		{ "country", "a,A,KG,kg,jobs,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: country" },
		{ "reach", "a,A,kg,kg,jobs,ngo" CALLERS ",,,kgz,,,,,,\n",
		    ":2: reachable_from" },
		{ "serves", "a,A,kg,kg,jobs,ngo" CALLERS ",,,,x,,,,,\n",
		    ":2: serves" },
		{ "email", "a,A,kg,kg,jobs,ngo" CALLERS ",,ab,,,,,,,\n",
		    ":2: email" },
		{ "checked", "a,A,kg,kg,jobs,ngo" CALLERS ",,,,,,yes,,,\n",
		    ":2: checked" },
		{ "checked, no day",
		    "a,A,kg,kg,jobs,ngo" CALLERS ",,,,,,2026-13-01,,,\n",
		    ":2: checked" },
		{ "id", "A b,A,kg,kg,jobs,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: id" },
		{ "name", "a,,kg,kg,jobs,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: name_en" },
		{ "empty member",
		    "a,A,kg,kg,jobs;;legal,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: topics has an empty member" },
		{ "empty last member",
		    "a,A,kg,kg; ;,jobs,ngo" CALLERS ",,,,,,,,,\n",
		    ":2: places has an empty member" },
		{ "twice in a file", OK_ROW OK_ROW,
		    "a.csv:3: id \"a\" stands in line 2" },
	};
	struct listings *l = NULL;
	char text[1024];
	struct diag d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		(void)snprintf(text, sizeof(text), HEAD "%s", bad[i].text);
		tmp_puts(tmp, "orgs/a.csv", text);
		EQ(load(tmp, &l, &d), -EINVAL, bad[i].name);
		OK(strstr(d.text, bad[i].want) != NULL, d.text);
		OK(l == NULL, "nothing returned");
	}
	(void)unlink(tmp_path(tmp, "orgs/a.csv"));
	EQ(load(tmp, &l, &d), -ENOENT, "a folder without CSV");
	EQ(listings_load(
	       tmp_path(tmp, "none"), real.topics, real.places, &l, &d),
	    -ENOENT, "no folder");
	tmp_puts(tmp, "orgs/a.csv", HEAD);
	EQ(load(tmp, &l, &d), 0, "an empty directory");
	EQ(listings_count(l), 0, "is empty");
	OK(ask_about(l, "jobs", "kg", "kg", "")[0] == '\0', "and finds none");
	listings_free(&l);
}

int
main(void)
{
	struct tmpdir tmp = { "" };
	struct content none = { 0 };
	struct diag d = { "" };

	EQ(content_load("content", &real, &d), 0, "the project's content");
	if (d.text[0] != '\0')
		printf("# %s\n", d.text);
	if (real.listings == NULL)
		return tap_done();
	tmp_init(&tmp);
	tmp_mkdir(&tmp, "orgs");
	test_real();
	test_contact();
	test_never();
	test_real_queries();
	test_order(&tmp);
	test_merge(&tmp);
	test_ahead(&tmp);
	test_bad(&tmp);
	EQ(content_load(tmp.path, &none, &d), -ENOENT, "no content there");
	OK(none.texts == NULL, "nothing returned");
	tmp_done(&tmp);
	content_done(&real);
	return tap_done();
}
