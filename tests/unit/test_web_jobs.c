/* test_web_jobs.c - what the console may ask safarctl to do. */
#include "daemon/web/spawner.h"
#include "tests/tap.h"

#define LINE(...) ((const char *const[]){ __VA_ARGS__, NULL })

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
	return tap_done();
}
