/* init.c - makes a data folder, whole or not at all. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/exchange.h"
#include "content/file.h"
#include "daemon/base/clock.h"
#include "daemon/core/keyfolder.h"
#include "daemon/core/reviewers.h"
#include "daemon/core/vault.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/publishing.h"
#include "daemon/ctl/service.h"
#include "db/db.h"

/* What init makes; safar.yaml comes last, so that only a whole folder has it.
 */
static const char *const made_names[] = {
	"keys",
	"hotline.db",
	"hotline.db-wal",
	"hotline.db-shm",
	"directory.db",
	"directory.db-wal",
	"directory.db-shm",
	"safard.lock",
	"editions",
	"safar.yaml",
};

struct making {
	const char *dir;
	char share[PATH_MAX];
	bool production, passphrase;
	const char *keys;      /* the key folder; NULL: DIR/keys */
	const char *reviewers; /* where their private key goes, or NULL */
	char beside[PATH_MAX];
	bool dir_was_there;
	int keys_before; /* entries of keys; -1: it was not there */
	bool was_there[ARRAY_LEN(made_names)];
	bool reviewers_made;
	struct directory *directory;
	int64_t listings, edition;
	struct diag why;
};

static bool
exists(const char *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	ctl_path(path, dir, name);
	return lstat(path, &st) == 0;
}

/* How many entries a folder has; -1: there is none. */
static int
entries_of(const char *path)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, NULL, NULL), i;

	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return n < 0 ? -1 : n - 2; /* . and .. */
}

/* Keys in a folder elsewhere, which had none before. */
static void
keys_unmake(const struct making *m)
{
	const struct dirent *entry;
	DIR *folder = opendir(m->keys);

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder != NULL)
		(void)closedir(folder);
	if (m->keys_before < 0)
		(void)rmdir(m->keys);
}

/* Take back what this run made. */
static void
unmake(const struct making *m)
{
	char path[PATH_MAX];
	size_t i;

	if (m->reviewers_made)
		(void)unlink(m->reviewers);
	if (m->keys != NULL && m->keys_before <= 0)
		keys_unmake(m);
	for (i = 0; i < ARRAY_LEN(made_names); i++) {
		if (m->was_there[i])
			continue;
		ctl_path(path, m->dir, made_names[i]);
		file_tree_remove(path);
	}
	if (!m->dir_was_there)
		(void)rmdir(m->dir);
}

