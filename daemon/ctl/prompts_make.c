/* prompts_make.c - all prompts of an edition, or none. */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/file.h"
#include "content/speech.h"
#include "content/wav.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/prompts.h"
#include "daemon/ctl/speak.h"

enum {
	AT_ONCE = 2,		    /* voices that speak at a time */
	BAR = 40,		    /* characters */
	COPY_BYTES_MAX = 256 << 20, /* of a recording, as WAV */
	EDITION_MAX = 999999999,
};

struct making {
	struct prompts_job *job;
	struct prompt_list list;
	struct speaking voices[AT_ONCE];
	size_t said_by[AT_ONCE]; /* items */
	size_t turn;		 /* whose turn it is */
	bool ready;		 /* espeak-ng and sox are known to be there */
	int lock;
	struct diag *why;
};

static int
failed(struct diag *d, int rc, const char *path)
{
	return diag_set(d, rc, "%s: %s; the prompts stay as they were", path,
	    strerror(-rc));
}

PRINTF(2, 3)
static void
path_make(char ret_path[PATH_MAX], const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(ret_path, PATH_MAX, fmt, ap);
	va_end(ap);
	ASSERT(n > 0 && n < PATH_MAX); /* the root was seen to be short */
}

static void
cache_path(const struct making *m, const struct prompt_item *item,
    const char *ending, char ret_path[PATH_MAX])
{
	path_make(
	    ret_path, "%s/cache/%s.%s", m->job->root, item->digest, ending);
}

/* Asterisk, another user, reads what is in it, whatever our umask is. */
static int
folder_make(const char *path, struct diag *d)
{
	if (mkdir(path, 0755) == 0 ? chmod(path, 0755) < 0 : errno != EEXIST)
		return failed(d, -errno, path);
	return 0;
}

