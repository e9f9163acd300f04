/*
 * record.h - voice messages, written to the spool by a thread of their own.
 *
 * The thread touches nothing but files: what a disk takes its time for is no
 * pause in anybody's call.
 */
#ifndef DAEMON_SIP_RECORD_H
#define DAEMON_SIP_RECORD_H

#include "daemon/base/sv.h"

struct spool;
struct recording;

/* The file is whole, or rc says why it is not. */
typedef void recorded_fn(int rc, void *arg);

/*
 * dir   the only folder recordings are made in; must exist
 * most  bytes of all its files, recordings under way included
 * enter what the thread calls first, to give up what it does not need; may be
 *       NULL
 *
 * Returns 0, -ENOENT and others of open(), what enter returned.
 */
MUST_USE int spool_open(const char *dir, int64_t most, int (*enter)(void *arg),
    void *arg, struct spool **ret_spool);

/* Waits until all that was begun is on its way to the disk. */
void spool_close(struct spool **sp);

/* Readable when recordings are done; then call spool_done(). */
int spool_fd(const struct spool *s);
void spool_done(struct spool *s);

/*
 * Begin a recording.
 *
 * path  DIR/NAME without ".wav"; NAME of A-Z a-z 0-9 _ - and dots inside
 *
 * A file of this name is written over; a link is not followed.
 * Returns 0, -EINVAL (path), -EDQUOT (the spool is full), what open() says.
 */
MUST_USE int recording_open(
    struct spool *s, struct sv path, struct recording **ret_recording);

/* Put speech at its place, counted in samples from the beginning; what is not
 * put is silence.  A place more than a second back is passed over. */
void recording_put(
    struct recording *r, size_t at, const int16_t *samples, size_t n);

/* How many samples it has. */
size_t recording_length(const struct recording *r);

/*
 * It ends, without its last cut samples.  on_done is called later, from
 * spool_done(); with NULL nobody is told, with keep false the file is removed.
 */
void recording_end(
    struct recording **rp, size_t cut, recorded_fn *on_done, void *arg);

/* Who waits for on_done does not any more. */
void spool_forget(struct spool *s, const void *arg);

#endif
