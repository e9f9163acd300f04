/* sound.c - WAV files as G.711 in memory, the least lately played go first. */
#include "daemon/sip/sound.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/sip/wav.h"

enum { BUCKETS = 1024, PATH_SIZE = 4096, TONE_PEAK = 6000 };

struct entry {
	TAILQ_ENTRY(entry) age;	  /* the latest played last */
	LIST_ENTRY(entry) bucket; /* those of one hash */
	struct sound *sound;
	struct timespec mtime; /* of the file it came from */
	off_t size;
	char path[];
};

TAILQ_HEAD(age_list, entry);
LIST_HEAD(bucket_list, entry);

struct sounds {
	struct age_list ages;
	struct bucket_list buckets[BUCKETS];
	size_t most, bytes;
};

static struct sound *
sound_new(size_t samples)
{
	struct sound *p = calloc(1, sizeof(*p));
	size_t i;

	ASSERT(p != NULL);
	p->samples = samples;
	p->refs = 1;
	for (i = 0; i < LAW_COUNT; i++) {
		p->law[i] = malloc(samples + 1);
		ASSERT(p->law[i] != NULL);
	}
	return p;
}

static void
sound_set(struct sound *p, size_t at, int16_t sample)
{
	p->law[LAW_A][at] = law_encode(LAW_A, sample);
	p->law[LAW_MU][at] = law_encode(LAW_MU, sample);
}

struct sound *
sound_tone(unsigned hz, unsigned ms)
{
	size_t n = (size_t)ms * WAV_RATE / 1000, i;
	struct sound *p = sound_new(n);
	double turn = 2 * M_PI * hz / WAV_RATE;

	for (i = 0; i < n; i++)
		sound_set(p, i, (int16_t)(TONE_PEAK * sin(turn * (double)i)));
	return p;
}

struct sound *
sound_ref(struct sound *p)
{
	p->refs++;
	return p;
}

void
sound_unref(struct sound **pp)
{
	struct sound *p = *pp;
	size_t i;

	*pp = NULL;
	if (p == NULL || --p->refs > 0)
		return;
	for (i = 0; i < LAW_COUNT; i++)
		free(p->law[i]);
	free(p);
}

struct sounds *
sounds_new(size_t most)
{
	struct sounds *s = calloc(1, sizeof(*s));

	ASSERT(s != NULL);
	TAILQ_INIT(&s->ages);
	s->most = most;
	return s;
}

static size_t
entry_bytes(const struct entry *e)
{
	return LAW_COUNT * e->sound->samples;
}

static void
entry_drop(struct sounds *s, struct entry *e)
{
	s->bytes -= entry_bytes(e);
	TAILQ_REMOVE(&s->ages, e, age);
	LIST_REMOVE(e, bucket);
	sound_unref(&e->sound);
	free(e);
}

void
sounds_free(struct sounds **pp)
{
	struct sounds *s = *pp;

	if (s == NULL)
		return;
	while (!TAILQ_EMPTY(&s->ages))
		entry_drop(s, TAILQ_FIRST(&s->ages));
	free(s);
	*pp = NULL;
}

/* FNV-1a. */
static size_t
bucket_of(const char *path)
{
	uint32_t h = 2166136261U;

	for (; *path != '\0'; path++)
		h = (h ^ (uint8_t)*path) * 16777619U;
	return h % BUCKETS;
}

static struct entry *
entry_find(struct sounds *s, const char *path)
{
	struct entry *e;

	LIST_FOREACH (e, &s->buckets[bucket_of(path)], bucket)
		if (strcmp(e->path, path) == 0)
			return e;
	return NULL;
}

static int
bytes_read(int fd, uint8_t *p, size_t n)
{
	ssize_t got;

	while (n > 0) {
		got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EIO;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

static int
sound_read(int fd, size_t n, struct sound **ret_sound)
{
	uint8_t *file = malloc(n + 1);
	size_t at = 0, samples = 0, i;
	int rc;

	ASSERT(file != NULL);
	rc = bytes_read(fd, file, n);
	if (rc == 0)
		rc = wav_parse(file, n, &at, &samples);
	if (rc == 0) {
		*ret_sound = sound_new(samples);
		for (i = 0; i < samples; i++)
			sound_set(*ret_sound, i,
			    (int16_t)(uint16_t)(file[at + 2 * i] |
						file[at + 2 * i + 1] << 8));
	}
	free(file);
	return rc;
}

static void
entry_add(struct sounds *s, const char *path, const struct stat *st,
    struct sound *sound)
{
	size_t n = strlen(path) + 1;
	struct entry *e = calloc(1, sizeof(*e) + n);

	ASSERT(e != NULL);
	memcpy(e->path, path, n);
	e->sound = sound;
	e->mtime = st->st_mtim;
	e->size = st->st_size;
	TAILQ_INSERT_TAIL(&s->ages, e, age);
	LIST_INSERT_HEAD(&s->buckets[bucket_of(path)], e, bucket);
	s->bytes += entry_bytes(e);
}

/* The least lately played go, but not the one that is to be played now. */
static void
trim(struct sounds *s)
{
	struct entry *e = TAILQ_FIRST(&s->ages), *next;

	for (; e != NULL && s->bytes > s->most; e = next) {
		next = TAILQ_NEXT(e, age);
		if (next != NULL)
			entry_drop(s, e);
	}
}

static int
entry_load(struct sounds *s, const char *path, int fd)
{
	struct sound *sound = NULL;
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return -EIO;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > WAV_MAX)
		return -EFBIG;
	rc = sound_read(fd, (size_t)st.st_size, &sound);
	if (rc == 0)
		entry_add(s, path, &st, sound);
	trim(s);
	return rc;
}

static int
file_load(struct sounds *s, const char *path, const char *file)
{
	/* a pipe in its place must not stop us */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? -ENOENT : -EIO;
	rc = entry_load(s, path, fd);
	(void)close(fd);
	return rc;
}

static bool
is_fresh(const struct entry *e, const struct stat *st)
{
	return e->size == st->st_size &&
	       e->mtime.tv_sec == st->st_mtim.tv_sec &&
	       e->mtime.tv_nsec == st->st_mtim.tv_nsec;
}

int
sounds_get(struct sounds *s, const char *path, struct sound **ret_sound)
{
	struct entry *e = entry_find(s, path);
	char file[PATH_SIZE];
	struct stat st;
	int rc;

	if (snprintf(file, sizeof(file), "%s.wav", path) >= (int)sizeof(file))
		return -ENOENT;
	if (e != NULL && (stat(file, &st) < 0 || !is_fresh(e, &st))) {
		entry_drop(s, e);
		e = NULL;
	}
	if (e == NULL) {
		rc = file_load(s, path, file);
		if (rc < 0)
			return rc;
		e = entry_find(s, path);
	}
	TAILQ_REMOVE(&s->ages, e, age);
	TAILQ_INSERT_TAIL(&s->ages, e, age);
	*ret_sound = sound_ref(e->sound);
	return 0;
}
