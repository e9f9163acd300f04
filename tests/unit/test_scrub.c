/* test_scrub.c - what is left of a text. */
#include "content/scrub.h"

#include "tests/tap.h"

static const struct {
	const char *name, *text, *left;
} cases[] = {
	{ "words", "маош намедиҳанд", "маош намедиҳанд" },
	{ "a number", "звоните +7 926 123-45-67 скорее",
	    "звоните + -- скорее" },
	{ "digits of other scripts", "tel ٠٩٢٦ ९२ ９２６ ①② ½ Ⅻ 𝟗𝟐 end",
	    "tel end" },
	{ "digits in a word", "a1b2", "ab" },
	{ "a keycap", "1\xef\xb8\x8f\xe2\x83\xa3 ok",
	    "\xef\xb8\x8f\xe2\x83\xa3 ok" },
	{ "a mail address", "пишите ann@mail.ru срочно", "пишите срочно" },
	{ "a wide one", "ann\xef\xbc\xa0mail ok", "ok" },
	{ "a user name", "telegram @ann_b", "telegram" },
	{ "links", "http://x.y/z www.a.com t.me/ann see", "see" },
	{ "a site", "mysite.com", "" },
	{ "no space behind a full stop", "Привет.Помогите", "Привет.Помогите" },
	{ "lines and spaces", " a\n\tb  c ", "a b c" },
	{ "broken bytes", "a\xff\xd0 b", "a b" },
	{ "nothing", "", "" },
	{ "only digits", "123 456", "" },
};

int
main(void)
{
	struct arena *a = arena_new(4096, 1 << 20);
	static char many[3 * SCRUB_MAX];
	struct sv left;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		left = scrub_text(sv_of(cases[i].text), a);
		OK(sv_eq(left, sv_of(cases[i].left)), cases[i].name);
		if (!sv_eq(left, sv_of(cases[i].left)))
			printf("# got '" SV_FMT "'\n", SV_ARG(left));
	}
	for (i = 0; i < sizeof(many); i++)
		many[i] = "я"[i % 2];
	left = scrub_text((struct sv){ many, sizeof(many) }, a);
	EQ(left.n, SCRUB_MAX, "a long text is cut");
	left = scrub_text((struct sv){ many + 1, sizeof(many) - 1 }, a);
	EQ(left.n, SCRUB_MAX, "never within a letter");
	arena_free(&a);
	return tap_done();
}
