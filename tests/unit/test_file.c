/* test_file.c - files that are written whole or not at all. */
#include "content/file.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/tap.h"
#include "tests/tmpdir.h"

static bool
has(const char *path, const char *want)
{
	struct diag d = { "" };
	char *text = NULL;
	bool same;
	size_t n;

	if (file_read_text(path, 1 << 20, &text, &n, &d) < 0)
		return false;
	same = strcmp(text, want) == 0;
	free(text);
	return same;
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	ASSERT(stat(path, &st) == 0);
	return st.st_mode & 07777;
}

static void
test_write(const struct tmpdir *tmp)
{
	const char *path = tmp_path(tmp, "a");

	EQ(file_write(path, SV("one"), 0640), 0, "a new file");
	OK(has(path, "one"), "has what was written");
	EQ(mode_of(path), 0640, "and the mode it was given");
	ASSERT(chmod(path, 0664) == 0);
	EQ(file_write(path, SV("two"), 0600), 0, "in the place of one");
	OK(has(path, "two"), "has what was written last");
	EQ(mode_of(path), 0664, "and keeps its mode");
	EQ(file_write(tmp_path(tmp, "no/where"), SV("x"), 0600), -ENOENT,
	    "no such folder");
	EQ(file_write(tmp_path(tmp, "a/b"), SV("x"), 0600), -ENOTDIR,
	    "a file is no folder");
	tmp_mkdir(tmp, "folder");
	EQ(file_write(tmp_path(tmp, "folder"), SV("x"), 0600), -EISDIR,
	    "a folder is no file");
}

/* A disk without room for it. */
static void
test_full(const struct tmpdir *tmp)
{
	const struct rlimit small = { 1000, RLIM_INFINITY };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	const char *path = tmp_path(tmp, "a");
	static char big[5000];

	(void)signal(SIGXFSZ, SIG_IGN);
	memset(big, 'x', sizeof(big));
	ASSERT(setrlimit(RLIMIT_FSIZE, &small) == 0);
	EQ(file_write(path, (struct sv){ big, sizeof(big) }, 0600), -EFBIG,
	    "no room");
	ASSERT(setrlimit(RLIMIT_FSIZE, &all) == 0);
	OK(has(path, "two"), "what was there stays");
}

/* Whatever failed, nothing half-written is left beside it. */
static void
test_remove(struct tmpdir *tmp)
{
	char outside[2 * TMP_PATH_MAX];

	(void)snprintf(outside, sizeof(outside), "%s", tmp_path(tmp, "a"));
	tmp_mkdir(tmp, "folder/deep");
	tmp_puts(tmp, "folder/deep/file", "x");
	ASSERT(symlink(outside, tmp_path(tmp, "folder/link")) == 0);
	file_tree_remove(tmp_path(tmp, "folder"));
	OK(access(tmp_path(tmp, "folder"), F_OK) < 0, "a folder and all below");
	OK(has(outside, "two"), "but not what a link in it leads to");
	file_tree_remove(outside);
	OK(rmdir(tmp->path) == 0, "nothing half-written was left");
	ASSERT(mkdir(tmp->path, 0700) == 0);
}

int
main(void)
{
	struct tmpdir tmp;

	(void)umask(022);
	tmp_init(&tmp);
	test_write(&tmp);
	test_full(&tmp);
	test_remove(&tmp);
	tmp_done(&tmp);
	return tap_done();
}