static int
folder_make(struct making *m)
{
	struct stat st;
	size_t i;

	if (exists(m->dir, "safar.yaml"))
		return ctl_fail("%s already holds safar.yaml: nothing is "
				"changed; name another folder, or start "
				"`safard --data %s`",
		    m->dir, m->dir);
	m->dir_was_there = mkdir(m->dir, 0700) < 0;
	if (m->dir_was_there && errno != EEXIST)
		return ctl_fail("%s cannot be made: %s; name another folder",
		    m->dir, strerror(errno));
	if (stat(m->dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return ctl_fail("%s is no folder; name another one", m->dir);
	if (m->keys != NULL)
		m->keys_before = entries_of(m->keys);
	for (i = 0; i < ARRAY_LEN(made_names); i++)
		m->was_there[i] = exists(m->dir, made_names[i]);
	if (chmod(m->dir, 0700) == 0)
		return CTL_OK;
	return ctl_fail("%s is not yours alone: %s; make it as the user who "
			"runs safard",
	    m->dir, strerror(errno));
}

static void
on_row(void *arg, const struct content_import_row *row)
{
	struct making *m = arg;

	m->listings += row->error == NULL;
}

static int
seed(struct making *m)
{
	struct content_import import = { .dir = m->directory,
		.by = { sv_of(service_who()), SV("import"), clock_ms() },
		.on_row = on_row,
		.arg = m };
	struct topics *topics = NULL;
	struct places *places = NULL;
	char path[PATH_MAX];
	int rc;

	ctl_path(path, m->share, "content/topics.csv");
	rc = topics_load(path, &topics, &m->why);
	if (rc == 0) {
		ctl_path(path, m->share, "content/gazetteer.csv");
		rc = places_load(path, &places, &m->why);
	}
	if (rc == 0) {
		ctl_path(path, m->share, "content/orgs");
		import.path = path;
		import.topics = topics;
		import.places = places;
		rc = content_import(&import, &m->why);
	}
	places_free(&places);
	topics_free(&topics);
	return rc;
}

static int
databases_make(struct making *m)
{
	struct db *db = NULL;
	int rc;

	/* safard grows the WAL when it starts */
	rc = db_open_sized(m->dir, 0, &db, &m->why);
	db_close(&db);
	if (rc == 0)
		rc = directory_open(m->dir, &m->directory, &m->why);
	if (rc == 0)
		rc = seed(m);
	return rc;
}

static int
settings_write(struct making *m)
{
	char path[PATH_MAX], *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	int rc;

	ASSERT(f != NULL);
	conf_write(f, m->production);
	ASSERT(fclose(f) == 0);
	ctl_path(path, m->dir, "safar.yaml");
	rc = file_write(path, (struct sv){ text, n }, 0600);
	free(text);
	if (rc < 0)
		return diag_set(&m->why, rc,
		    "%s cannot be written: %s; make room or name another "
		    "folder",
		    path, strerror(-rc));
	return 0;
}

static int
content_make(struct making *m)
{
	struct publishing p = { .data = m->dir,
		.share = m->share,
		.note = "init",
		.who = service_who() };
	int rc;

	rc = databases_make(m);
	if (rc == 0)
		rc = publishing_run(&p, m->directory, &m->why);
	directory_close(&m->directory);
	m->edition = p.number;
	return rc;
}

static int
make(struct making *m)
{
	int rc;

	rc = m->keys != NULL ? keyfolder_link(m->dir, m->keys, &m->why) : 0;
	if (rc == 0)
		rc = m->passphrase ? vault_create_sealed(m->dir, &m->why) :
				     vault_create(m->dir, &m->why);
	if (rc == 0 && m->reviewers != NULL) {
		rc = reviewers_create(m->dir, m->reviewers, &m->why);
		m->reviewers_made = rc == 0;
	}
	if (rc == 0)
		rc = content_make(m);
	if (rc == 0)
		rc = settings_write(m);
	if (rc == 0)
		return CTL_OK;
	unmake(m);
	return ctl_fail("%s", m->why.text);
}

static void
tell(const struct making *m)
{
	bool usual = strcmp(m->dir, "data") == 0;
	char keys[PATH_MAX];

	ctl_path(keys, m->dir, "keys");

	printf("%s is made: keys, settings, databases, %lld listings, edition "
	       "%lld.\n",
	    m->dir, (long long)m->listings, (long long)m->edition);
	if (m->production)
		printf("Next: write your gateways into %s/safar.yaml, check "
		       "them with\n"
		       "  safarctl --data %s conf --check\n"
		       "then call who is in the directory (safarctl directory "
		       "verify) and publish:\n"
		       "until then no contact but emergency numbers is given "
		       "out.\n",
		    m->dir, m->dir);
	else
		printf("The directory comes from public sources and nobody has "
		       "called its numbers:\n"
		       "it is for trying, not for people in need.\n");
	printf("Start:  safard --data %s\n", m->dir);
	if (!m->production)
		printf("Try:    safarctl %s%s%sphone\n", usual ? "" : "--data ",
		    usual ? "" : m->dir, usual ? "" : " ");
	if (m->reviewers != NULL)
		printf("%s is the reviewers' private key: take it off this "
		       "machine now.\n",
		    m->reviewers);
	printf("Keep %s out of backups: it links the log to people.\n",
	    m->keys != NULL ? m->keys : keys);
	if (m->passphrase)
		printf("safard asks for its passphrase at every start; without "
		       "it nobody can read the keys.\n");
}

/* Whoever takes DIR alone must not have the keys. */
static const char *
beside(const char *dir, char ret_path[PATH_MAX])
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	(void)snprintf(ret_path, PATH_MAX, "%.*s-keys", (int)n, dir);
	return ret_path;
}

static int
run(const struct ctl *ctl, int argc, char **argv)
{
	struct making m = { .dir = NULL };
	const struct ctl_opt opts[] = {
		{ .name = "production", .flag = &m.production },
		{ .name = "keys", .text = &m.keys },
		{ .name = "passphrase", .flag = &m.passphrase },
		{ .name = "reviewers", .text = &m.reviewers },
	};
	const struct ctl_opts all = { &ctl_init, opts, ARRAY_LEN(opts), 0, 1,
		NULL };
	int rc = ctl_args(&all, argc, argv);

	if (rc < 0)
		return -rc;
	m.dir = rc < argc ? argv[rc] : ctl->data;
	if (m.dir == NULL || *m.dir == '\0')
		return ctl_wrong(&ctl_init, "name the folder to make");
	if (strlen(m.dir) > CONTENT_PATH_MAX / 2)
		return ctl_wrong(&ctl_init, "the folder's name is too long");
	if (m.production && m.keys == NULL)
		m.keys = beside(m.dir, m.beside);
	rc = ctl_share(m.share);
	if (rc == CTL_OK)
		rc = folder_make(&m);
	if (rc == CTL_OK)
		rc = make(&m);
	if (rc == CTL_OK)
		tell(&m);
	return rc;
}

const struct ctl_command ctl_init = {
	.name = "init",
	.help = "make a data folder: keys, settings, databases, directory",
	.usage =
	    "usage: safarctl init DIR [--production] [--keys FOLDER] "
	    "[--passphrase]\n"
	    "                         [--reviewers FILE]\n"
	    "\n"
	    "Makes the data folder DIR, readable by you alone: keys/, "
	    "safar.yaml with every\n"
	    "setting explained, hotline.db, directory.db filled with the seed "
	    "directory,\n"
	    "and edition 1 of directory, texts and menus.  A folder that "
	    "already holds\n"
	    "safar.yaml is left as it is.\n"
	    "\n"
	    "  --production  only contacts that somebody has verified are "
	    "given out, no\n"
	    "                test phone; keys in DIR-keys\n"
	    "  --keys FOLDER the keys' folder, best on a disk that can be "
	    "taken out; DIR/keys is\n"
	    "                a link to it\n"
	    "  --reviewers FILE  make a pair of keys: texts that find no "
	    "answer are kept for 7\n"
	    "                days, and only FILE, which you take away, opens "
	    "them\n",
	.run = run,
};
