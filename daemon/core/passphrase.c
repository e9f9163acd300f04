/* passphrase.c - asks for a passphrase; it stays in locked memory. */
#include "daemon/core/passphrase.h"

#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CTRL_C = 3 };

struct passphrase {
	size_t n;
	char text[PASSPHRASE_MAX + 1];
};

static struct passphrase *
passphrase_alloc(void)
{
	struct passphrase *p;

	ASSERT(sodium_init() >= 0);
	p = sodium_malloc(sizeof(*p));
	ASSERT(p != NULL);
	sodium_memzero(p, sizeof(*p));
	return p;
}

void
passphrase_free(struct passphrase **pp)
{
	sodium_free(*pp); /* which wipes it */
	*pp = NULL;
}

struct sv
passphrase_sv(const struct passphrase *p)
{
	return (struct sv){ p->text, p->n };
}

/* Byte by byte: the next line is for the next reader. */
static int
line_read(int fd, struct passphrase *p)
{
	ssize_t got;
	char c = 0;

	for (p->n = 0;;) {
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -EIO;
		if (got == 0 || c == '\n')
			break;
		if (c == CTRL_C)
			return -ECANCELED;
		if (p->n == PASSPHRASE_MAX)
			return -EINVAL;
		p->text[p->n++] = c;
	}
	if (got == 0 && p->n == 0)
		return -ENOKEY;
	return p->n < PASSPHRASE_MIN ? -EINVAL : 0;
}

static int
fd_get(const char *number, struct passphrase *p)
{
	char *end = NULL;
	long fd;

	errno = 0;
	fd = strtol(number, &end, 10);
	if (errno != 0 || end == number || *end != '\0' || fd < 0 ||
	    fd > INT_MAX)
		return -EBADF;
	return line_read((int)fd, p);
}

static int
credential_get(const char *folder, struct passphrase *p)
{
	char path[PATH_MAX];
	int n = snprintf(
	    path, sizeof(path), "%s/%s", folder, PASSPHRASE_CREDENTIAL);
	int fd, rc;

	if (n < 0 || n >= PATH_MAX)
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? -EPERM : -ENOENT;
	rc = line_read(fd, p);
	(void)close(fd);
	return rc;
}

/* Ctrl-C ends the line instead of us: the echo must come back. */
static int
terminal_ask(const char *what, const char *folder, struct passphrase *p)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), rc;
	struct termios before, quiet;

	if (fd < 0 || tcgetattr(fd, &before) < 0) {
		if (fd >= 0)
			(void)close(fd);
		return -ENOKEY;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = CTRL_C;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)dprintf(fd, "%s %s: ", what, folder);
	rc = line_read(fd, p);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	(void)dprintf(fd, "\n");
	(void)close(fd);
	return rc;
}

static int
explain(struct diag *d, int rc, const char *folder)
{
	switch (rc) {
	case -ENOKEY:
		return diag_set(d, rc,
		    "%s has a passphrase and none was given; type it at a "
		    "terminal, or give it as the systemd credential %s, or on "
		    "a descriptor: SAFAR_PASSPHRASE_FD=3 3<FILE",
		    folder, PASSPHRASE_CREDENTIAL);
	case -EINVAL:
		return diag_set(d, rc,
		    "a passphrase is one line of %d to %d bytes: five or six "
		    "words that are not a saying",
		    PASSPHRASE_MIN, PASSPHRASE_MAX);
	case -ECANCELED:
		return diag_set(d, rc, "cancelled: nothing is changed");
	case -EBADF:
		return diag_set(d, rc,
		    "SAFAR_PASSPHRASE_FD: write the number of a descriptor "
		    "that is open, like SAFAR_PASSPHRASE_FD=3 3<FILE");
	default:
		return diag_set(d, rc,
		    "the passphrase of %s cannot be read: %s; look at "
		    "SAFAR_PASSPHRASE_FD and the credential %s",
		    folder, strerror(-rc), PASSPHRASE_CREDENTIAL);
	}
}

/* ret_asked: at a terminal */
static int
get(const char *what, const char *folder, struct passphrase *p, bool *ret_asked)
{
	const char *number = getenv("SAFAR_PASSPHRASE_FD");
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	int rc = -ENOENT;

	*ret_asked = false;
	if (number != NULL && *number != '\0')
		return fd_get(number, p);
	if (credentials != NULL && *credentials != '\0')
		rc = credential_get(credentials, p);
	if (rc != -ENOENT)
		return rc;
	*ret_asked = true;
	return terminal_ask(what, folder, p);
}

int
passphrase_get(
    const char *folder, struct passphrase **ret_pass, struct diag *reterr_diag)
{
	CLEANUP(passphrase_free) struct passphrase *p = passphrase_alloc();
	bool asked;
	int rc = get("Passphrase of", folder, p, &asked);

	if (rc < 0)
		return explain(reterr_diag, rc, folder);
	*ret_pass = p;
	p = NULL; /* ownership moves to the caller */
	return 0;
}

int
passphrase_new(
    const char *folder, struct passphrase **ret_pass, struct diag *reterr_diag)
{
	CLEANUP(passphrase_free) struct passphrase *p = passphrase_alloc();
	CLEANUP(passphrase_free) struct passphrase *q = passphrase_alloc();
	bool asked;
	int rc = get("New passphrase of", folder, p, &asked);

	if (rc == 0 && asked)
		rc = terminal_ask("The same again, of", folder, q);
	if (rc < 0)
		return explain(reterr_diag, rc, folder);
	if (asked && (p->n != q->n || sodium_memcmp(p, q, sizeof(*p)) != 0))
		return diag_set(reterr_diag, -EINVAL,
		    "these are two different passphrases: nothing is changed");
	*ret_pass = p;
	p = NULL; /* ownership moves to the caller */
	return 0;
}
