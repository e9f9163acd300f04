/* test_places.c - languages of countries, topics, the gazetteer. */
#include "content/places.h"

#include "content/topics.h"
#include "tests/tap.h"
#include "tests/tmpdir.h"

#define HEAD                                                                   \
	"id,country,kind,parent,lat,lon,name_ru,name_ky,name_tg,name_uz_latn," \
	"name_uz_cyrl,name_kk,name_en,aliases\n"
#define HEAD_UTC                                                               \
	"id,country,kind,parent,lat,lon,name_ru,name_ky,name_tg,name_uz_latn," \
	"name_uz_cyrl,name_kk,name_en,aliases,utc\n"
#define NAMES "a,b,c,d,e,f,g,"
#define COUNTRY "kg,kg,country,,41.5,74.5," NAMES "\n"

static void
test_lang(void)
{
	static const struct {
		const char *country;
		enum lang lang;
	} homes[] = { { "kg", LANG_KY }, { "tj", LANG_TG }, { "uz", LANG_UZ },
		{ "kz", LANG_KK }, { "ru", LANG_RU }, { "am", LANG_RU },
		{ "tr", LANG_EN }, { "", LANG_EN } };
	enum lang lang;
	size_t i;

	for (i = 0; i < LANG_COUNT; i++)
		EQ(lang_of(sv_of(lang_code((enum lang)i))), i,
		    lang_code((enum lang)i));
	EQ(lang_of(SV("uz@cyr")), LANG_NONE, "unknown code");
	OK(strcmp(lang_code(LANG_NONE), "") == 0, "no code for none");
	for (i = 0; i < ARRAY_LEN(homes); i++)
		EQ(lang_of_country(homes[i].country), homes[i].lang,
		    homes[i].country);
	lang = lang_fallback(LANG_UZ_CYRL);
	EQ(lang, LANG_UZ, "uz@cyrillic -> uz");
	lang = lang_fallback(lang);
	EQ(lang, LANG_RU, "uz -> ru");
	lang = lang_fallback(lang);
	EQ(lang, LANG_EN, "ru -> en");
	EQ(lang_fallback(lang), LANG_NONE, "en is the last");
}

static void
test_topics(const struct tmpdir *tmp)
{
	static const struct {
		const char *name, *text, *want;
	} bad[] = {
		{ "twice", "a,no,no,no,\na,no,no,no,\n", ":3: topic \"a\"" },
		{ "flag", "a,maybe,no,no,\n", ":2: urgent must be" },
		{ "mark", "a,no,no,,\n", ":2: sensitive must be" },
		{ "id", "A,no,no,no,\n", ":2: a topic's id" },
		{ "parent", "a,no,no,no,b\n", ":2: parent \"b\"" },
		{ "circle", "a,no,no,no,b\nb,no,no,no,a\n", "circle" },
		{ "none", "", ":1: has no topic" },
	};
	struct topics *t = NULL;
	const struct topic *item;
	struct diag d;
	char text[256];
	size_t i;

	EQ(topics_load("content/topics.csv", &t, &d), 0, "real topics");
	EQ(topics_find(t, SV("tax")), TOPIC_NONE, "unknown topic");
	item = topics_at(t, topics_find(t, SV("tb")));
	OK(item->health && !item->urgent, "tb is a health topic");
	OK(item->sensitive, "and nobody else is to read of it");
	EQ(item->parent, topics_find(t, SV("health")), "under health");
	OK(topics_at(t, topics_find(t, SV("trafficking")))->urgent, "urgent");
	EQ(topics_at(t, topics_find(t, SV("jobs")))->parent, TOPIC_NONE,
	    "no parent");
	topics_free(&t);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		(void)snprintf(text, sizeof(text),
		    "id,urgent,health,sensitive,parent\n%s", bad[i].text);
		tmp_puts(tmp, "topics.csv", text);
		EQ(topics_load(tmp_path(tmp, "topics.csv"), &t, &d), -EINVAL,
		    bad[i].name);
		OK(strstr(d.text, bad[i].want) != NULL, d.text);
		OK(t == NULL, "nothing returned");
	}
	EQ(topics_load(tmp_path(tmp, "none.csv"), &t, &d), -ENOENT, "missing");
}

