#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/core/ack.h"
#include "db/db.h"
#include "tests/tap.h"

static struct ack *ack;
static struct db *db;
static int written, told_early, told, observed, observed_late;

static void
on_durable(void *arg, int rc)
{
	(void)arg;
	EQ(rc, 0, "told after a good commit");
	told++;
	told_early += written < 3;
	observed_late += observed == 0;
}

static void
on_commit(void *arg, int rc)
{
	(void)arg, (void)rc;
	observed++;
}

static void
on_message(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what, (void)arg;
	if (ack_begin(ack) < 0 || db_meta_set(db, "k", SV("v")) < 0)
		return;
	written++;
	ack_after_commit(ack, on_durable, NULL);
}

int
main(void)
{
	struct event_base *base = event_base_new();
	char dir[] = "/tmp/test_ack.XXXXXX", path[64];
	static const char *const files[] = { "hotline.db", "hotline.db-wal",
		"hotline.db-shm", "safard.lock" };
	struct event *ev[3];
	struct diag d;
	size_t i;

	ASSERT(mkdtemp(dir) != NULL);
	EQ(db_open_sized(dir, 1 << 20, &db, &d), 0, "open");
	ack = ack_new(base, db);
	ack_set_observer(ack, on_commit, NULL);
	for (i = 0; i < 3; i++) {
		ev[i] = event_new(base, -1, 0, on_message, NULL);
		event_active(ev[i], EV_TIMEOUT, 0);
	}
	event_base_dispatch(base);
	EQ(told, 3, "all told");
	EQ(told_early, 0, "one commit behind the whole round");
	EQ(observed, 1, "one commit");
	EQ(observed_late, 0, "the observer knows first");
	EQ(db_begin(db), 0, "no transaction left open");
	EQ(db_commit(db), 0, "close it");
	for (i = 0; i < 3; i++)
		event_free(ev[i]);
	ack_free(&ack);
	db_close(&db);
	event_base_free(base);
	for (i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
	return tap_done();
}
