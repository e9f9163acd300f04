/* taught.c - words from the console become PO files of an edition. */
#include "content/taught.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "content/lang.h"
#include "db/words.h"

enum { PATH_BYTES_MAX = 1024, NAME_BYTES_MAX = 65, STEM_LEAST = 3 };

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

/* Bytes that begin a letter, whichever script it is of. */
static bool
begins(char c)
{
	return is_letter(c) && ((unsigned char)c & 0xc0) != 0x80;
}

bool
taught_word_is_plain(struct sv word)
{
	size_t i, letters = 0, all = 0;

	for (i = 0; i < word.n; i++) {
		char c = word.p[i];
		bool last = i + 1 == word.n || word.p[i + 1] == ' ';

		if (is_letter(c)) {
			letters += begins(c);
			all += begins(c);
		} else if (c == ' ') {
			if (i == 0 || last)
				return false;
			letters = 0;
		} else if (c == '*') {
			if (!last || letters < STEM_LEAST)
				return false;
		} else if ((c != '-' && c != '\'') || letters == 0) {
			return false;
		}
	}
	return all >= 2 && word.n <= TAUGHT_BYTES_MAX;
}

struct writing {
	const char *folder;
	FILE *file; /* NULL: none is open */
	char path[PATH_BYTES_MAX];
	char lang[NAME_BYTES_MAX], topic[NAME_BYTES_MAX];
	int rc;
};

static void
file_close(struct writing *w)
{
	if (w->file == NULL)
		return;
	if (w->rc == 0 && (fflush(w->file) != 0 || ferror(w->file) != 0 ||
			      fsync(fileno(w->file)) < 0))
		w->rc = errno != 0 ? -errno : -EIO;
	if (fclose(w->file) != 0 && w->rc == 0)
		w->rc = -errno;
	w->file = NULL;
}

static void
file_open(struct writing *w, struct sv lang)
{
	int fd;

	file_close(w);
	(void)snprintf(w->lang, sizeof(w->lang), SV_FMT, SV_ARG(lang));
	w->topic[0] = '\0';
	if (snprintf(w->path, sizeof(w->path), "%s/%s.taught.po", w->folder,
		w->lang) >= PATH_BYTES_MAX) {
		w->rc = -ENAMETOOLONG;
		return;
	}
	fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	w->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (w->file == NULL) {
		w->rc = -errno;
		return;
	}
	fprintf(w->file, "# Words that the console has taught.\n"
			 "msgid \"\"\nmsgstr \"\"\n"
			 "\"Content-Type: text/plain; charset=UTF-8\\n\"\n");
}

static bool
on_word(void *arg, const struct word *word)
{
	struct writing *w = arg;

	if (w->rc < 0 || lang_of(word->lang) == LANG_NONE ||
	    !taught_word_is_plain(word->word))
		return w->rc == 0;
	if (w->file == NULL || !sv_eq(word->lang, sv_of(w->lang)))
		file_open(w, word->lang);
	if (w->rc < 0)
		return false;
	if (!sv_eq(word->topic, sv_of(w->topic))) {
		(void)snprintf(
		    w->topic, sizeof(w->topic), SV_FMT, SV_ARG(word->topic));
		fprintf(w->file,
		    "\nmsgctxt \"words\"\nmsgid \"%s\"\nmsgstr \"\"\n",
		    w->topic);
	}
	fprintf(w->file, "\"" SV_FMT "\\n\"\n", SV_ARG(word->word));
	return true;
}

int
content_taught(
    struct directory *dir, const char *folder, struct diag *reterr_diag)
{
	struct writing w = { .folder = folder };
	int rc = words_each(dir, true, on_word, &w);

	file_close(&w);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "the words in directory.db cannot be read: %s; run "
		    "`safarctl check --store`",
		    strerror(-rc));
	if (w.rc < 0)
		return diag_set(reterr_diag, w.rc, "%s: %s; make room there",
		    w.path, strerror(-w.rc));
	return 0;
}
