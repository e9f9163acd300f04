/* keeper.c - a queue of recordings; the first is worked on. */
#include "daemon/core/keeper.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/sb.h"
#include "daemon/core/reviewers.h"

enum { PATH_ROOM = 1024 };

enum step { STEP_BEGIN, STEP_SEAL, STEP_SYNC, STEP_KEEP, STEP_WIPE, STEP_OVER };

struct job {
	STAILQ_ENTRY(job) next;
	enum step step;
	int rc;	   /* what came of keeping it */
	int wiped; /* and of wiping it */
	bool forgotten;
	int in, out; /* the recording, the draft; -1 */
	off_t at, size;
	struct sealing *sealing;
	char recording[PATH_ROOM];
	char name[MESSAGE_NAME_MAX]; /* that it is kept under */
	char line[REVIEWERS_LINE];   /* whose it is */
	keeper_done_fn *done;
	void *arg;
};

struct keeper {
	const char *dir;
	const struct vault *vault;
	struct event *next_ev;
	STAILQ_HEAD(job_list, job) jobs;
	char plain[REVIEWERS_SLICE];
	uint8_t sealed[REVIEWERS_SLICE_SEALED];
};

/* --- the steps of a job: 1 is to be called again, 0 it is done, -Exxx --- */

static int
write_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;
	ssize_t put = 0;

	for (; n > 0; at += put, n -= (size_t)put) {
		put = write(fd, at, n);
		if (put <= 0)
			return put < 0 ? -errno : -EIO;
	}
	/* the disk may begin: there is less to wait for at the end */
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int
recording_open(struct job *j)
{
	struct stat st;

	/* O_NONBLOCK: a pipe that lies in the spool makes nobody wait */
	j->in =
	    open(j->recording, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (j->in < 0)
		return -errno;
	if (fstat(j->in, &st) < 0 || !S_ISREG(st.st_mode))
		return -EIO;
	j->size = st.st_size;
	if (j->size < MESSAGE_LEAST)
		return -ENODATA;
	return j->size > MESSAGE_MOST ? -EFBIG : 0;
}

static int
step_begin(struct keeper *k, struct job *j)
{
	uint8_t head[REVIEWERS_HEAD];
	int rc = recording_open(j);

	if (rc == 0 && !vault_has_reviewers(k->vault))
		rc = -ENOKEY;
	if (rc == 0)
		rc = messages_room(k->dir);
	if (rc == 0) {
		rc = message_draft(k->dir);
		j->out = rc;
	}
	if (rc < 0)
		return rc;
	j->sealing = vault_sealing_new(k->vault, sv_of(j->line), head);
	return write_all(j->out, head, sizeof(head));
}

static int
step_seal(struct keeper *k, struct job *j)
{
	size_t left = (size_t)(j->size - j->at);
	size_t n = left < REVIEWERS_SLICE ? left : REVIEWERS_SLICE;
	ssize_t got = pread(j->in, k->plain, n, j->at);
	int rc;

	if (got < 0 || (size_t)got < n) /* somebody has cut it */
		return got < 0 ? -errno : -EIO;
	j->at += got;
	n = sealing_put(j->sealing, (struct sv){ k->plain, n },
	    j->at == j->size, k->sealed);
	explicit_bzero(k->plain, (size_t)got);
	rc = write_all(j->out, k->sealed, n);
	return rc < 0 ? rc : j->at < j->size;
}

static int
step_wipe(struct job *j)
{
	int rc = message_wipe_slice(j->recording, &j->at);

	if (rc < 0)
		j->wiped = rc;
	return rc > 0;
}

static int
step_do(struct keeper *k, struct job *j)
{
	switch (j->step) {
	case STEP_BEGIN:
		return j->forgotten ? -ECANCELED : step_begin(k, j);
	case STEP_SEAL:
		return j->forgotten ? -ECANCELED : step_seal(k, j);
	case STEP_SYNC:
		return fdatasync(j->out) < 0 ? -errno : 0;
	case STEP_KEEP:
		return j->forgotten ? -ECANCELED :
				      message_publish(k->dir, j->name);
	case STEP_WIPE:
		return step_wipe(j);
	case STEP_OVER:
		break;
	}
	return 0;
}

/* --- the queue --- */

static void
soon(struct keeper *k)
{
	const struct timeval now = { 0 };

	if (!STAILQ_EMPTY(&k->jobs))
		ASSERT(event_add(k->next_ev, &now) == 0);
}

static void
job_over(struct keeper *k, struct job *j)
{
	STAILQ_REMOVE_HEAD(&k->jobs, next);
	if (j->in >= 0)
		(void)close(j->in);
	j->done(j->arg, j->rc, j->wiped);
	explicit_bzero(j, sizeof(*j)); /* a number */
	free(j);
}

/* One slice of the first. */
static void
slice(struct keeper *k)
{
	struct job *j = STAILQ_FIRST(&k->jobs);
	int rc = step_do(k, j);

	if (rc > 0)
		return;
	if (j->step != STEP_WIPE) {
		j->rc = rc;
		j->step = rc < 0 ? STEP_WIPE : j->step + 1;
	} else {
		j->step = STEP_OVER;
	}
	if (j->step == STEP_WIPE) {
		j->at = 0;
		if (j->out >= 0)
			(void)close(j->out);
		if (j->out >= 0 && rc < 0)
			message_draft_wipe(k->dir);
		sealing_free(&j->sealing);
	} else if (j->step == STEP_OVER) {
		job_over(k, j);
	}
}

static void
on_next(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	slice(arg);
	soon(arg);
}

struct keeper *
keeper_new(struct event_base *base, const char *dir, const struct vault *v)
{
	struct keeper *k = calloc(1, sizeof(*k));

	ASSERT(k != NULL);
	k->dir = dir;
	k->vault = v;
	STAILQ_INIT(&k->jobs);
	k->next_ev = event_new(base, -1, 0, on_next, k);
	ASSERT(k->next_ev != NULL);
	return k;
}

void
keeper_free(struct keeper **kp)
{
	if (*kp == NULL)
		return;
	ASSERT(STAILQ_EMPTY(&(*kp)->jobs));
	event_free((*kp)->next_ev);
	free(*kp);
	*kp = NULL;
}

void
keeper_take(struct keeper *k, const char *recording, struct sv e164,
    struct sv lang, keeper_done_fn *done, void *arg)
{
	struct job *j = calloc(1, sizeof(*j));
	struct sb line;

	ASSERT(j != NULL);
	j->in = j->out = -1;
	j->done = done;
	j->arg = arg;
	sb_wrap(&line, j->recording, sizeof(j->recording));
	sb_puts(&line, recording);
	ASSERT(!line.full);
	sb_wrap(&line, j->line, sizeof(j->line));
	sb_put(&line, e164.n > 0 ? e164 : SV("-"));
	sb_puts(&line, " ");
	sb_put(&line, lang);
	message_name(k->vault, e164, j->name);
	STAILQ_INSERT_TAIL(&k->jobs, j, next);
	soon(k);
}

void
keeper_forget(struct keeper *k, struct sv e164)
{
	struct job *j;

	STAILQ_FOREACH (j, &k->jobs, next)
		if (e164.n == 0 || message_is_of(k->vault, e164, j->name))
			j->forgotten = true;
}

void
keeper_finish(struct keeper *k)
{
	while (!STAILQ_EMPTY(&k->jobs))
		slice(k);
}
