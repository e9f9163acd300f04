/* Tests of menus/latin.c: tables of words, then all that there is to write. */
#include "daemon/base/arena.h"
#include "daemon/proto/sms.h"
#include "menus/edition.h"
#include "tests/tap.h"

enum { ARENA_BLOCK = 65536, ARENA_MOST = 4 << 20, TEXT_BYTES_MAX = 4096 };

static struct edition *edition;
static struct arena *arena;

static struct sv
written(enum lang lang, struct sv text)
{
	struct sb b;

	sb_init(&b, arena, TEXT_BYTES_MAX);
	sb_put(&b, text);
	latin_write(edition->latin, lang, &b);
	return b.full ? SV("(full)") : sb_sv(&b);
}

static void
test_words(void)
{
	static const struct {
		enum lang lang;
		const char *from, *to;
	} cases[] = {
		{ LANG_RU, "Жизнь, щука, Эльза, ещё ЕЩЁ Ещё",
		    "Zhizn, schuka, Elza, esche ESCHE Esche" },
		{ LANG_RU, "ЮРИСТ Юрист я Я", "YURIST Yurist ya Ya" },
		{ LANG_RU, "новый Новый год, ЖИЛЬЁ", "novy Novy god, ZHILYO" },
		{ LANG_RU, "«Сёстры» — помощь… № 5",
		    "\"Syostry\" - pomosch... N 5" },
		{ LANG_KY, "Жумуш, сүйлөшүү, жазыңыз, ӨҢ",
		    "Jumush, süylöshüü, jazyngyz, ÖNG" },
		{ LANG_TG, "Ҳуқуқ, хона, маъно, ҷой, кӯдак, Ғарм, ёрӣ",
		    "Huquq, khona, ma'no, joy, kudak, Gharm, yori" },
		{ LANG_KK, "Дәрігер, жұмыс, құқығым, сөйлесіңіз, һәм",
		    "Däriger, jumys, quqygym, söylesiñiz, häm" },
		{ LANG_UZ, "O\u02bbzbek \u2018ish\u2019", "O'zbek 'ish'" },
		{ LANG_UZ, "Ўзбекча", "O'zbekcha" },
		{ LANG_RU, "+78007078841 a_b@mail.example 24/7 [x] {y}",
		    "+78007078841 a_b@mail.example 24/7 [x] {y}" },
		{ LANG_RU, "日本 \U0001f600 ёлка\tš`", "ri ben  yolka s'" },
		{ LANG_RU, "", "" },
	};
	struct sv got;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		got = written(cases[i].lang, sv_of(cases[i].from));
		OK(sv_eq(got, sv_of(cases[i].to)), cases[i].from);
		if (!sv_eq(got, sv_of(cases[i].to)))
			printf("# got: " SV_FMT "\n", SV_ARG(got));
	}
}

static void
test_room(void)
{
	char buf[8];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	sb_puts(&b, "щщщ");
	latin_write(edition->latin, LANG_RU, &b);
	OK(b.full, "what outgrows its room is marked full");
}

static void
test_addresses(void)
{
	struct sv got;

	EQ(latin_address(arena, SV("help@mail.example"), &got), 0, "an e-mail");
	OK(sv_eq(got, SV("help@mail.example")), "stays");
	EQ(latin_address(arena, SV("онлайнинспекция.рф"), &got), 0,
	    "a host in Cyrillic");
	OK(sv_eq(got, SV("xn--80akibcicpdbetz7e2g.xn--p1ai")),
	    "has a name in ASCII");
	EQ(latin_address(arena, SV("сайт.рф/страница"), &got), -EINVAL,
	    "a path has none");
	EQ(latin_address(arena, SV("имя@сайт.рф"), &got), -EINVAL,
	    "nor has a person's name");
}

/* --- whatever can be said --- */

static unsigned tried, bad;

static void
check(struct sv text)
{
	int lang;

	for (lang = 0; lang < LANG_COUNT; lang++) {
		struct sv got = written((enum lang)lang, text);

		tried++;
		if (sms_measure(got).encoding == SMS_GSM7 &&
		    utf8_is_valid(got) && !sv_eq(got, SV("(full)")))
			continue;
		bad++;
		printf("# %s: " SV_FMT "\n", lang_code((enum lang)lang),
		    SV_ARG(got));
	}
	arena_reset(arena);
}

static void
on_text(void *arg, const char *id)
{
	int lang;

	(void)arg;
	for (lang = 0; lang < LANG_COUNT; lang++)
		check(texts_get(edition->content.texts, (enum lang)lang, id));
}

/* Every character there is, as a text of its own and among letters. */
static void
test_characters(void)
{
	char utf8[16];
	struct sb b;
	unsigned c;

	for (c = 1; c <= 0x10ffff; c += c < 0x700 ? 1 : 47) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		sb_wrap(&b, utf8, sizeof(utf8));
		sb_puts(&b, "я");
		if (c < 0x80)
			sb_printf(&b, "%c", (int)c);
		else if (c < 0x800)
			sb_printf(&b, "%c%c", (int)(0xc0 | c >> 6),
			    (int)(0x80 | (c & 0x3f)));
		else if (c < 0x10000)
			sb_printf(&b, "%c%c%c", (int)(0xe0 | c >> 12),
			    (int)(0x80 | (c >> 6 & 0x3f)),
			    (int)(0x80 | (c & 0x3f)));
		else
			sb_printf(&b, "%c%c%c%c", (int)(0xf0 | c >> 18),
			    (int)(0x80 | (c >> 12 & 0x3f)),
			    (int)(0x80 | (c >> 6 & 0x3f)),
			    (int)(0x80 | (c & 0x3f)));
		sb_puts(&b, "Ж");
		check(sb_sv(&b));
	}
	EQ(bad, 0, "every character ends in GSM-7");
}

static void
test_everything(void)
{
	const struct content *c = &edition->content;
	const struct listing *l;
	size_t i;
	int lang;

	texts_each(c->texts, on_text, NULL);
	for (i = 0; i < places_count(c->places); i++)
		for (lang = 0; lang < LANG_COUNT; lang++)
			check(places_at(c->places, (uint16_t)i)->names[lang]);
	for (i = 0; i < listings_count(c->listings); i++) {
		l = listings_at(c->listings, i);
		check(l->names[LANG_RU]);
		check(l->names[LANG_EN]);
		check(l->hours);
	}
	OK(tried > 5000, "there are texts, places and names");
	EQ(bad, 0, "all of them end in GSM-7");
}

int
main(void)
{
	struct diag d = { "" };

	arena = arena_new(ARENA_BLOCK, ARENA_MOST);
	EQ(edition_load(".", 0, &edition, &d), 0, d.text);
	if (edition != NULL) {
		test_words();
		test_room();
		test_addresses();
		test_everything();
		test_characters();
	}
	edition_free(&edition);
	arena_free(&arena);
	return tap_done();
}
