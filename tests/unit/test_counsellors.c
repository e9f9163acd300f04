/* test_counsellors.c - who is there for a caller, by language and hour. */
#include "daemon/core/counsellors.h"

#include "tests/tap.h"

static const struct {
	const char *setting, *says; /* NULL: it is read */
} cases[] = {
	{ "", NULL },
	{ "ru,ky@0900-1800=PJSIP/anna", NULL },
	{ "  any@0000-2400=anna   tg@2200-0600=PJSIP/b@c:5060 ", NULL },
	{ "xx@0900-1800=a", "entry 1, languages" },
	{ "@0900-1800=a", "entry 1, languages" },
	{ "any@0900-1800=a ru,@900-1800=a", "entry 2, hours" },
	{ "ru@0900-1860=a", "hours" },
	{ "ru@0900-2401=a", "hours" },
	{ "ru@0900=a", "hours" },
	{ "ru", "hours" },
	{ "ru@0900-1800=", "target" },
	{ "ru@0900-1800", "target" },
	{ "ru@0900-1800=PJSIP/a,60,g", "target" },
	{ "ru@0900-1800=a&PJSIP/b", "target" },
	{ "ru@0900-1800=a$b", "target" },
};

static bool
is(const struct counsellor *c, const char *target)
{
	return c != NULL && strcmp(c->target, target) == 0;
}

int
main(void)
{
	struct counsellors all;
	struct diag d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(cases); i++) {
		int rc;

		d.text[0] = '\0';
		rc = counsellors_read(cases[i].setting, &all, &d);
		EQ(rc, cases[i].says == NULL ? 0 : -EINVAL, cases[i].setting);
		OK(cases[i].says == NULL ||
			strstr(d.text, cases[i].says) != NULL,
		    d.text);
	}
	EQ(counsellors_read("ru,uz@0900-1800=day tg@2200-0600=night "
			    "any@1200-1300=noon",
	       &all, &d),
	    0, "three of them");
	OK(is(counsellors_find(&all, LANG_RU, 9 * 60), "day"), "at nine");
	OK(is(counsellors_find(&all, LANG_UZ_CYRL, 17 * 60 + 59), "day"),
	    "Uzbek is Uzbek");
	OK(counsellors_find(&all, LANG_RU, 18 * 60) == NULL, "closed at six");
	OK(counsellors_find(&all, LANG_KY, 9 * 60) == NULL, "nobody in Kyrgyz");
	OK(is(counsellors_find(&all, LANG_KY, 12 * 60), "noon"), "but at noon");
	OK(is(counsellors_find(&all, LANG_RU, 12 * 60), "day"),
	    "the first in the setting");
	OK(is(counsellors_find(&all, LANG_TG, 23 * 60), "night"), "at night");
	OK(is(counsellors_find(&all, LANG_TG, 5 * 60), "night"), "and on");
	OK(counsellors_find(&all, LANG_TG, 6 * 60) == NULL, "until morning");
	EQ(counsellors_langs(&all, 23 * 60), 1u << LANG_TG, "who has somebody");
	EQ(counsellors_langs(&all, 12 * 60), (1u << LANG_COUNT) - 1, "all");
	return tap_done();
}
