/*
 * ack.h - nobody is told "received" before the disk has it.
 *
 * Callbacks of one loop round write into one transaction.  After the last of
 * them the round is committed once, and only then are the waiting peers told:
 * whatever arrived while a commit ran is the next group.
 */
#ifndef DAEMON_CORE_ACK_H
#define DAEMON_CORE_ACK_H

#include "daemon/base/base.h"

enum { ACK_ROUND_MAX = 2048 };

struct ack;
struct db;
struct event_base;

/* rc is 0 if the round is on disk, else -Exxx: tell the peer to try again. */
typedef void ack_fn(void *arg, int rc);

struct ack *ack_new(struct event_base *base, struct db *db);
void ack_free(struct ack **ap); /* commits what is waiting */

/*
 * Open the round's transaction if it is not open yet.  Call before writing.
 *
 * Returns 0, -EAGAIN if the round is full, or db_begin()'s error.
 */
MUST_USE int ack_begin(struct ack *a);

/* Call fn(arg, rc) once, after this round's commit; arg must live till then. */
void ack_after_commit(struct ack *a, ack_fn *fn, void *arg);

/* Told of every commit before the waiters are: the core undoes or makes final
 * what it changed in memory. */
void ack_set_observer(struct ack *a, ack_fn *fn, void *arg);

/* Whether a round is open. */
bool ack_is_open(const struct ack *a);

/* Commit now instead of at the end of the round. */
void ack_flush(struct ack *a);

#endif