static void
test_real(void)
{
	struct places *p = NULL;
	struct diag d;
	uint16_t osh, osh_region, moscow, piter, kg, ru;

	EQ(places_load("content/gazetteer.csv", &p, &d), 0, "real gazetteer");
	EQ(places_count(p), 260, "all places");
	kg = places_find(p, SV("kg"));
	ru = places_find(p, SV("ru"));
	osh = places_find(p, SV("kg-osh"));
	osh_region = places_find(p, SV("kg-osh-region"));
	moscow = places_find(p, SV("ru-moscow"));
	piter = places_find(p, SV("ru-saint-petersburg"));
	OK(kg != PLACE_NONE && ru != PLACE_NONE && osh != PLACE_NONE &&
		osh_region != PLACE_NONE && moscow != PLACE_NONE &&
		piter != PLACE_NONE,
	    "ids are found");
	EQ(places_find(p, SV("")), PLACE_NONE, "empty id");
	EQ(places_find(p, SV("ru-mosco")), PLACE_NONE, "start of an id");
	EQ(places_find(p, SV("ru-moscowx")), PLACE_NONE, "more than an id");
	OK(places_within(p, osh, kg), "Osh lies in Kyrgyzstan");
	OK(places_within(p, osh, osh), "and in itself");
	OK(!places_within(p, kg, osh), "not the other way");
	OK(!places_within(p, moscow, kg), "Moscow does not");
	EQ((int)(places_km(p, moscow, piter) / 10), 63,
	    "Moscow to Saint Petersburg is about 630 km");
	OK(places_km(p, osh, osh) < 0.001, "no way to itself");
	OK(sv_eq(places_at(p, moscow)->names[LANG_KK],
	       SV("\xd0\x9c\xd3\x99\xd1\x81\xd0\xba\xd0\xb5\xd1\x83")),
	    "a Kazakh name");
	EQ(places_at(p, kg)->kind, PLACE_COUNTRY, "kind");
	EQ(places_at(p, kg)->parent, PLACE_NONE, "no parent");
	EQ(places_at(p, moscow)->utc_min, 3 * 60, "the time of Russia");
	EQ(places_at(p, places_find(p, SV("ru-vladivostok")))->utc_min, 10 * 60,
	    "that of its region");
	EQ(places_at(p, places_find(p, SV("in")))->utc_min, 5 * 60 + 30,
	    "half an hour");
	places_free(&p);
	OK(p == NULL, "freed");
}

static void
test_bad(const struct tmpdir *tmp)
{
	static const struct {
		const char *name, *text, *want;
	} bad[] = {
		{ "twice", HEAD COUNTRY COUNTRY, ":3: place \"kg\" is there" },
		{ "kind", HEAD "kg,kg,land,,1,1," NAMES "\n", ":2: kind must" },
		{ "lat", HEAD "kg,kg,country,,91,1," NAMES "\n", ":2: lat" },
		{ "lon", HEAD "kg,kg,country,,1,x," NAMES "\n", ":2: lon" },
		{ "nan", HEAD "kg,kg,country,,nan,1," NAMES "\n", ":2: lat" },
		{ "country", HEAD "kg,KG,country,,1,1," NAMES "\n",
		    ":2: country must" },
		{ "id of a country", HEAD "k-g,kg,country,,1,1," NAMES "\n",
		    ":2: the id of a country" },
		{ "no parent", HEAD "kg-a,kg,city,,1,1," NAMES "\n",
		    ":2: every place" },
		{ "unknown parent",
		    HEAD COUNTRY "kg-a,kg,city,kg-b,1,1," NAMES "\n",
		    ":3: parent" },
		{ "parent not wider",
		    HEAD COUNTRY "kg-a,kg,city,kg,1,1," NAMES "\n"
				 "kg-b,kg,city,kg-a,1,1," NAMES "\n",
		    ":4: parent" },
		{ "parent abroad",
		    HEAD COUNTRY "uz-a,uz,city,kg,1,1," NAMES "\n",
		    ":3: parent" },
		{ "name missing", HEAD "kg,kg,country,,1,1,a,,c,d,e,f,g,\n",
		    ":2: name_ky is empty" },
		{ "no row", HEAD, ":1: has no place" },
		{ "time", HEAD_UTC "kg,kg,country,,41.5,74.5," NAMES ",6\n",
		    ":2: utc must" },
		{ "minutes",
		    HEAD_UTC "kg,kg,country,,41.5,74.5," NAMES ",+6:60\n",
		    ":2: utc must" },
	};
	struct places *p = NULL;
	struct diag d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		tmp_puts(tmp, "g.csv", bad[i].text);
		EQ(places_load(tmp_path(tmp, "g.csv"), &p, &d), -EINVAL,
		    bad[i].name);
		OK(strstr(d.text, bad[i].want) != NULL, d.text);
		OK(p == NULL, "nothing returned");
	}
	EQ(places_load(tmp_path(tmp, "none.csv"), &p, &d), -ENOENT, "missing");
}

int
main(void)
{
	struct tmpdir tmp = { "" };

	tmp_init(&tmp);
	test_lang();
	test_topics(&tmp);
	test_real();
	test_bad(&tmp);
	tmp_done(&tmp);
	return tap_done();
}
