/* account_destroy.c - the console's part of a panic. */
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/account.h"
#include "daemon/core/keyfile.h"

enum { LOOKS = 50, LOOK_NS = 100 * 1000 * 1000 };

/* Who has the key in memory.  Returns 0: nobody any more. */
static int
holders_kill(int dir_fd)
{
	const struct timespec pause = { .tv_nsec = LOOK_NS };
	int fd =
	    openat(dir_fd, ACCOUNT_KEY_NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct flock lock;
	int i, rc = -EBUSY;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	for (i = 0; rc == -EBUSY && i < LOOKS; i++) {
		lock =
		    (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
		if (fcntl(fd, F_GETLK, &lock) < 0)
			rc = -errno;
		else if (lock.l_type == F_UNLCK)
			rc = 0;
		else if (lock.l_pid > 1)
			(void)kill(lock.l_pid, SIGKILL);
		if (rc == -EBUSY)
			(void)nanosleep(&pause, NULL);
	}
	(void)close(fd);
	return rc;
}

static int
key_destroy(int dir_fd)
{
	if (faccessat(dir_fd, ACCOUNT_KEY_NAME, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return keyfile_destroy(dir_fd, ACCOUNT_KEY_NAME);
}

/* All of it is in the file by now. */
static int
journal_zero(int dir_fd)
{
	int fd =
	    openat(dir_fd, "console.db-wal", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	int rc;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = keyfile_zero(fd);
	(void)close(fd);
	return rc;
}

static int
store_wipe(const char *dir, int dir_fd, const struct console_audit *row,
    struct diag *why)
{
	struct console *c = NULL;
	int rc;

	if (faccessat(dir_fd, "console.db", F_OK, 0) < 0)
		return 0;
	rc = console_open(dir, &c, why);
	if (rc < 0)
		return rc;
	rc = console_begin(c);
	if (rc == 0)
		rc = console_wipe(c);
	if (rc == 0)
		rc = account_audit(c, row->who, row->action, row->at_ms);
	if (rc == 0)
		rc = console_commit(c);
	if (rc == 0)
		rc = console_settle(c);
	if (rc == 0)
		rc = journal_zero(dir_fd);
	console_close(&c);
	return rc < 0 ? diag_set(why, rc,
			    "%s/console.db: %s; passwords of the console's "
			    "users are still in it",
			    dir, strerror(-rc)) :
			0;
}

int
account_destroy(
    const char *dir, struct sv who, int64_t now_ms, struct diag *reterr_diag)
{
	const struct console_audit row = {
		.who = who, .action = SV("panic"), .at_ms = now_ms
	};
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc, key, store;

	if (dir_fd < 0)
		return diag_set(
		    reterr_diag, -errno, "%s: %s", dir, strerror(errno));
	rc = holders_kill(dir_fd);
	if (rc < 0)
		(void)diag_set(reterr_diag, rc,
		    "safar-console does not end: %s; kill it", strerror(-rc));
	key = key_destroy(dir_fd);
	if (key < 0)
		(void)diag_set(reterr_diag, key,
		    "%s/" ACCOUNT_KEY_NAME
		    " could not be destroyed; destroy that disk",
		    dir);
	store = store_wipe(dir, dir_fd, &row, reterr_diag);
	(void)close(dir_fd);
	return rc < 0 ? rc : key < 0 ? key : store;
}
