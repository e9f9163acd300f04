/* test_base.c - views, bounded texts, arenas, the clock, diagnoses. */
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/diag.h"
#include "daemon/base/sb.h"
#include "daemon/base/sv.h"
#include "tests/tap.h"

/* True if f() ends its process by SIGABRT. */
static bool
aborts(void (*f)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		f();
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
test_sv(void)
{
	struct sv rest = SV("a,,bc"), none = { 0 };

	OK(sv_eq(SV("ab"), sv_of("ab")), "equal");
	OK(!sv_eq(SV("ab"), SV("ac")), "other bytes");
	OK(!sv_eq(SV("ab"), SV("abc")), "other length");
	OK(sv_eq(none, SV("")), "NULL and empty are equal");
	OK(sv_of(NULL).n == 0 && sv_of(NULL).p == NULL, "of NULL");
	OK(sv_eq(sv_cut(&rest, ','), SV("a")), "cut: first");
	OK(sv_eq(sv_cut(&rest, ','), SV("")), "cut: empty between");
	OK(sv_eq(sv_cut(&rest, ','), SV("bc")), "cut: last, no separator");
	OK(rest.n == 0 && rest.p == NULL, "cut: nothing left");
	OK(sv_cut(&rest, ',').n == 0, "cut: of nothing");
	OK(sv_eq(sv_begin(SV("абв"), 6), SV("абв")), "beginning: all of it");
	OK(sv_eq(sv_begin(SV("абв"), 5), SV("аб")),
	    "beginning: no half letter");
	OK(sv_eq(sv_begin(SV("абв"), 4), SV("аб")), "beginning: between two");
	OK(sv_eq(sv_begin(SV("a\xe2\x82\xac"), 3), SV("a")), "of three bytes");
	OK(sv_eq(sv_begin(SV("a\xf0\x9f\x98\x80"), 4), SV("a")), "of four");
	OK(sv_begin(none, 4).n == 0, "beginning: of nothing");
	OK(sv_begin(SV("\x80\x80\x80\x80\x80"), 5).n == 5, "of no letters");
	rest = SV("x,");
	OK(sv_eq(sv_cut(&rest, ','), SV("x")), "cut: separator at the end");
	OK(rest.n == 0, "cut: leaves an empty rest");
}

static void
test_sb_fits(void)
{
	char buf[8];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	OK(b.n == 0 && strcmp(b.p, "") == 0, "wrapped empty");
	sb_puts(&b, "abc");
	sb_put(&b, (struct sv){ NULL, 0 });
	sb_printf(&b, "%d", 4567);
	OK(!b.full && strcmp(buf, "abc4567") == 0, "seven bytes of seven");
	sb_printf(&b, "%s", "");
	OK(!b.full, "nothing more fits");
	sb_puts(&b, "x");
	OK(b.full && strcmp(buf, "abc4567") == 0, "the eighth is left out");
	OK(sv_eq(sb_sv(&b), SV("abc4567")), "as a view");
}

static void
test_sb_full(void)
{
	char buf[8];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	sb_puts(&b, "abcd");
	sb_puts(&b, "efgh");
	OK(b.full && strcmp(buf, "abcd") == 0, "too long is left out whole");
	sb_puts(&b, "e");
	OK(strcmp(buf, "abcd") == 0, "once full, nothing more");
	sb_printf(&b, "e");
	OK(b.n == 4 && strcmp(buf, "abcd") == 0, "nor formatted");
	sb_cut(&b, 2);
	OK(!b.full && strcmp(buf, "ab") == 0, "cut forgets the overflow");
	sb_printf(&b, "%s", "cdefgh");
	OK(b.full && b.n == 2 && strcmp(buf, "ab") == 0,
	    "formatted too long is left out whole");
	sb_cut(&b, 0);
	sb_put(&b, (struct sv){ "a", SIZE_MAX });
	OK(b.full && b.n == 0, "greatest length");
	sb_wrap(&b, buf, 1);
	sb_puts(&b, "");
	OK(!b.full, "room for the NUL alone");
	sb_puts(&b, "a");
	OK(b.full && strcmp(buf, "") == 0, "and for nothing else");
}

static void
test_sb_arena(void)
{
	CLEANUP(arena_free) struct arena *a = arena_new(1024, 4096);
	struct sb b;

	sb_init(&b, a, 3);
	sb_puts(&b, "abc");
	OK(!b.full && strcmp(b.p, "abc") == 0, "in an arena");
	sb_puts(&b, "d");
	OK(b.full && b.n == 3, "with its own ceiling");
}

static bool
is_zero(const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void
test_arena(void)
{
	struct arena *a = arena_new(1024, 8192);
	unsigned char *first, *again;
	size_t i;
	int bad = 0;

	first = arena_get(a, 100);
	OK(is_zero(first, 100), "zeroed");
	memset(first, 0xAA, 100);
	for (i = 0; i < 60; i++) {
		unsigned char *p = arena_get(a, i);

		bad += (uintptr_t)p % alignof(max_align_t) != 0;
		bad += !is_zero(p, i);
		memset(p, 0xBB, i);
	}
	EQ(bad, 0, "aligned and zeroed, over several blocks");
	OK(is_zero(arena_get(a, 3000), 3000), "longer than a block");
	OK(strcmp(arena_dup(a, "abcd", 3), "abc") == 0, "copy, NUL added");
	OK(strcmp(arena_dup(a, NULL, 0), "") == 0, "copy of nothing");
	arena_reset(a);
	again = arena_get(a, 100);
	OK(again == first, "reset keeps the first block");
	OK(is_zero(again, 100), "and zeroes it");
	arena_reset(a);
	OK(arena_get(a, 7168) != NULL, "up to the limit, after a reset");
	arena_free(&a);
	OK(a == NULL, "free sets NULL");
	arena_free(&a);
	OK(a == NULL, "free of NULL");
}

static void
arena_past_limit(void)
{
	struct arena *a = arena_new(1024, 2048);

	(void)arena_get(a, 1024);
	(void)arena_get(a, 1024);
	(void)arena_get(a, 1);
}

static void
arena_greatest(void)
{
	(void)arena_get(arena_new(1024, 2048), SIZE_MAX);
}

static void
arena_block_too_small(void)
{
	(void)arena_new(1023, 4096);
}

static void
sb_cut_forward(void)
{
	char buf[4];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	sb_cut(&b, 1);
}

static void
test_clock(void)
{
	int64_t now_ms = clock_ms();

	OK(now_ms > INT64_C(1700000000000), "after 2023");
	clock_set(INT64_C(1234567890123));
	EQ(clock_ms(), INT64_C(1234567890123), "stopped");
	EQ(clock_ms(), INT64_C(1234567890123), "stays");
	clock_set(0);
	OK(clock_ms() >= now_ms, "runs again");
}

static void
test_diag(void)
{
	struct diag d;

	EQ(diag_set(&d, -EINVAL, "%s:%d: %s", "menu.yaml", 3, "no text"),
	    -EINVAL, "returns rc");
	OK(strcmp(d.text, "menu.yaml:3: no text") == 0, "sentence");
	EQ(diag_set(&d, -EIO, "%0600d", 7), -EIO, "too long");
	EQ(strlen(d.text), sizeof(d.text) - 1, "is cut");
	EQ(diag_set(&d, -EIO, "%0510d\xd0\xb6", 7), -EIO, "by half a letter");
	EQ(strlen(d.text), sizeof(d.text) - 2, "which goes, too");
}

int
main(void)
{
	test_sv();
	test_sb_fits();
	test_sb_full();
	test_sb_arena();
	test_arena();
	OK(aborts(arena_past_limit), "past the arena's limit: abort");
	OK(aborts(arena_greatest), "greatest size: abort");
	OK(aborts(arena_block_too_small), "block too small: abort");
	OK(aborts(sb_cut_forward), "cut beyond the text: abort");
	test_clock();
	test_diag();
	return tap_done();
}
