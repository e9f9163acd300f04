/* test_web_jobs.c - what the console may ask safarctl to do. */
#include "daemon/web/jobs.h"
#include "daemon/web/spawner.h"
#include "tests/tap.h"

#define LINE(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
test_text(void)
{
	char text[8];

	jobs_text(SV("short"), text, sizeof(text));
	OK(strcmp(text, "short") == 0, "a word as it is");
	jobs_text(SV("abcдом"), text, sizeof(text));
	OK(strcmp(text, "abcдо") == 0, "a long one is cut between two letters");
	jobs_text(SV("abcd\xd0\xb4\xd0\xbe"), text, sizeof(text));
	OK(strcmp(text, "abcdд") == 0, "and not within the next");
	jobs_text(SV("a\xff\xd0"), text, sizeof(text));
	OK(strcmp(text, "a??") == 0, "what is no text does not get through");
}

int
main(void)
{
	const struct {
		const char *const *argv;
		bool allowed;
		const char *name;
	} rows[] = {
		{ LINE("publish", "--progress", "--who", "anna"), true,
		    "a line of the list" },
		{ LINE("publish", "--progress", "--who", "anna", "--note",
		      "new phones; rm -rf /"),
		    true, "any text, since no shell reads it" },
		{ LINE("publish", "--progress", "--who", "--data=/tmp"), false,
		    "not an option in the place of a text" },
		{ LINE("publish", "--progress", "--who"), false,
		    "nor a line cut short" },
		{ LINE("publish", "--progress", "--who", "a", "b"), false,
		    "nor one with more" },
		{ LINE("publish", "--progress", "--who", "a", "--again", "12x"),
		    false, "a number is digits" },
		{ LINE("panic"), false, "nothing else" },
		{ LINE("--data", "/tmp", "publish"), false,
		    "and no other folder" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		EQ(spawner_allows(rows[i].argv, "/data"), rows[i].allowed,
		    rows[i].name);
	test_text();
	return tap_done();
}
