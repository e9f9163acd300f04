/* How a list of listings is packed into a reply, and what they are called. */
#include "menus/edition.h"
#include "menus/render.h"
#include "tests/tap.h"

enum { ARENA_BLOCK = 65536, ARENA_MAX = 4194304 };

static struct edition *edition;
static struct arena *arena;

static bool
has(struct sv text, const char *part)
{
	return text.n > 0 && memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static struct listing
listing_long(void)
{
	return (struct listing){
		.id = "long",
		.names[LANG_RU] =
		    SV("Комитет по межнациональным отношениям и "
		       "реализации миграционной политики в городе "
		       "Санкт-Петербурге и Ленинградской области"),
		.names[LANG_EN] = SV("Committee \u00abHelp\u00bb \u2013 Oʻsh"),
		.country = "ru",
		.serves = "",
		.phones = { SV("+78120000000"), SV("+78120000001") },
		.phone_count = 2,
		.reachable_from = SV("any"),
		.hours = SV("24 hours"),
		.year = 2021,
		.for_callers = true,
	};
}

static void
test_pack(void)
{
	struct listing l = listing_long();
	const struct listing *found[] = { &l, &l, &l, &l };
	struct renderer r = { .e = edition, .lang = LANG_RU, .arena = arena };
	struct list_page page = {
		.head = "emergency.head",
		.found = found,
		.count = 4,
		.from = "ru",
		.at = PLACE_NONE,
		.ask_town = true,
	};
	struct list_shown shown;
	struct sv text;

	arena_reset(arena);
	text = render_list(&r, &page, &shown);
	EQ(shown.count, 1, "only one long name fits");
	OK(sms_measure(text).parts <= REPLY_PARTS_MAX, "in three parts");
	OK(has(text, "+78120000000"), "with its number whole");
	OK(has(text, "2021"), "and the year of the data");
	page.head = "everyone.head";
	page.count = 1;
	l.names[LANG_RU] = SV("Центр");
	text = render_list(&r, &page, &shown);
	OK(has(text, "\n+78120000000\n") && !has(text, "+78120000001"),
	    "a second number is not worth a part");
	page.ask_town = false;
	l.checked_ms = 1;
	text = render_list(&r, &page, &shown);
	OK(has(text, "24/7:\n+78120000000\n+78120000001"),
	    "with room: hours and a second number");
	page.ask_town = true;
	l.checked_ms = 0;
	page.count = 4;
	page.start = 3;
	(void)render_list(&r, &page, &shown);
	EQ(shown.count, 1, "the last page has the rest");
	page.start = 0;
	(void)render_list(&r, &page, &shown);
	EQ(shown.count, LIST_PAGE_MAX, "short ones come by three");
	r.lang = LANG_EN;
	page.head = "everyone.head";
	text = render_list(&r, &page, &shown);
	OK(has(text, "Committee \"Help\" - O'sh"), "marks are made plain");
	EQ(sms_measure(text).encoding, SMS_GSM7, "which keeps GSM-7");
	l.checked_ms = 1;
	text = render_list(&r, &page, &shown);
	OK(!has(text, "2021"), "who was checked is not called unchecked");
	l.checked_ms = 0;
	l.year = 0;
	text = render_list(&r, &page, &shown);
	OK(has(text, render_text(&r, "list.unverified-undated").p),
	    "nor is a year invented");
	l.names[LANG_RU] = (struct sv){ 0 };
	r.lang = LANG_TG;
	text = render_list(&r, &page, &shown);
	OK(has(text, "Committee"), "the other name when one is missing");
}

static struct sv
list_at(const struct listing *l, enum lang lang, const char *place)
{
	struct renderer r = { .e = edition, .lang = lang, .arena = arena };
	struct list_page page = {
		.head = NULL,
		.found = &l,
		.count = 1,
		.from = "ru",
		.at = places_find(edition->content.places, sv_of(place)),
	};
	struct list_shown shown;

	return render_list(&r, &page, &shown);
}

static void
test_names(void)
{
	static const struct {
		const char *name, *ru, *en, *place;
		enum lang lang;
		const char *begins;
	} cases[] = {
		{ "the town they are in", "Центр, Москва", "Centre",
		    "ru-moscow", LANG_KY, "Центр:" },
		{ "a town in the country they are in", "Центр, Москва",
		    "Centre", "ru", LANG_RU, "Центр, Москва:" },
		{ "the country of their town", "Линия 1899, Кыргызстан", "Line",
		    "kg-osh", LANG_RU, "Линия 1899:" },
		{ "another country", "Линия 1899, Кыргызстан", "Line",
		    "ru-moscow", LANG_RU, "Линия 1899, Кыргызстан:" },
		{ "nobody knows where they are", "Центр, Москва", "Centre", "",
		    LANG_RU, "Центр, Москва:" },
		{ "in Latin letters", "Центр", "Line 1899, Kyrgyzstan", "kg",
		    LANG_UZ, "Line 1899:" },
		{ "a number is no place", "Центр, 1282", "Centre", "ru",
		    LANG_RU, "Центр, 1282:" },
		{ "a name that is a place", "Москва", "Moscow", "ru-moscow",
		    LANG_RU, "Москва:" },
		{ "words before the place", "Центр в Москве, улица Москва",
		    "Centre", "ru-moscow", LANG_RU,
		    "Центр в Москве, улица Москва:" },
	};
	struct listing l;
	struct sv text;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		arena_reset(arena);
		l = listing_long();
		l.hours = SV("");
		l.names[LANG_RU] = sv_of(cases[i].ru);
		l.names[LANG_EN] = sv_of(cases[i].en);
		text = list_at(&l, cases[i].lang, cases[i].place);
		OK(text.n > strlen(cases[i].begins) &&
			memcmp(text.p, cases[i].begins,
			    strlen(cases[i].begins)) == 0,
		    cases[i].name);
	}
}

