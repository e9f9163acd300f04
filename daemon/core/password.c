/* password.c - a gateway's password, kept apart from the settings. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/conf.h"
#include "daemon/core/keyfile.h"

enum { PATH_SIZE = 4096 };

/* One line; its end is the only space it may have. */
static int
password_parse(char *line, size_t n, struct conf_gateway *g)
{
	if (n > 0 && line[n - 1] == '\n')
		n--;
	line[n] = '\0';
	if (n == 0 || n >= sizeof(g->password) || strlen(line) != n ||
	    strpbrk(line, " \t\r\n") != NULL)
		return -EINVAL;
	memcpy(g->password, line, n + 1);
	return 0;
}

static int
password_read(const char *path, struct conf_gateway *g)
{
	char line[sizeof(g->password) + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT :
		       errno == EACCES ? -EPERM :
					 -EIO;
	rc = keyfile_check(fd);
	n = rc == 0 ? read(fd, line, sizeof(line) - 1) : 0;
	(void)close(fd);
	if (rc == 0)
		rc = n < 0 ? -EIO : password_parse(line, (size_t)n, g);
	explicit_bzero(line, sizeof(line));
	return rc;
}

int
conf_password(const char *dir, struct conf_gateway *g, struct diag *reterr_diag)
{
	char path[PATH_SIZE];
	const char *what;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/keys/%s.password", dir, g->name);
	rc = password_read(path, g);
	switch (rc) {
	case 0:
		return 0;
	case -ENOENT:
		what = "no such file; write the SMPP password into it, for its "
		       "owner only (chmod 600)";
		break;
	case -EPERM:
		what = "others can read it; chmod 600";
		break;
	case -EINVAL:
		what = "write one line of 1 to 8 characters";
		break;
	default:
		what = strerror(-rc);
		break;
	}
	return diag_set(reterr_diag, rc, "%s: %s", path, what);
}
