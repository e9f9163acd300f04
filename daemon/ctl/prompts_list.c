/* prompts_list.c - the prompts of an edition, and what each is made of. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/speech.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/prompts.h"
#include "daemon/ctl/speak.h"

enum { BLOCK = 256 << 10, LIST_BYTES_MAX = 256 << 20 };

/* Change it with what is done to recordings. */
static const char recorded_how[] = "recorded, sox norm -3, 8 kHz";

void
prompts_root(const char *data, const struct conf *conf, char ret_root[PATH_MAX])
{
	if (conf->voice.prompts_dir[0] != '\0')
		(void)snprintf(
		    ret_root, PATH_MAX, "%s", conf->voice.prompts_dir);
	else
		ctl_path(ret_root, data, "prompts");
}

/* The file that somebody recorded for a prompt, or NULL. */
static const char *
recording_find(struct prompt_list *l, enum lang lang, const char *id)
{
	static const char *const endings[] = { "wav", "flac", "ogg", "mp3",
		"aiff" };
	char path[PATH_MAX];
	size_t i;
	int n;

	for (i = 0; i < ARRAY_LEN(endings); i++) {
		n = snprintf(path, sizeof(path),
		    "%s/content/prompts/rec/%s/%s.%s", l->data, lang_code(lang),
		    id, endings[i]);
		if (n > 0 && n < PATH_MAX && access(path, F_OK) == 0)
			return arena_dup(l->arena, path, (size_t)n);
	}
	return NULL;
}

/* Name it by the bytes that were recorded and what is done to them. */
static int
recording_digest(const char *path, char ret_hex[DIGEST_HEX], struct diag *d)
{
	char hex[DIGEST_HEX], name[sizeof(recorded_how) + DIGEST_HEX];
	int64_t bytes;
	struct stat st;
	int rc = stat(path, &st) < 0 ? -errno : 0;

	if (rc == 0 && !S_ISREG(st.st_mode))
		return diag_set(d, -EINVAL,
		    "%s: not a file; put a recording there, or take it away",
		    path);
	if (rc == 0)
		rc = digest_file(path, &bytes, hex);
	if (rc < 0)
		return diag_set(d, rc,
		    "%s: %s; make it readable, or take it away", path,
		    strerror(-rc));
	(void)snprintf(name, sizeof(name), "%s%s", recorded_how, hex);
	digest_text(sv_of(name), ret_hex);
	return 0;
}

/* How espeak-ng gets it, and the name that follows from that. */
static int
spell(struct prompt_item *item, struct arena *arena, struct diag *d)
{
	char buf[SPEAK_TEXT_MAX], how[SPEAK_TEXT_MAX + 128];
	struct sb b;

	sb_wrap(&b, buf, sizeof(buf));
	speech_put(&b, item->read, item->text);
	if (b.full)
		return diag_set(d, -EINVAL,
		    "%s %s: too long to be spoken; make the text shorter",
		    lang_code(item->lang), item->id);
	item->spelt = (struct sv){ arena_dup(arena, b.p, b.n), b.n };
	sb_wrap(&b, how, sizeof(how));
	sb_printf(&b, "%s\n%s\n", SPEAK_HOW, speech_voice(item->read));
	sb_put(&b, item->spelt);
	digest_text(sb_sv(&b), item->digest);
	return 0;
}

static struct prompt_item *
item_new(struct prompt_list *l)
{
	if (l->count == l->capacity) {
		l->capacity = l->capacity > 0 ? l->capacity * 2 : 1024;
		l->items =
		    reallocarray(l->items, l->capacity, sizeof(*l->items));
		ASSERT(l->items != NULL);
	}
	return &l->items[l->count++];
}

static void
on_prompt(void *arg, const struct prompt *p)
{
	struct prompt_list *l = arg;
	struct prompt_item *item;

	if (l->rc < 0)
		return;
	if (p->text.n > 0 && memchr(p->text.p, '{', p->text.n) != NULL) {
		l->rc = diag_set(&l->why, -EINVAL,
		    "content/lang/%s.po: %s: what is spoken has no "
		    "placeholders; write the text without",
		    lang_code(p->read), p->id);
		return;
	}
	item = item_new(l);
	*item = (struct prompt_item){ .lang = p->lang, .read = p->read };
	item->id = arena_dup(l->arena, p->id, strlen(p->id));
	item->text.p = arena_dup(l->arena, p->text.p, p->text.n);
	item->text.n = p->text.n;
	item->recording = recording_find(l, p->lang, p->id);
	if (item->recording != NULL) {
		item->source = PROMPT_RECORDED;
		l->rc =
		    recording_digest(item->recording, item->digest, &l->why);
		return;
	}
	item->source =
	    speech_is_placeholder(p->read) ? PROMPT_PLACEHOLDER : PROMPT_SPOKEN;
	l->rc = spell(item, l->arena, &l->why);
}

int
prompts_list(const char *data, const struct content *content,
    struct prompt_list *ret_list, struct diag *reterr_diag)
{
	struct prompt_list l = { .data = data };
	int rc;

	l.arena = arena_new(BLOCK, LIST_BYTES_MAX);
	prompts_each(content, on_prompt, &l);
	rc = l.rc;
	if (rc < 0) {
		*reterr_diag = l.why;
		prompts_list_done(&l);
		return rc;
	}
	*ret_list = l;
	return 0;
}

void
prompts_list_done(struct prompt_list *l)
{
	free(l->items);
	arena_free(&l->arena);
	*l = (struct prompt_list){ .count = 0 };
}