/* Whoever writes in a language gets the name in it, where there is one. */
static void
test_own_names(void)
{
	static const struct {
		const char *name;
		enum lang lang;
		bool latin;
		const char *want;
	} cases[] = {
		{ "Kyrgyz", LANG_KY, false, "Борбор" },
		{ "Kyrgyz in Latin letters", LANG_KY, true, "Borbor" },
		{ "Tajik has none: Russian", LANG_TG, false, "Центр" },
		{ "Uzbek, its marks made plain", LANG_UZ, false, "O'zbek" },
		{ "Uzbek in Cyrillic", LANG_UZ_CYRL, false, "Ўзбек" },
		{ "Kazakh, not of GSM-7, as it is", LANG_KK, false, "Орталық" },
		{ "Russian", LANG_RU, false, "Центр" },
		{ "English", LANG_EN, false, "Centre" },
	};
	struct listing l = listing_long();
	const struct listing *found[] = { &l };
	const struct list_page page = { .head = "everyone.head",
		.found = found,
		.count = 1,
		.from = "ru",
		.at = PLACE_NONE };
	struct renderer uzbek = {
		.e = edition, .lang = LANG_UZ, .arena = arena
	};
	struct list_shown shown;
	struct sv text;
	size_t i;

	l.names[LANG_RU] = SV("Центр");
	l.names[LANG_EN] = SV("Centre");
	l.names[LANG_KY] = SV("Борбор");
	l.names[LANG_UZ] = SV("Oʻzbek");
	l.names[LANG_UZ_CYRL] = SV("Ўзбек");
	l.names[LANG_KK] = SV("Орталық");
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct renderer r = { .e = edition,
			.lang = cases[i].lang,
			.latin = cases[i].latin,
			.arena = arena };

		arena_reset(arena);
		text = render_list(&r, &page, &shown);
		OK(has(text, cases[i].want), cases[i].name);
	}
	l.names[LANG_UZ] = SV("Ўзбек");
	text = render_list(&uzbek, &page, &shown);
	OK(has(text, "Centre") && sms_measure(text).encoding == SMS_GSM7,
	    "a name that would cost the alphabet is not sent");
}

/* A second phone and hours are given up for another listing. */
static void
test_one_more(void)
{
	struct listing l = listing_long();
	const struct listing *found[] = { &l, &l };
	struct renderer r = { .e = edition, .lang = LANG_RU, .arena = arena };
	struct list_page page = {
		.head = "counsellor.head",
		.found = found,
		.count = 1,
		.from = "ru",
		.at = PLACE_NONE,
	};
	struct list_shown shown;
	struct sv text;

	arena_reset(arena);
	l.names[LANG_RU] = SV("Юридическая помощь мигрантам и беженцам в суде");
	text = render_list(&r, &page, &shown);
	OK(has(text, "+78120000001"), "alone it has both its phones");
	OK(has(text, "24/7"), "and its hours");
	page.count = 2;
	text = render_list(&r, &page, &shown);
	EQ(shown.count, 2, "two fit");
	OK(!has(text, "+78120000001"), "with one phone each");
	l.names[LANG_RU] =
	    SV("Юридическая помощь мигрантам и беженцам в суде города Уфы");
	text = render_list(&r, &page, &shown);
	EQ(shown.count, 2, "two longer ones fit");
	OK(!has(text, "24/7"), "without their hours");
}

static void
test_short_names(void)
{
	struct listing l = listing_long();
	const struct listing *found[] = { &l };
	struct renderer r = { .e = edition, .lang = LANG_RU, .arena = arena };
	struct list_page page = { .head = "wages.head",
		.found = found,
		.count = 1,
		.from = "ru",
		.at = PLACE_NONE };
	struct list_shown shown;
	struct sv text;

	arena_reset(arena);
	l.names[LANG_RU] =
	    SV("Международная организация по миграции (МОМ), Уфа");
	text = render_list(&r, &page, &shown);
	OK(has(text, "Международная"), "a long name that costs no part");
	l.names[LANG_RU] = SV("Международная организация по миграции (МОМ), "
			      "отделение в Башкирии");
	text = render_list(&r, &page, &shown);
	OK(has(text, "МОМ (миграция), отделение"), "one that does");
	EQ(sms_measure(text).parts, 2, "is short in a part less");
	page.head = NULL;
	l.names[LANG_RU] = SV("Горячая линия 78120000000, +78120000000");
	text = render_list(&r, &page, &shown);
	OK(has(text, "Горячая линия 78120000000, 24/7:\n+7812"),
	    "a number is not said twice");
}

int
main(void)
{
	struct diag diag = { .text = "" };

	if (edition_load(".", 0, &edition, &diag) < 0) {
		printf("Bail out! %s\n", diag.text);
		return 1;
	}
	arena = arena_new(ARENA_BLOCK, ARENA_MAX);
	test_pack();
	test_names();
	test_own_names();
	test_one_more();
	test_short_names();
	arena_free(&arena);
	edition_free(&edition);
	return tap_done();
}
