/* test_web_lockout.c - pauses grow for who guesses, and for nobody else. */
#include "daemon/web/lockout.h"

#include "tests/folder.h"
#include "tests/tap.h"

static const struct lockout_who guesser = { { "192.0.2.1", 9 }, { "anna", 4 },
	{ "", 0 } };

static const int64_t day_and_hour = 90000000;

/* Try at once until a pause comes; how many were let through. */
static int
tries(struct lockout *l, const struct lockout_who *who, int64_t at_ms)
{
	bool began;
	int n = 0;

	while (n < 1000 && lockout_try(l, who, at_ms, &began) == 0)
		n++;
	return n;
}

static void
test_grows(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	int64_t at = 1000000, wait, before = 0;
	bool began = false;
	int i;

	EQ(tries(l, &guesser, at), 5, "five tries");
	for (i = 0; i < 8; i++) {
		wait = lockout_try(l, &guesser, at, &began);
		OK(wait > before, "then a pause, longer each time");
		before = wait;
		at += wait;
		EQ(lockout_try(l, &guesser, at, &began), 0,
		    "one try behind it");
		OK(began, "which begins the next one");
	}
	for (i = 0; i < 20; i++) {
		wait = lockout_try(l, &guesser, at, &began);
		at += wait;
		EQ(lockout_try(l, &guesser, at, &began), 0, "and so on");
	}
	OK(lockout_try(l, &guesser, at, &began) == 900000,
	    "up to a quarter of an hour");
	lockout_sweep(l, at + day_and_hour);
	EQ(tries(l, &guesser, at + day_and_hour), 5,
	    "a day later it is forgotten");
	lockout_free(&l);
}

static void
test_others(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	const struct lockout_who owner = { SV("198.51.100.7"), SV("anna"),
		{ "", 0 } };
	const struct lockout_who colleague = { SV("192.0.2.1"), SV("bek"),
		{ "", 0 } };
	bool began;

	(void)tries(l, &guesser, 1000);
	EQ(lockout_try(l, &owner, 1000, &began), 0,
	    "who guesses from elsewhere does not keep the owner out");
	OK(!began, "and the owner begins no pause");
	EQ(lockout_try(l, &colleague, 1000, &began), 0,
	    "nor others at the same address");
	lockout_free(&l);
}

/* From very many addresses, each a few times. */
static void
test_many(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	const struct lockout_who stranger = { SV("203.0.113.9"), SV("anna"),
		{ "", 0 } };
	const struct lockout_who known = { SV("203.0.113.9"), SV("anna"),
		SV("a cookie of a login") };
	char address[32];
	bool began;
	int i, through = 0;

	for (i = 0; i < 200; i++) {
		struct lockout_who one = guesser;

		(void)snprintf(address, sizeof(address), "10.0.%d.1", i);
		one.address = sv_of(address);
		through += tries(l, &one, 1000);
	}
	EQ(through, 20, "an account takes 20 tries from everywhere");
	OK(lockout_try(l, &stranger, 1000, &began) > 0,
	    "then a new browser has to wait");
	EQ(lockout_try(l, &known, 1000, &began), 0,
	    "but not one that has logged in before");
	lockout_passed(l, &known);
	EQ(tries(l, &known, 1000), 5, "whose own tries are counted, too");
	lockout_free(&l);
}

static void
test_passed(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	bool began;
	int i;

	for (i = 0; i < 100; i++) {
		if (lockout_try(l, &guesser, 1000, &began) != 0)
			break;
		lockout_passed(l, &guesser);
	}
	EQ(i, 100, "who is right each time never waits");
	lockout_free(&l);
}

/* A right password is no excuse for wrong codes. */
static void
test_uncounted(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	const struct lockout_who known = { SV("203.0.113.9"), SV("anna"),
		SV("a cookie of a login") };
	bool began;
	int i;

	for (i = 0; i < 100; i++) {
		if (lockout_try(l, &known, 1000, &began) != 0)
			break;
		if (lockout_try(l, &known, 1000, &began) != 0)
			break;
		lockout_uncount(l, &known);
	}
	EQ(i, 4, "wrong codes are counted, whatever is right between them");
	for (i = 0; i < 100; i++) {
		if (lockout_try(l, &guesser, 1000, &began) != 0)
			break;
		lockout_uncount(l, &guesser);
	}
	EQ(i, 100, "who is only right never waits");
	lockout_free(&l);
}

/* What is no account's keeps nobody out elsewhere. */
static void
test_no_account(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	const struct lockout_who guest = { SV("198.51.100.7"), { "", 0 },
		{ "", 0 } };
	char address[32];
	int i;

	for (i = 0; i < 200; i++) {
		struct lockout_who one = { .account = { "", 0 } };

		(void)snprintf(address, sizeof(address), "10.0.%d.1", i);
		one.address = sv_of(address);
		(void)tries(l, &one, 1000);
	}
	EQ(tries(l, &guest, 1000), 5, "guesses at links wait where they are");
	lockout_free(&l);
}

static void
test_address(const struct account_key *key)
{
	struct lockout *l = lockout_new(key);
	char name[32];
	int i, through = 0;

	for (i = 0; i < 200; i++) {
		struct lockout_who one = guesser;

		(void)snprintf(name, sizeof(name), "user%d", i);
		one.account = sv_of(name);
		through += tries(l, &one, 1000);
	}
	EQ(through, 30, "an address has 30 tries at all accounts together");
	lockout_free(&l);
}

int
main(void)
{
	struct folder f = folder_new();
	struct account_key *key = NULL;
	struct diag why;

	ASSERT(account_key_open(f.path, &key, &why) == 0);
	test_grows(key);
	test_others(key);
	test_many(key);
	test_passed(key);
	test_uncounted(key);
	test_no_account(key);
	test_address(key);
	account_key_close(&key);
	folder_done(&f);
	return tap_done();
}
