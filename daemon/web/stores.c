/* stores.c - what the console reads and writes in a data folder. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/catalog.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/web/desk.h"
#include "daemon/web/inner.h"
#include "daemon/web/lockout.h"
#include "daemon/web/rate.h"
#include "daemon/web/upcoming.h"
#include "db/db.h"
#include "db/directory.h"
#include "db/reports.h"
#include "menus/edition.h"

enum { SWEEP_TICKS = 60, SPOOL_MS = 24 * 3600 * 1000 };

/* A new one is only noted: it takes the loop 0.6 s to load 5,000 listings,
 * which the first who asks for it waits. */
static void
edition_note(struct web *w)
{
	int64_t number = 0;

	if (directory_edition_now(w->directory, &number) == 0)
		w->edition_wanted = number;
}

/* The published edition; the one before stays where the new one is broken. */
static void
edition_take(struct web *w)
{
	struct edition *e = NULL;
	struct diag why = { "" };
	long long number = (long long)w->edition_wanted;

	w->edition_number = w->edition_wanted;
	if (edition_load_published(w->dir, w->edition_wanted, &e, &why) < 0) {
		log_kv(LOG_ERR, "edition_refused", "number=%lld why=\"%s\"",
		    number, why.text);
		return;
	}
	log_kv(LOG_INFO, "edition", "number=%lld", number);
	edition_free(&w->edition);
	w->edition = e;
}

/* safard makes it, which may come later. */
static void
hotline_take(struct web *w)
{
	struct diag why = { "" };

	if (w->hotline == NULL && db_open_reader(w->dir, &w->hotline, &why) < 0)
		w->hotline = NULL;
}

/* Looked at once: later the console cannot. */
static bool
has_reviewers(const struct web *w)
{
	char path[WEB_PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/keys/reviewers.pub", w->dir);
	/* where the unit hides the keys nobody here can say */
	return access(path, F_OK) == 0 || errno == EACCES;
}

/* What an upload or an export has left: retention.def, console/. */
static void
spool_sweep(const struct web *w, int64_t now_ms)
{
	DIR *d = opendir(w->spool);
	struct dirent *e;
	struct stat st;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISREG(st.st_mode) &&
		    (int64_t)st.st_mtime * 1000 < now_ms - SPOOL_MS)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
}

int
stores_open(struct web *w, struct diag *reterr_diag)
{
	int rc;

	(void)snprintf(w->spool, sizeof(w->spool), "%s/console", w->dir);
	if (mkdir(w->spool, 0700) < 0 && errno != EEXIST)
		return diag_set(reterr_diag, -errno,
		    "%s cannot be made: %s; make room, or start it as the user "
		    "who owns the data folder",
		    w->spool, strerror(errno));
	rc = directory_open(w->dir, &w->directory, reterr_diag);
	if (rc == 0)
		rc = console_open(w->dir, &w->console, reterr_diag);
	if (rc == 0)
		rc = console_jobs_fail(w->console);
	if (rc == 0)
		rc = account_key_open(w->dir, &w->key, reterr_diag);
	if (rc == 0) {
		w->lockout = lockout_new(w->key);
		w->rate = rate_new(w->key);
		w->reviewers_key = has_reviewers(w);
		hotline_take(w);
		edition_note(w);
	}
	return rc;
}

void
stores_tick(struct web *w)
{
	bool more;
	int rc;

	hotline_take(w);
	/* a day of the counts at a time, some ms: else a question reads them */
	if (w->hotline != NULL)
		(void)!reports_warm(w->hotline, &more);
	edition_note(w);
	w->ticks++;
	if (w->ticks % SWEEP_TICKS == 1) {
		lockout_sweep(w->lockout, clock_ms());
		rate_sweep(w->rate, clock_ms());
		spool_sweep(w, clock_ms());
		rc = console_sweep(w->console, clock_ms());
		if (rc < 0)
			log_kv(LOG_WARN, "sweep_failed", "why=\"%s\"",
			    strerror(-rc));
	}
}

void
stores_close(struct web *w)
{
	upcoming_close(&w->upcoming);
	catalog_free(&w->catalog);
	desk_free(&w->desk);
	edition_free(&w->edition);
	db_close(&w->hotline);
	directory_close(&w->directory);
	lockout_free(&w->lockout);
	rate_free(&w->rate);
	account_key_close(&w->key);
	console_close(&w->console);
}

struct directory *
web_directory(struct web *w)
{
	return w->directory;
}

struct db *
web_hotline(struct web *w)
{
	return w->hotline;
}

const struct edition *
web_edition(struct web *w)
{
	if (w->edition_wanted != w->edition_number)
		edition_take(w);
	return w->edition;
}

const struct conf *
web_conf(const struct web *w)
{
	return &w->conf;
}

const char *
web_dir(const struct web *w)
{
	return w->dir;
}

const char *
web_share(const struct web *w)
{
	return w->share;
}

const char *
web_spool(const struct web *w)
{
	return w->spool;
}

struct console *
web_console(struct web *w)
{
	return w->console;
}