static int
root_open(struct making *m)
{
	char cache[PATH_MAX];
	int rc;

	if (strlen(m->job->root) > CONTENT_PATH_MAX / 2)
		return failed(m->why, -ENAMETOOLONG, m->job->root);
	rc = folder_make(m->job->root, m->why);
	path_make(cache, "%s/cache", m->job->root);
	if (rc == 0)
		rc = folder_make(cache, m->why);
	if (rc < 0)
		return rc;
	m->lock = open(m->job->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->lock < 0)
		return failed(m->why, -errno, m->job->root);
	if (flock(m->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return diag_set(m->why, -EBUSY,
	    "%s: somebody else makes prompts now; wait until that ends",
	    m->job->root);
}

/* Look at a sound.  ret_fault is NULL for a good one. */
static int
sound_look(const char *path, bool prompt, const char **ret_fault)
{
	struct wav w;
	struct stat st;
	struct sv file;
	void *bytes;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		rc = -errno;
	else if (st.st_size < WAV_HEAD || st.st_size > COPY_BYTES_MAX)
		rc = -EINVAL;
	if (rc == 0) {
		file.n = (size_t)st.st_size;
		bytes = mmap(NULL, file.n, PROT_READ, MAP_PRIVATE, fd, 0);
		if (bytes == MAP_FAILED) {
			rc = -errno;
		} else {
			file.p = bytes;
			rc = wav_read(file, &w);
			if (rc == 0 && prompt &&
			    (w.hz != WAV_PROMPT_HZ || w.channels != 1))
				rc = -EINVAL;
			if (rc == 0)
				*ret_fault = wav_fault(&w);
			(void)munmap(bytes, file.n);
		}
	}
	(void)close(fd);
	return rc;
}

static bool
is_cached(const struct making *m, const struct prompt_item *item)
{
	const char *fault = NULL;
	char path[PATH_MAX];

	cache_path(m, item, "wav", path);
	return sound_look(path, true, &fault) == 0 && fault == NULL;
}

/* What was made is good: it gets its name. */
static int
keep(struct making *m, const struct prompt_item *item)
{
	const char *fault = NULL;
	char made[PATH_MAX], path[PATH_MAX];
	int rc;

	cache_path(m, item, "tmp", made);
	cache_path(m, item, "wav", path);
	rc = sound_look(made, true, &fault);
	if (rc < 0)
		return diag_set(m->why, rc,
		    "%s %s: what was made is no sound; is the disk full?",
		    lang_code(item->lang), item->id);
	if (fault != NULL)
		return diag_set(m->why, -EINVAL,
		    "%s %s %s: \"" SV_FMT "\"; change the text, or record it",
		    lang_code(item->lang), item->id, fault, SV_ARG(item->text));
	if (chmod(made, 0644) < 0 || rename(made, path) < 0)
		return failed(m->why, -errno, path);
	m->job->made++;
	return 0;
}

static int
convert_checked(struct making *m, const struct prompt_item *item,
    const char *copy, const char *made)
{
	const char *fault = NULL;
	int rc = speak_copy(item->recording, copy, m->why);

	if (rc < 0)
		return rc;
	rc = sound_look(copy, false, &fault);
	if (rc < 0)
		return diag_set(m->why, rc,
		    "%s: sox cannot read it; save it as WAV, or take it away",
		    item->recording);
	if (fault != NULL)
		return diag_set(m->why, -EINVAL,
		    "%s %s; record it again, or take it away", item->recording,
		    fault);
	rc = speak_convert(copy, made, m->why);
	return rc == 0 ? keep(m, item) : rc;
}

static int
convert(struct making *m, const struct prompt_item *item)
{
	char copy[PATH_MAX], made[PATH_MAX];
	int rc;

	cache_path(m, item, "copy.tmp", copy);
	cache_path(m, item, "tmp", made);
	rc = convert_checked(m, item, copy, made);
	(void)unlink(copy);
	return rc;
}

/* Wait for a voice, and look at what it said. */
static int
voice_end(struct making *m, size_t voice)
{
	int rc;

	if (m->voices[voice].voice == 0)
		return 0;
	rc = speak_end(&m->voices[voice], m->why);
	return rc == 0 ? keep(m, &m->list.items[m->said_by[voice]]) : rc;
}

static int
say(struct making *m, size_t item)
{
	const struct prompt_item *i = &m->list.items[item];
	size_t voice = m->turn++ % AT_ONCE;
	char *made;
	int rc = voice_end(m, voice);

	if (rc < 0)
		return rc;
	made = arena_get(m->list.arena, PATH_MAX);
	cache_path(m, i, "tmp", made);
	m->said_by[voice] = item;
	return speak_begin(
	    &m->voices[voice], speech_voice(i->read), i->spelt, made, m->why);
}

void
prompts_bar(void *arg, size_t done, size_t all)
{
	static const char bar[] = "########################################";

	(void)arg;
	_Static_assert(sizeof(bar) == BAR + 1, "one for each step");
	if (done % 16 == 0 || done == all)
		fprintf(stderr, "\rprompts [%-*.*s] %zu of %zu%s", BAR,
		    (int)(BAR * done / all), bar, done, all,
		    done == all ? "\n" : "");
}

/* Being made by a voice that has not ended yet. */
static bool
is_begun(const struct making *m, const struct prompt_item *item)
{
	size_t i;

	for (i = 0; i < AT_ONCE; i++)
		if (m->voices[i].voice != 0 &&
		    strcmp(m->list.items[m->said_by[i]].digest, item->digest) ==
			0)
			return true;
	return false;
}

static int
item_make(struct making *m, size_t at)
{
	const struct prompt_item *item = &m->list.items[at];
	int rc;

	m->job->recorded += item->source == PROMPT_RECORDED;
	m->job->placeholders += item->source == PROMPT_PLACEHOLDER;
	if (is_begun(m, item) || is_cached(m, item))
		return 0;
	if (!m->ready) {
		rc = speak_ready(m->why);
		if (rc < 0)
			return rc;
		m->ready = true;
	}
	return item->recording != NULL ? convert(m, item) : say(m, at);
}

static int
all_make(struct making *m)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < m->list.count; i++) {
		rc = item_make(m, i);
		if (rc == 0 && m->job->on_progress != NULL)
			m->job->on_progress(m->job->arg, i + 1, m->list.count);
	}
	for (i = 0; i < AT_ONCE && rc == 0; i++)
		rc = voice_end(m, m->turn++ % AT_ONCE);
	for (i = 0; i < AT_ONCE; i++)
		speak_stop(&m->voices[i]);
	return rc;
}

