/* test_places.c - languages of countries, topics, the gazetteer. */
#include "content/places.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

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

/* 2026, UTC. */
static int64_t
at_2026(int month, int day, int hour, int minute)
{
	struct tm tm = { .tm_year = 126,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute };

	return (int64_t)timegm(&tm) * 1000;
}

static void
test_summer(void)
{
	struct places *p = NULL;
	const struct place *vienna, *osh;
	struct diag d = { "" };

	ASSERT(places_load("content/gazetteer.csv", &p, &d) == 0);
	vienna = places_at(p, places_find(p, SV("at-vienna")));
	osh = places_at(p, places_find(p, SV("kg-osh")));
	EQ(place_utc(vienna, at_2026(1, 15, 12, 0)), 60, "winter");
	EQ(place_utc(vienna, at_2026(3, 29, 0, 59)), 60, "to its last minute");
	EQ(place_utc(vienna, at_2026(3, 29, 1, 0)), 120, "summer");
	EQ(place_utc(vienna, at_2026(3, 31, 23, 0)), 120, "after a Sunday");
	EQ(place_utc(vienna, at_2026(7, 1, 0, 0)), 120, "in July");
	EQ(place_utc(vienna, at_2026(10, 1, 0, 0)), 120, "before a Sunday");
	EQ(place_utc(vienna, at_2026(10, 25, 0, 59)), 120,
	    "to the last minute");
	EQ(place_utc(vienna, at_2026(10, 25, 1, 0)), 60, "winter");
	EQ(place_utc(osh, at_2026(7, 1, 0, 0)), 360, "no summer time in Osh");
	places_free(&p);
}

/* Whose clocks the places have; a place that is not here has those of the
 * wider one. */
static const struct {
	const char *id, *zone;
} zones[] = { { "kz", "Asia/Almaty" }, { "kg", "Asia/Bishkek" },
	{ "tj", "Asia/Dushanbe" }, { "uz", "Asia/Tashkent" },
	{ "tm", "Asia/Ashgabat" }, { "ru", "Europe/Moscow" },
	{ "by", "Europe/Minsk" }, { "ua", "Europe/Kiev" },
	{ "md", "Europe/Chisinau" }, { "am", "Asia/Yerevan" },
	{ "az", "Asia/Baku" }, { "ge", "Asia/Tbilisi" },
	{ "tr", "Europe/Istanbul" }, { "af", "Asia/Kabul" },
	{ "cn", "Asia/Shanghai" }, { "kr", "Asia/Seoul" },
	{ "in", "Asia/Kolkata" }, { "ae", "Asia/Dubai" },
	{ "at", "Europe/Vienna" }, { "nl", "Europe/Amsterdam" },
	{ "kz-west-kazakhstan-region", "Asia/Oral" },
	{ "kz-aktobe-region", "Asia/Aqtobe" },
	{ "kz-atyrau-region", "Asia/Atyrau" },
	{ "ru-kaliningrad-region", "Europe/Kaliningrad" },
	{ "ru-samara-region", "Europe/Samara" },
	{ "ru-udmurtia", "Europe/Samara" },
	{ "ru-saratov-region", "Europe/Saratov" },
	{ "ru-ulyanovsk-region", "Europe/Ulyanovsk" },
	{ "ru-astrakhan-region", "Europe/Astrakhan" },
	{ "ru-volgograd-region", "Europe/Volgograd" },
	{ "ru-sverdlovsk-region", "Asia/Yekaterinburg" },
	{ "ru-tyumen-region", "Asia/Yekaterinburg" },
	{ "ru-khmao", "Asia/Yekaterinburg" },
	{ "ru-yanao", "Asia/Yekaterinburg" },
	{ "ru-chelyabinsk-region", "Asia/Yekaterinburg" },
	{ "ru-bashkortostan", "Asia/Yekaterinburg" },
	{ "ru-orenburg-region", "Asia/Yekaterinburg" },
	{ "ru-perm-region", "Asia/Yekaterinburg" },
	{ "ru-omsk-region", "Asia/Omsk" },
	{ "ru-novosibirsk-region", "Asia/Novosibirsk" },
	{ "ru-altai-krai", "Asia/Barnaul" },
	{ "ru-tomsk-region", "Asia/Tomsk" },
	{ "ru-kemerovo-region", "Asia/Novokuznetsk" },
	{ "ru-krasnoyarsk-region", "Asia/Krasnoyarsk" },
	{ "ru-irkutsk-region", "Asia/Irkutsk" },
	{ "ru-yakutia", "Asia/Yakutsk" }, { "ru-amur-region", "Asia/Yakutsk" },
	{ "ru-primorsky-region", "Asia/Vladivostok" },
	{ "ru-khabarovsk-region", "Asia/Vladivostok" },
	{ "ru-sakhalin-region", "Asia/Sakhalin" } };

static const char *
zone_of(const struct places *p, uint16_t place)
{
	size_t i;

	for (; place != PLACE_NONE; place = places_at(p, place)->parent)
		for (i = 0; i < ARRAY_LEN(zones); i++)
			if (strcmp(zones[i].id, places_at(p, place)->id) == 0)
				return zones[i].zone;
	return "";
}

/* Minutes ahead of UTC, by the system's database. */
static int
zone_utc(const char *zone, int64_t at_ms)
{
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm tm;

	ASSERT(setenv("TZ", zone, 1) == 0);
	tzset();
	ASSERT(localtime_r(&seconds, &tm) != NULL);
	return (int)(tm.tm_gmtoff / 60);
}

/* Every place, all year round. */
static void
test_zones(void)
{
	const int64_t times[] = { at_2026(1, 15, 12, 0), at_2026(3, 28, 12, 0),
		at_2026(3, 29, 2, 0), at_2026(7, 1, 12, 0),
		at_2026(10, 24, 12, 0), at_2026(10, 25, 2, 0),
		at_2026(12, 31, 12, 0) };
	struct places *p = NULL;
	struct diag d = { "" };
	uint16_t place;
	size_t i;
	bool same;

	if (access("/usr/share/zoneinfo/Asia/Almaty", R_OK) < 0) {
		(void)fprintf(stderr, "# SKIPPED: is the time of places right? "
				      "apt install tzdata\n");
		OK(true, "the time of places # SKIP no tzdata");
		return;
	}
	ASSERT(places_load("content/gazetteer.csv", &p, &d) == 0);
	for (place = 0; place < places_count(p); place++) {
		same = true;
		for (i = 0; i < ARRAY_LEN(times); i++)
			same =
			    same && place_utc(places_at(p, place), times[i]) ==
					zone_utc(zone_of(p, place), times[i]);
		OK(same, places_at(p, place)->id);
	}
	places_free(&p);
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
		{ "summer",
		    HEAD_UTC "kg,kg,country,,41.5,74.5," NAMES ",+6/7\n",
		    ":2: utc must" },
		{ "more than summer",
		    HEAD_UTC "kg,kg,country,,41.5,74.5," NAMES ",+6/+7/+8\n",
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
	test_summer();
	test_zones();
	test_bad(&tmp);
	tmp_done(&tmp);
	return tap_done();
}
