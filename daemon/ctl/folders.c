/* folders.c - where the data and the shared files are, and what is opened. */
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"

enum { NAME_ROOM = 64 }; /* for what ctl_path() appends */

static bool
has(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	return n > 0 && n < PATH_MAX && access(path, R_OK) == 0;
}

static bool
is_share(const char *dir)
{
	return has(dir, "menus/trees/main.yaml") &&
	       has(dir, "content/topics.csv");
}

/* Cut off the last part; false at the root. */
static bool
go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* As installed beside this program, or the source tree it was built in. */
static bool
share_from_program(char ret_path[PATH_MAX])
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	int len;

	if (n <= 0)
		return false;
	exe[n] = '\0';
	if (!go_up(exe))
		return false;
	len = snprintf(ret_path, PATH_MAX, "%s/../share/safar", exe);
	if (len < PATH_MAX && is_share(ret_path))
		return true;
	do {
		if (is_share(exe)) {
			(void)snprintf(ret_path, PATH_MAX, "%s", exe);
			return true;
		}
	} while (go_up(exe));
	return false;
}

bool
ctl_share_find(char ret_path[PATH_MAX])
{
	const char *named = getenv("SAFAR_SHARE");

	if (named == NULL || *named == '\0')
		return share_from_program(ret_path);
	if (strlen(named) >= CONTENT_PATH_MAX - NAME_ROOM || !is_share(named))
		return false;
	(void)snprintf(ret_path, PATH_MAX, "%s", named);
	return true;
}

int
ctl_share(char ret_path[PATH_MAX])
{
	const char *named = getenv("SAFAR_SHARE");

	if (ctl_share_find(ret_path))
		return CTL_OK;
	if (named == NULL || *named == '\0')
		return ctl_fail(
		    "the folder with menus/ and content/ is not beside this "
		    "program; name it in SAFAR_SHARE");
	return ctl_fail("SAFAR_SHARE: %s does not hold menus/trees/main.yaml "
			"and content/topics.csv; name the folder that does",
	    named);
}

/* The first of the usual ones; where one is needed, if only to say that it is
 * another user's. */
static const char *
data_find(bool need)
{
	static const char *const usual[] = { "data", "/var/lib/safar" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(usual); i++)
		if (has(usual[i], "safar.yaml") || (need && errno == EACCES))
			return usual[i];
	return NULL;
}

/* Why there is no safar.yaml to be read, by errno of has(). */
static int
data_fail(const char *dir)
{
	const struct passwd *owner;
	struct stat st;

	if (errno != EACCES)
		return ctl_fail("%s holds no safar.yaml that can be read; make "
				"a data folder with `safarctl init %s`",
		    dir, dir);
	owner = stat(dir, &st) == 0 ? getpwuid(st.st_uid) : NULL;
	if (owner == NULL || st.st_uid == geteuid())
		return ctl_fail(
		    "%s may not be read; correct its owner and permissions",
		    dir);
	return ctl_fail("%s is for the user %s alone; run `sudo -u %s safarctl "
			"--data %s ...`",
	    dir, owner->pw_name, owner->pw_name, dir);
}

int
ctl_data(const struct ctl *ctl, bool need, const char **ret_dir)
{
	const char *dir = ctl->data;

	if (dir != NULL && *dir == '\0') {
		/* never another one: it may be for panic */
		(void)ctl_fail("--data: name the folder");
		return CTL_WRONG;
	}
	if (dir == NULL)
		dir = getenv("SAFAR_DATA");
	if (dir == NULL || *dir == '\0')
		dir = data_find(need);
	if (dir == NULL && need)
		return ctl_fail(
		    "no data folder here; name one with --data DIR or make one "
		    "with `safarctl init DIR`");
	if (dir != NULL && strlen(dir) >= CONTENT_PATH_MAX - NAME_ROOM)
		return ctl_fail(
		    "the data folder's name is too long; move the folder");
	if (dir != NULL && !has(dir, "safar.yaml"))
		return data_fail(dir);
	*ret_dir = dir;
	return CTL_OK;
}

void
ctl_path(char ret_path[PATH_MAX], const char *dir, const char *name)
{
	int n = snprintf(ret_path, PATH_MAX, "%s/%s", dir, name);

	ASSERT(n > 0 && n < PATH_MAX);
}

int
ctl_directory_open(const char *dir, struct directory **ret_directory)
{
	struct diag why = { "" };

	/* opening would make an empty one */
	if (!has(dir, "directory.db"))
		return ctl_fail("%s/directory.db is not there or cannot be "
				"read; put the folder's copy back, or make a "
				"new one with `safarctl init DIR`",
		    dir);
	if (directory_open(dir, ret_directory, &why) < 0)
		return ctl_fail("%s", why.text);
	return CTL_OK;
}

int
ctl_edition_now(const char *dir, int64_t *ret_number)
{
	struct directory *directory = NULL;
	int64_t number = 0;
	int rc = ctl_directory_open(dir, &directory);

	if (rc != CTL_OK)
		return rc;
	rc = directory_edition_now(directory, &number);
	directory_close(&directory);
	if (rc == -ENOENT)
		return ctl_fail("%s: nothing is published yet; run `safarctl "
				"--data %s publish`",
		    dir, dir);
	if (rc < 0)
		return ctl_fail("%s/directory.db cannot be read: %s; check the "
				"disk",
		    dir, strerror(-rc));
	*ret_number = number;
	return CTL_OK;
}

static int
edition_of_data(const char *dir, struct ctl_edition *e)
{
	char path[PATH_MAX];
	struct diag why = { "" };
	int64_t number = 0;
	int rc;

	ctl_path(path, dir, "safar.yaml");
	if (conf_load(path, &e->conf, &why) < 0)
		return ctl_fail("%s", why.text);
	rc = ctl_edition_now(dir, &number);
	if (rc != CTL_OK)
		return rc;
	if (edition_load_published(dir, number, &e->edition, &why) < 0)
		return ctl_fail("%s", why.text);
	return CTL_OK;
}

int
ctl_edition_open(const struct ctl *ctl, struct ctl_edition *ret_edition)
{
	struct ctl_edition e = { .edition = NULL };
	struct diag why = { "" };
	char share[PATH_MAX];
	const char *dir = NULL;
	int rc;

	rc = ctl_data(ctl, false, &dir);
	if (rc != CTL_OK)
		return rc;
	conf_defaults(&e.conf);
	if (dir != NULL) {
		rc = edition_of_data(dir, &e);
	} else {
		rc = ctl_share(share);
		if (rc == CTL_OK &&
		    edition_load(share, 0, &e.edition, &why) < 0)
			rc = ctl_fail("%s", why.text);
		if (rc == CTL_OK)
			fprintf(stderr,
			    "safarctl: there is no data folder: texts and "
			    "directory come unpublished from %s\n",
			    share);
	}
	if (rc == CTL_OK)
		*ret_edition = e;
	return rc;
}

void
ctl_edition_done(struct ctl_edition *e)
{
	edition_free(&e->edition);
}
