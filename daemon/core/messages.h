/*
 * messages.h - voice messages: DIR/messages, sealed to the reviewers.
 *
 * A file NAME-CHANCE.sealed for each: NAME is a keyed hash of the number, by
 * which FORGET finds it, CHANCE is random.  Sealed, as reviewers.h says, are a
 * line with number and language, and the recording.  Files go after
 * MESSAGES_KEEP_S: zeros are written over the key at their head, without which
 * nobody can open the rest.
 */
#ifndef DAEMON_CORE_MESSAGES_H
#define DAEMON_CORE_MESSAGES_H

#include <sys/types.h>

#include "daemon/core/vault.h"

#define MESSAGES_FOLDER "messages" /* in the data folder */
#define MESSAGES_SUFFIX ".sealed"

enum {
	MESSAGE_S = 90,	      /* the longest, in seconds */
	MESSAGE_LEAST = 8000, /* bytes: half a second of speech and its head */
	MESSAGE_MOST = 44 + (MESSAGE_S + 5) * 16000,
	MESSAGES_KEEP_S = 7 * 24 * 3600, /* as db/retention.def says */
	MESSAGES_MOST = 500,		 /* are kept; then no more are */
	MESSAGE_NAME_MAX = 80,
};

/* Make the folder, unless it is there: the sandbox makes none. */
MUST_USE int messages_create(const char *dir);

/* --- one message; keeper.h puts these together --- */

/* Returns 0, -EDQUOT: as many as may be are there, -ENOENT, -EIO. */
MUST_USE int messages_room(const char *dir);

/* The file that a message is written to at first, empty.  There is one: one
 * message at a time.  Returns it, -ENOENT and what the disk says. */
MUST_USE int message_draft(const char *dir);
void message_draft_wipe(const char *dir);

/* A name that nobody has, and whether it is of a number. */
void message_name(
    const struct vault *v, struct sv e164, char ret_name[MESSAGE_NAME_MAX]);
bool message_is_of(
    const struct vault *v, struct sv e164, const char name[MESSAGE_NAME_MAX]);

/* The draft, on disk, becomes a message of that name.  -EIO and the like. */
MUST_USE int message_publish(const char *dir, const char *name);

/*
 * Write zeros over a slice of a recording; over the last one: remove it, too.
 *
 * at  how far it is wiped; 0 at first
 *
 * Returns 1: there is more; 0, -ENOENT, and why its bytes, or the file, may
 * still be on the disk.
 */
MUST_USE int message_wipe_slice(const char *path, off_t *at);

/* --- all of them --- */

/* Wipe what a number has left.  Returns 0, -EIO. */
MUST_USE int messages_forget(
    const char *dir, const struct vault *v, struct sv e164);

/* Wipe what is older than it may be, or all (now_ms INT64_MAX). */
void messages_sweep(const char *dir, int64_t now_ms);

/* Wipe recordings that a crash left in the spool: files safar-*. */
void messages_spool_sweep(const char *spool);

/* Call fn for every message, in no order. */
MUST_USE int messages_each(const char *dir,
    void (*fn)(void *arg, const char *name, int64_t at_ms, int64_t bytes),
    void *arg);

#endif
