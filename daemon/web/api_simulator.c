/* api_simulator.c - a phone in the page, and the prompts it plays. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/prompts.h"
#include "daemon/core/conf.h"
#include "daemon/web/simulator.h"
#include "daemon/web/upcoming.h"
#include "menus/edition.h"

enum { WAV_MAX = 4 << 20 /* four minutes */ };

/* NULL: replied. */
static const struct edition *
edition_of(struct web_request *q)
{
	struct sv which = web_text(q->json, "edition");
	bool fresh = !json_is_object(json_object_get(q->json, "state"));
	const struct edition *e = web_edition(q->web);
	struct diag why = { "" };

	if (sv_eq(which, SV("drafts"))) {
		if (upcoming_edition(q->web, fresh, &e, &why) == 0)
			return e;
		web_error(q, 409, "drafts_refused",
		    json_pack("{s:s}", "why", why.text));
		return NULL;
	}
	if (!sv_eq(which, SV("published")))
		web_error(q, 422, "invalid",
		    json_pack("{s:{s:s}}", "fields", "edition", "invalid"));
	else if (e == NULL)
		web_error(q, 409, "nothing_published", NULL);
	else
		return e;
	return NULL;
}

void
api_simulator(struct web_request *q)
{
	const struct conf *conf = web_conf(q->web);
	struct simulator s = {
		.line = conf->voice.country,
		.verified_days =
		    (unsigned)conf->directory.require_verified_days,
		.calls = conf->callback.number[0] != '\0',
		.counsellors = conf->voice.counsellors[0] != '\0',
		.messages = true,
		.now_ms = q->now_ms,
	};
	const char *wrong = "";
	json_t *reply;

	s.edition = edition_of(q);
	if (s.edition == NULL)
		return;
	reply = simulator_turn(&s, q->json, q->arena, &wrong);
	if (reply == NULL)
		web_error(q, 422, "invalid",
		    json_pack("{s:{s:s}}", "fields", wrong, "invalid"));
	else
		web_json(q, 200, reply);
}

/* "ru.for.wages": the file of a prompt of the published edition, or "". */
static void
prompt_path(struct web_request *q, char path[PROMPT_PATH_MAX + 8])
{
	const struct edition *e = web_edition(q->web);
	const char *set = web_conf(q->web)->voice.prompts_dir;
	char root[PATH_MAX], name[PROMPT_PATH_MAX], id[PROMPT_ID_MAX];
	struct sv rest = q->id, code = sv_cut(&rest, '.');
	enum lang lang = lang_of(code);

	path[0] = '\0';
	if (e == NULL || lang == LANG_NONE || rest.n >= sizeof(id))
		return;
	(void)snprintf(id, sizeof(id), SV_FMT, SV_ARG(rest));
	(void)snprintf(root, sizeof(root), "%s%s",
	    set[0] != '\0' ? set : web_dir(q->web),
	    set[0] != '\0' ? "" : "/prompts");
	if (prompts_name(root, e->number, lang, id, name) == 0)
		(void)snprintf(path, PROMPT_PATH_MAX + 8, "%s.wav", name);
}

/* Its bytes in the arena; empty if there is no such sound. */
static struct sv
prompt_read(const char *path, struct arena *arena)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct sv bytes = { 0 };
	struct stat st;
	ssize_t n;
	char *p;

	if (fd < 0)
		return bytes;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    st.st_size <= WAV_MAX) {
		p = arena_get(arena, (size_t)st.st_size);
		n = read(fd, p, (size_t)st.st_size);
		if (n == st.st_size)
			bytes = (struct sv){ p, (size_t)n };
	}
	(void)close(fd);
	return bytes;
}

void
api_prompt(struct web_request *q)
{
	char path[PROMPT_PATH_MAX + 8];
	struct sv bytes = { 0 };

	prompt_path(q, path);
	if (path[0] != '\0')
		bytes = prompt_read(path, q->arena);
	if (bytes.n == 0)
		web_error(q, 404, "no_prompt", NULL);
	else
		web_bytes(q, 200, "audio/wav", NULL, bytes);
}