/* Give the prompts their names in the folder of an edition. */
static int
all_link(struct making *m, const char *folder)
{
	char from[PATH_MAX], to[PATH_MAX];
	size_t i;
	int rc = folder_make(folder, m->why);

	for (i = 0; rc == 0 && i < m->list.count; i++) {
		const struct prompt_item *item = &m->list.items[i];

		path_make(to, "%s/%s", folder, lang_code(item->lang));
		if (i == 0 || item->lang != item[-1].lang)
			rc = folder_make(to, m->why);
		if (rc < 0)
			break;
		path_make(to, "%s/%s/%s.wav", folder, lang_code(item->lang),
		    item->id);
		cache_path(m, item, "wav", from);
		if (link(from, to) < 0)
			rc = failed(m->why, -errno, to);
	}
	return rc;
}

/* On disk to the last byte, then in the place of what was there. */
static int
all_name(struct making *m, const char *folder, const char *name)
{
	if (syncfs(m->lock) < 0)
		return failed(m->why, -errno, folder);
	if (renameat2(AT_FDCWD, folder, AT_FDCWD, name, RENAME_EXCHANGE) < 0 &&
	    (errno != ENOENT || rename(folder, name) < 0))
		return failed(m->why, -errno, name);
	if (fsync(m->lock) < 0)
		return failed(m->why, -errno, m->job->root);
	return 0;
}

static int
edition_make(struct making *m)
{
	char name[PATH_MAX], folder[PATH_MAX];
	int rc;

	path_make(name, "%s/%04lld", m->job->root, (long long)m->job->edition);
	path_make(
	    folder, "%s/%04lld.tmp", m->job->root, (long long)m->job->edition);
	file_tree_remove(folder);
	rc = all_make(m);
	if (rc == 0)
		rc = all_link(m, folder);
	if (rc == 0)
		rc = all_name(m, folder, name);
	file_tree_remove(folder); /* half a folder, or the one before */
	return rc;
}

int
prompts_make(struct prompts_job *job, struct diag *reterr_diag)
{
	struct prompts_job done = *job;
	struct making m = { .job = &done, .lock = -1, .why = reterr_diag };
	int rc = root_open(&m);

	done.made = done.recorded = done.placeholders = 0;
	if (rc == 0)
		rc =
		    prompts_list(job->data, job->content, &m.list, reterr_diag);
	if (rc == 0) {
		done.total = m.list.count;
		rc = edition_make(&m);
		prompts_list_done(&m.list);
	}
	if (m.lock >= 0)
		(void)close(m.lock);
	if (rc == 0)
		*job = done;
	return rc;
}

void
prompts_drop(const char *root, int64_t edition)
{
	char path[PATH_MAX];

	path_make(path, "%s/%04lld", root, (long long)edition);
	file_tree_remove(path);
}

/* The number of an edition's folder, 0 for any other name. */
static int64_t
edition_of(const char *name)
{
	char *end;
	long number;

	if (name[0] < '0' || name[0] > '9')
		return 0;
	number = strtol(name, &end, 10);
	return *end == '\0' && number <= EDITION_MAX ? number : 0;
}

static void
old_remove(const char *data, const char *root, const char *name)
{
	char path[CONTENT_PATH_MAX], gone[PATH_MAX];
	int64_t number = edition_of(name);

	if (number == 0 || content_edition_path(data, number, path) < 0 ||
	    access(path, F_OK) == 0 || errno != ENOENT)
		return;
	path_make(gone, "%s/%s", root, name);
	file_tree_remove(gone);
}

static void
unused_remove(const char *cache, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	path_make(path, "%s/%s", cache, name);
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1)
		(void)unlink(path);
}

void
prompts_tidy(const char *data, const char *root)
{
	char cache[PATH_MAX];
	const struct dirent *entry;
	DIR *folder = opendir(root);

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		old_remove(data, root, entry->d_name);
	if (folder != NULL)
		(void)closedir(folder);
	path_make(cache, "%s/cache", root);
	folder = opendir(cache);
	while (folder != NULL && (entry = readdir(folder)) != NULL)
		unused_remove(cache, entry->d_name);
	if (folder != NULL)
		(void)closedir(folder);
}
