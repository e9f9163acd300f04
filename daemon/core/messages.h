/*
 * messages.h - voice messages: DIR/messages, sealed to the reviewers.
 *
 * A file NAME-CHANCE.sealed for each: NAME is a keyed hash of the number, by
 * which FORGET finds it, CHANCE is random.  Sealed are a line with number and
 * language, and the recording.  Files go after MESSAGES_KEEP_S.
 */
#ifndef DAEMON_CORE_MESSAGES_H
#define DAEMON_CORE_MESSAGES_H

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

/*
 * Keep a recording: a file of its own, on disk before this returns.
 *
 * e164  empty if the number is withheld
 *
 * Returns 0, -ENOKEY (no reviewers), -ENODATA (nothing in it), -EFBIG,
 * -EDQUOT (too many), -ENOENT, -EIO and what the disk says.
 */
MUST_USE int message_keep(const char *dir, const struct vault *v,
    const char *recording, struct sv e164, struct sv lang);

/* Write zeros over a file, then remove it.  Returns 0, -ENOENT, and why its
 * bytes, or the file, may still be on the disk. */
MUST_USE int message_wipe(const char *path);

/* Wipe what a number has left.  Returns 0, -EIO. */
MUST_USE int messages_forget(
    const char *dir, const struct vault *v, struct sv e164);

/* Wipe what is older than it may be, or all (now_ms INT64_MAX); also half a
 * message that a crash left.  Not while another process keeps one. */
void messages_sweep(const char *dir, int64_t now_ms);

/* Wipe recordings that a crash left in the spool: files safar-*. */
void messages_spool_sweep(const char *spool);

/* Call fn for every message, in no order. */
MUST_USE int messages_each(const char *dir,
    void (*fn)(void *arg, const char *name, int64_t at_ms, int64_t bytes),
    void *arg);

#endif
