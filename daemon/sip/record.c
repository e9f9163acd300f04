/* record.c - recordings: a second of speech at a time goes to the writer. */
#include "daemon/sip/record.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/sip/wav.h"

enum { CHUNK = WAV_RATE, NAME_MAX_BYTES = 120, PATH_SIZE = 4096 };

/* What the thread does next. */
struct job {
	STAILQ_ENTRY(job) next;
	int fd;
	bool last;
	size_t at, n; /* samples; last: the whole length */
	/* last only: where its end is told */
	recorded_fn *on_done;
	void *arg;
	int *rc; /* the first that failed; of all jobs of a recording */
	int16_t samples[];
};

STAILQ_HEAD(jobs, job);

struct spool {
	int dir_fd, event_fd;
	int64_t most, under_way; /* bytes */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct jobs todo, done;
	struct job *now; /* the one that is neither: it is being done */
	bool stopping, started;
	int (*enter)(void *arg);
	void *enter_arg;
	int enter_rc;
};

struct recording {
	struct spool *spool;
	int fd;
	int *rc;
	size_t base, length; /* samples: of the chunk, of all */
	struct job *chunk;
};

static int
write_at(int fd, const void *bytes, size_t n, off_t at)
{
	const uint8_t *p = bytes;
	ssize_t done;

	while (n > 0) {
		done = pwrite(fd, p, n, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
		at += done;
	}
	return 0;
}

static int
job_write(const struct job *j)
{
	off_t end = WAV_HEADER + (off_t)(2 * j->n);
	uint8_t header[WAV_HEADER];

	if (!j->last)
		return write_at(j->fd, j->samples, 2 * j->n,
		    WAV_HEADER + (off_t)(2 * j->at));
	wav_header((uint32_t)j->n, header);
	if (ftruncate(j->fd, end) < 0)
		return -errno;
	return write_at(j->fd, header, sizeof(header), 0);
}

/* Runs in the thread, without the lock. */
static void
job_do(const struct job *j)
{
	int rc = job_write(j);

	if (*j->rc == 0)
		*j->rc = rc;
	if (j->last && close(j->fd) < 0 && *j->rc == 0)
		*j->rc = -errno;
}

static void
tell(int event_fd)
{
	static const uint64_t one = 1;

	(void)!write(event_fd, &one, sizeof(one));
}

static struct job *
job_next(struct spool *s)
{
	struct job *j;

	while (STAILQ_EMPTY(&s->todo) && !s->stopping)
		(void)pthread_cond_wait(&s->wake, &s->lock);
	j = STAILQ_FIRST(&s->todo);
	if (j != NULL)
		STAILQ_REMOVE_HEAD(&s->todo, next);
	s->now = j;
	return j;
}

static void *
writer(void *arg)
{
	struct spool *s = arg;
	struct job *j;
	int rc = s->enter != NULL ? s->enter(s->enter_arg) : 0;

	(void)pthread_mutex_lock(&s->lock);
	s->enter_rc = rc;
	s->started = true;
	(void)pthread_cond_broadcast(&s->wake);
	while (rc == 0 && (j = job_next(s)) != NULL) {
		(void)pthread_mutex_unlock(&s->lock);
		job_do(j);
		(void)pthread_mutex_lock(&s->lock);
		s->now = NULL;
		if (j->last)
			STAILQ_INSERT_TAIL(&s->done, j, next);
		else
			free(j);
		tell(s->event_fd);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int
thread_start(struct spool *s)
{
	int rc = pthread_create(&s->thread, NULL, writer, s);

	if (rc != 0)
		return -rc;
	(void)pthread_mutex_lock(&s->lock);
	while (!s->started)
		(void)pthread_cond_wait(&s->wake, &s->lock);
	rc = s->enter_rc;
	(void)pthread_mutex_unlock(&s->lock);
	if (rc < 0)
		(void)pthread_join(s->thread, NULL);
	return rc;
}

int
spool_open(const char *dir, int64_t most, int (*enter)(void *arg), void *arg,
    struct spool **ret_spool)
{
	struct spool *s = calloc(1, sizeof(*s));
	int rc = 0;

	ASSERT(s != NULL);
	s->most = most;
	s->enter = enter;
	s->enter_arg = arg;
	STAILQ_INIT(&s->todo);
	STAILQ_INIT(&s->done);
	ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
	ASSERT(pthread_cond_init(&s->wake, NULL) == 0);
	s->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		rc = -errno;
	s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT(s->event_fd >= 0);
	if (rc == 0)
		rc = thread_start(s);
	if (rc == 0) {
		*ret_spool = s;
		return 0;
	}
	if (s->dir_fd >= 0)
		(void)close(s->dir_fd);
	(void)close(s->event_fd);
	free(s);
	return rc;
}

void
spool_close(struct spool **sp)
{
	struct spool *s = *sp;

	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->stopping = true;
	(void)pthread_cond_broadcast(&s->wake);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	spool_forget(s, NULL);
	spool_done(s);
	(void)close(s->dir_fd);
	(void)close(s->event_fd);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->wake);
	free(s);
	*sp = NULL;
}

int
spool_fd(const struct spool *s)
{
	return s->event_fd;
}

static void
job_finish(struct spool *s, struct job *j)
{
	s->under_way -= (int64_t)(2 * j->at);
	if (j->on_done != NULL)
		j->on_done(*j->rc, j->arg);
	free(j->rc);
	free(j);
}

void
spool_done(struct spool *s)
{
	struct jobs done = STAILQ_HEAD_INITIALIZER(done);
	struct job *j;
	uint64_t count;

	(void)!read(s->event_fd, &count, sizeof(count));
	(void)pthread_mutex_lock(&s->lock);
	STAILQ_CONCAT(&done, &s->done);
	(void)pthread_mutex_unlock(&s->lock);
	while ((j = STAILQ_FIRST(&done)) != NULL) {
		STAILQ_REMOVE_HEAD(&done, next);
		job_finish(s, j);
	}
}

static void
job_forget(struct job *j, const void *arg)
{
	if (arg == NULL || j->arg == arg)
		j->on_done = NULL;
}

static void
jobs_forget(struct jobs *jobs, const void *arg)
{
	struct job *j;

	for (j = STAILQ_FIRST(jobs); j != NULL; j = STAILQ_NEXT(j, next))
		job_forget(j, arg);
}

void
spool_forget(struct spool *s, const void *arg)
{
	(void)pthread_mutex_lock(&s->lock);
	jobs_forget(&s->todo, arg);
	jobs_forget(&s->done, arg);
	if (s->now != NULL)
		job_forget(s->now, arg);
	(void)pthread_mutex_unlock(&s->lock);
}

/* --- one recording --- */

static bool
is_plain(struct sv name)
{
	size_t i;
	char c;

	if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '.')
		return false;
	for (i = 0; i < name.n; i++) {
		c = name.p[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') &&
		    (c == '\0' || strchr("_-.", c) == NULL))
			return false;
	}
	return true;
}

/* The name alone, if it is one of this folder, however that is written. */
static int
name_of(const struct spool *s, struct sv path, char name[NAME_MAX_BYTES + 5])
{
	const char *slash = path.n > 0 ? memrchr(path.p, '/', path.n) : NULL;
	char dir[PATH_SIZE];
	struct stat is, ours;
	struct sv base;
	size_t n;

	if (slash == NULL || (size_t)(slash - path.p) >= sizeof(dir))
		return -EINVAL;
	n = (size_t)(slash - path.p);
	memcpy(dir, path.p, n);
	dir[n] = '\0';
	base = (struct sv){ slash + 1, path.n - n - 1 };
	if (!is_plain(base) || stat(dir, &is) < 0 ||
	    fstat(s->dir_fd, &ours) < 0 || is.st_dev != ours.st_dev ||
	    is.st_ino != ours.st_ino)
		return -EINVAL;
	memcpy(name, base.p, base.n);
	memcpy(name + base.n, ".wav", 5);
	return 0;
}

static int64_t
bytes_in(int dir_fd)
{
	int64_t bytes = 0;
	struct dirent *d;
	struct stat st;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return INT64_MAX;
	}
	while ((d = readdir(dir)) != NULL)
		if (fstatat(dir_fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			bytes += st.st_size;
	(void)closedir(dir);
	return bytes;
}

static struct job *
job_new(struct recording *r)
{
	struct job *j = calloc(1, sizeof(*j) + CHUNK * sizeof(j->samples[0]));

	ASSERT(j != NULL);
	j->fd = r->fd;
	j->rc = r->rc;
	return j;
}

static void
job_put(struct spool *s, struct job *j)
{
	(void)pthread_mutex_lock(&s->lock);
	STAILQ_INSERT_TAIL(&s->todo, j, next);
	(void)pthread_cond_signal(&s->wake);
	(void)pthread_mutex_unlock(&s->lock);
}

int
recording_open(
    struct spool *s, struct sv path, struct recording **ret_recording)
{
	char name[NAME_MAX_BYTES + 5];
	struct recording *r;
	int fd, rc = name_of(s, path, name);

	if (rc < 0)
		return rc;
	if (s->under_way >= s->most ||
	    bytes_in(s->dir_fd) > s->most - s->under_way)
		return -EDQUOT;
	fd = openat(s->dir_fd, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0660);
	if (fd < 0)
		return -errno;
	r = calloc(1, sizeof(*r));
	ASSERT(r != NULL);
	r->rc = calloc(1, sizeof(*r->rc));
	ASSERT(r->rc != NULL);
	r->spool = s;
	r->fd = fd;
	r->chunk = job_new(r);
	*ret_recording = r;
	return 0;
}

static void
chunk_send(struct recording *r)
{
	r->chunk->at = r->base;
	job_put(r->spool, r->chunk);
	r->spool->under_way += (int64_t)sizeof(int16_t) * CHUNK;
	r->base += CHUNK;
	r->chunk = job_new(r);
}

void
recording_put(struct recording *r, size_t at, const int16_t *samples, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++, at++) {
		if (at < r->base)
			continue;
		while (at >= r->base + CHUNK) {
			r->chunk->n = CHUNK;
			chunk_send(r);
		}
		r->chunk->samples[at - r->base] = samples[i];
		if (at - r->base >= r->chunk->n)
			r->chunk->n = at - r->base + 1;
		if (at >= r->length)
			r->length = at + 1;
	}
}

size_t
recording_length(const struct recording *r)
{
	return r->length;
}

void
recording_end(
    struct recording **rp, size_t cut, recorded_fn *on_done, void *arg)
{
	struct recording *r = *rp;
	struct job *last;

	if (r == NULL)
		return;
	*rp = NULL;
	chunk_send(r);
	last = r->chunk;
	last->last = true;
	last->n = cut < r->length ? r->length - cut : 0;
	last->at = r->base;
	last->on_done = on_done;
	last->arg = arg;
	job_put(r->spool, last);
	free(r);
}
