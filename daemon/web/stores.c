/* stores.c - what the console reads and writes in a data folder. */
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon/base/log.h"
#include "daemon/web/inner.h"
#include "daemon/web/upcoming.h"
#include "db/db.h"
#include "db/directory.h"
#include "menus/edition.h"

/* The published edition; the one before stays where the new one is broken. */
static void
edition_take(struct web *w)
{
	struct edition *e = NULL;
	struct diag why = { "" };
	int64_t number = 0;

	if (directory_edition_now(w->directory, &number) < 0 ||
	    number == w->edition_number)
		return;
	w->edition_number = number;
	if (edition_load_published(w->dir, number, &e, &why) < 0) {
		log_kv(LOG_ERR, "edition_refused", "number=%lld why=\"%s\"",
		    (long long)number, why.text);
		return;
	}
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
	if (rc == 0) {
		hotline_take(w);
		edition_take(w);
	}
	return rc;
}

void
stores_tick(struct web *w)
{
	hotline_take(w);
	edition_take(w);
}

void
stores_close(struct web *w)
{
	upcoming_close(&w->upcoming);
	edition_free(&w->edition);
	db_close(&w->hotline);
	directory_close(&w->directory);
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

struct event_base *
web_base(struct web *w)
{
	return w->base;
}

/* Until there are accounts. */
struct console *
web_console(struct web *w)
{
	(void)w;
	return NULL;
}
