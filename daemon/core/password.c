/* password.c - a gateway's password, kept apart from the settings. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/conf.h"
#include "daemon/core/keyfile.h"

enum { PATH_SIZE = 4096 };

/* One line; its end is the only space it may have. */
static int
password_parse(char *line, size_t n, char *ret, size_t size)
{
	if (n > 0 && line[n - 1] == '\n')
		n--;
	line[n] = '\0';
	if (n == 0 || n >= size || strlen(line) != n ||
	    strpbrk(line, " \t\r\n") != NULL)
		return -EINVAL;
	memcpy(ret, line, n + 1);
	return 0;
}

/* ours: in the key folder, where we look after who can read it. */
static int
password_read(const char *path, bool ours, char *ret, size_t size)
{
	char line[CONF_PASSWORD_MAX + 3];
	int fd = open(path, O_RDONLY | O_CLOEXEC | (ours ? O_NOFOLLOW : 0)), rc;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT :
		       errno == EACCES ? -EPERM :
					 -EIO;
	rc = ours ? keyfile_check(fd) : 0;
	n = rc == 0 ? read(fd, line, sizeof(line) - 1) : 0;
	(void)close(fd);
	if (rc == 0)
		rc = n < 0 ? -EIO : password_parse(line, (size_t)n, ret, size);
	explicit_bzero(line, sizeof(line));
	return rc;
}

/* The file of a systemd credential; -ENOENT: systemd has none for us. */
static int
credential_path(const char *name, char ret_path[PATH_SIZE])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (folder == NULL || *folder == '\0')
		return -ENOENT;
	(void)snprintf(
	    ret_path, PATH_SIZE, "%s/safar.%s.password", folder, name);
	return access(ret_path, F_OK) < 0 && errno == ENOENT ? -ENOENT : 0;
}

int
conf_password_of(const char *dir, const char *name, char *ret_password,
    size_t size, struct diag *reterr_diag)
{
	char path[PATH_SIZE];
	bool ours = credential_path(name, path) < 0;
	int rc;

	ASSERT(size <= CONF_PASSWORD_MAX + 1);
	if (ours)
		(void)snprintf(
		    path, sizeof(path), "%s/keys/%s.password", dir, name);
	rc = password_read(path, ours, ret_password, size);
	switch (rc) {
	case 0:
		return 0;
	case -ENOENT:
		return diag_set(reterr_diag, rc,
		    "%s: no such file; write the password into it, for its "
		    "owner only (chmod 600), or give it as the systemd "
		    "credential safar.%s.password",
		    path, name);
	case -EPERM:
		return diag_set(reterr_diag, rc,
		    ours ? "%s: others can read it; chmod 600" :
			   "%s: this user cannot read it",
		    path);
	case -EINVAL:
		return diag_set(reterr_diag, rc,
		    "%s: write one line of 1 to %zu characters", path,
		    size - 1);
	default:
		return diag_set(reterr_diag, rc, "%s: %s", path, strerror(-rc));
	}
}

int
conf_password(const char *dir, struct conf_gateway *g, struct diag *reterr_diag)
{
	return conf_password_of(
	    dir, g->name, g->password, sizeof(g->password), reterr_diag);
}
