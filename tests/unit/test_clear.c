/* What is kept in memory between two texts: answers in clear, and what texts
 * were understood as. */
#include "daemon/core/clear.h"
#include "daemon/core/known.h"
#include "menus/edition.h"
#include "tests/tap.h"

static void
test_clear(void)
{
	static char text[CLEAR_BYTES + 1];
	struct clear *all[CLEAR_COUNT], *none = NULL;
	struct clears *c = clears_new();
	struct sv to, from, said;
	size_t i, n = 0;

	all[0] = clears_put(c, SV("+996555000001"), SV("1414"), SV("салом"));
	clear_read(all[0], &to, &from, &said);
	OK(sv_eq(to, SV("+996555000001")) && sv_eq(from, SV("1414")) &&
		sv_eq(said, SV("салом")),
	    "an answer as it was put");
	clears_drop(c, &all[0]);
	OK(all[0] == NULL && to.p[0] == '\0' && said.p[said.n - 1] == '\0',
	    "dropped: wiped at once");
	clears_drop(c, &none);
	memset(text, 'x', sizeof(text));
	OK(clears_put(c, SV("+99655"), SV(""),
	       (struct sv){ text, sizeof(text) }) == NULL,
	    "none that is too long");
	OK(clears_put(c, (struct sv){ text, sizeof(text) }, SV(""), SV("")) ==
		NULL,
	    "whatever of it");
	for (i = 0; i < CLEAR_COUNT; i++) {
		all[i] = clears_put(c, SV("+1"), SV(""), SV("a"));
		n += all[i] != NULL;
	}
	EQ(n, CLEAR_COUNT, "so many");
	OK(clears_put(c, SV("+1"), SV(""), SV("a")) == NULL, "and no more");
	clears_drop(c, &all[7]);
	all[7] = clears_put(c, SV("+2"), SV(""), SV(""));
	OK(all[7] != NULL, "until one is dropped");
	clear_read(all[7], &to, &from, &said);
	OK(sv_eq(to, SV("+2")) && from.n == 0 && said.n == 0, "empty fields");
	clears_free(&c);
	clears_free(&c);
}

static void
test_known(void)
{
	static const char *const texts[] = { "2", "меню", "адвокат Москва", "",
		"hello there", "2", "адвокат Москва", "меню" };
	struct known *k = known_new();
	struct edition *e = NULL;
	struct match m, want;
	struct diag why;
	size_t i, same = 0;

	EQ(edition_load(".", 7, &e, &why), 0, "an edition");
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		match_text(e->matcher, sv_of(texts[i]), &want);
		known_match(k, e, sv_of(texts[i]), &m);
		same += match_same(&m, &want);
	}
	EQ(same, ARRAY_LEN(texts), "as the matcher says, also the next time");
	e->number = 8;
	known_match(k, e, SV("2"), &m);
	OK(m.kind == MATCH_NUMBER && m.number == 2, "and in the next edition");
	edition_free(&e);
	known_free(&k);
}

int
main(void)
{
	test_clear();
	test_known();
	return tap_done();
}
