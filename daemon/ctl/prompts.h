/*
 * prompts.h - makes the spoken prompts of an edition and looks after them.
 *
 *   PROMPTS/0007/ky/press.1.wav   of edition 7
 *   PROMPTS/cache/DIGEST.wav      the same file: a text that does not change
 *				   is spoken once
 *   DATA/content/prompts/rec/ky/press.1.wav (or .flac .ogg .mp3 .aiff)
 *				   what somebody recorded: it wins
 *
 * An edition has all its prompts or none; whatever fails, what was there stays.
 */
#ifndef DAEMON_CTL_PROMPTS_H
#define DAEMON_CTL_PROMPTS_H

#include <limits.h>

#include "content/prompts.h"
#include "daemon/core/conf.h"
#include "daemon/core/digest.h"

enum prompt_source { PROMPT_SPOKEN, PROMPT_PLACEHOLDER, PROMPT_RECORDED };

struct prompt_item {
	enum lang lang, read;
	const char *id;
	struct sv text;	       /* as somebody would read it out */
	struct sv spelt;       /* as espeak-ng gets it */
	const char *recording; /* path, or NULL */
	enum prompt_source source;
	char digest[DIGEST_HEX]; /* of all that decides how it sounds */
};

struct prompt_list {
	struct prompt_item *items; /* by language, then as prompts_each() */
	size_t count, capacity;
	const char *data;
	struct arena *arena;
	struct diag why; /* the first recording that cannot be read */
	int rc;
};

/* Where prompts are: the setting, or DATA/prompts. */
void prompts_root(
    const char *data, const struct conf *conf, char ret_root[PATH_MAX]);

/* All prompts of an edition.  Returns 0, -EACCES and the like for a recording
 * that cannot be read. */
MUST_USE int prompts_list(const char *data, const struct content *content,
    struct prompt_list *ret_list, struct diag *reterr_diag);
void prompts_list_done(struct prompt_list *l);

struct prompts_job {
	const char *data, *root;
	int64_t edition;
	const struct content *content;
	/* told as it goes: a look at some, seconds of speech at others; or
	 * NULL */
	void (*on_progress)(void *arg, size_t done, size_t all);
	void *arg;
	/* set on success */
	size_t total, made, recorded, placeholders;
};

/*
 * Make what is missing, check every prompt, then give the edition all of them
 * at once; prompts that it had are replaced.
 *
 * Returns 0; -ENOENT: espeak-ng or sox is not installed, and something is to be
 * made; -EINVAL: a prompt that is silent, clipped, too long, or a recording
 * that cannot be read, with its name and what to do; -EBUSY while another one
 * makes prompts; -EIO, -ENOSPC and the like.
 */
MUST_USE int prompts_make(struct prompts_job *job, struct diag *reterr_diag);

/* on_progress: a bar on standard error. */
void prompts_bar(void *arg, size_t done, size_t all);

/* Take the prompts of an edition away that was not published after all. */
void prompts_drop(const char *root, int64_t edition);

/* Take away the prompts of editions that are not in DATA/editions any more,
 * and what no edition uses. */
void prompts_tidy(const char *data, const char *root);

#endif
