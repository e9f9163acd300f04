/* call.c - calls: each key is a turn, and what is said comes after it. */
#include "daemon/core/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content/prompts.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/core/counsellors.h"
#include "daemon/core/keeper.h"

enum {
	MISSED_MS = 3600 * 1000, /* one text in so long */
	LOG_MS = 60 * 1000,
	MINUTE_MS = 60 * 1000,
	DAY_MIN = 24 * 60,
};

enum { MISSED_NO, MISSED_KNOWN, MISSED_ANYONE }; /* voice.missed_call */

struct calls {
	struct gw gw; /* stands for all of them; no text goes by it */
	struct counsellors counsellors;
	struct keymap *missed; /* who had a text for one, by person */
	struct keeper *keeper; /* of their messages */
	char prompts[VOICE_PATH_MAX / 2], spool[VOICE_PATH_MAX / 2];
	int64_t prompt_logged_ms;
};

struct calls *
calls_new(void)
{
	struct calls *calls = calloc(1, sizeof(*calls));

	ASSERT(calls != NULL);
	calls->missed = keymap_new(sizeof(struct keymap_head));
	return calls;
}

void
calls_free(struct calls **cp)
{
	if (*cp == NULL)
		return;
	keymap_free(&(*cp)->missed);
	keeper_free(&(*cp)->keeper);
	free(*cp);
	*cp = NULL;
}

static bool
is_country(const char *text)
{
	static const char *const known[] = { "", "kg", "kz", "ru", "tj", "uz" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(text, known[i]) == 0)
			return true;
	return false;
}

static void
folder_of(const struct hotline *h, const char *setting, const char *usual,
    char ret_path[VOICE_PATH_MAX / 2])
{
	if (setting[0] != '\0')
		(void)snprintf(ret_path, VOICE_PATH_MAX / 2, "%s", setting);
	else
		(void)snprintf(
		    ret_path, VOICE_PATH_MAX / 2, "%s/%s", h->dir, usual);
}

int
calls_open(struct hotline *h, struct diag *reterr_diag)
{
	struct calls *calls = h->calls;
	int rc = counsellors_read(
	    h->conf.voice.counsellors, &calls->counsellors, reterr_diag);

	if (rc < 0)
		return rc;
	if (!is_country(h->conf.voice.country))
		return diag_set(reterr_diag, -EINVAL,
		    "voice.country: write kg, kz, ru, tj or uz");
	calls->gw.h = h;
	(void)snprintf(
	    calls->gw.conf.name, sizeof(calls->gw.conf.name), "voice");
	folder_of(h, h->conf.voice.prompts_dir, "prompts", calls->prompts);
	folder_of(h, h->conf.voice.spool_dir, "spool", calls->spool);
	if (mkdir(calls->spool, 0700) < 0 && errno != EEXIST)
		return diag_set(reterr_diag, -errno,
		    "voice.spool_dir: %s cannot be made: %s", calls->spool,
		    strerror(errno));
	rc = messages_create(h->dir);
	if (rc < 0)
		return diag_set(reterr_diag, rc, "%s/" MESSAGES_FOLDER ": %s",
		    h->dir, strerror(-rc));
	calls->keeper = keeper_new(h->base, h->dir, h->vault);
	message_draft_wipe(h->dir); /* a crash left both */
	messages_spool_sweep(calls->spool);
	messages_sweep(h->dir, clock_ms());
	calls_look(h);
	return 0;
}

bool
voice_is_spoken(const struct hotline *h)
{
	char path[VOICE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%04" PRId64, h->calls->prompts,
	    h->edition->number);
	return access(path, F_OK) == 0;
}

void
calls_look(const struct hotline *h)
{
	if (h->conf.voice.listen[0] != '\0' && !voice_is_spoken(h))
		log_kv(LOG_WARN, "no_prompts",
		    "edition=%" PRId64 " hint=\"calls are NOT answered until "
		    "safarctl prompts build has made what callers hear\"",
		    h->edition->number);
}

void
calls_sweep(struct hotline *h, int64_t now_ms)
{
	(void)keymap_expire(h->calls->missed, now_ms - MISSED_MS);
	messages_sweep(h->dir, now_ms);
}

int
calls_forget(struct hotline *h, struct sv e164)
{
	keeper_forget(h->calls->keeper, e164);
	return messages_forget(h->dir, h->vault, e164);
}

void
calls_finish(struct hotline *h)
{
	keeper_finish(h->calls->keeper);
}

void
calls_wipe(struct hotline *h)
{
	keeper_forget(h->calls->keeper, SV(""));
	calls_finish(h);
	messages_sweep(h->dir, INT64_MAX);
	messages_spool_sweep(h->calls->spool);
}

/* --- one event --- */

/* Where the line is, as far as is known. */
static const char *
line_country(const struct hotline *h)
{
	return h->conf.voice.country;
}

/* Of their country, up before down; a gateway of no country takes any. */
static struct gw *
sms_gateway(const struct call *c)
{
	const struct hotline *h = c->h;
	struct gw *best = NULL, *gw;
	int score, most = 0;
	size_t i;

	if (c->withheld || c->stranger || !c->sms || c->state.shared ||
	    c->phone.kind != PHONE_MOBILE)
		return NULL;
	for (i = 0; i < h->gateway_count; i++) {
		gw = h->gateways[i];
		score = strcmp(gw->conf.country, c->phone.country) == 0 ? 2 :
			gw->conf.country[0] == '\0'			? 1 :
									  0;
		if (score > 0 && gw->up)
			score += 2;
		if (score > most)
			best = gw, most = score;
	}
	return best;
}

/* Minutes of the day where the line is. */
static unsigned
local_minute(const struct hotline *h, int64_t now_ms)
{
	int utc_min =
	    callback_utc(h->edition, PLACE_NONE, line_country(h), now_ms);

	return (unsigned)((now_ms / MINUTE_MS + utc_min) % DAY_MIN);
}

/* A number that a text reaches, too: it is asked whether it is still them. */
static bool
can_be_called(const struct call *c)
{
	struct callbacks *all = c->h->callbacks;

	return !c->withheld && !c->stranger && c->phone.kind == PHONE_MOBILE &&
	       (callbacks_offered(all) ||
		   callbacks_of(all, phone_reveal(&c->phone)) != NULL);
}

static struct voice_input
input_of(const struct call *c, int64_t now_ms)
{
	const struct hotline *h = c->h;
	bool known = !c->withheld && c->phone.country[0] != '\0';

	return (struct voice_input){
		.event = c->event,
		.session = &c->session,
		.country = known ? c->phone.country : line_country(h),
		.line = line_country(h),
		.withheld = c->withheld,
		.sms = sms_gateway(c) != NULL,
		.message = vault_has_reviewers(h->vault),
		.calls = can_be_called(c),
		.counsellors = counsellors_langs(
		    &h->calls->counsellors, local_minute(h, now_ms)),
		.verified_days =
		    (unsigned)h->conf.directory.require_verified_days,
		.now_ms = now_ms,
	};
}

/* What the call knew was of an older edition: it begins again, in its
 * language. */
static void
edition_follow(struct call *c)
{
	struct menu_session fresh = menu_session_new();

	if (c->edition == c->h->edition->number)
		return;
	fresh.lang = c->session.lang;
	fresh.chosen = c->session.chosen;
	fresh.latin = c->session.latin;
	fresh.plain = c->session.plain;
	c->session = fresh;
	c->state = voice_state_new();
	c->edition = c->h->edition->number;
	if (c->event != VOICE_MISSED)
		c->event = VOICE_BEGIN;
}

static void
text_keep(struct call *c, struct sv text)
{
	if (text.n == 0 || text.n > sizeof(c->text))
		return;
	memcpy(c->text, text.p, text.n);
	c->text_len = text.n;
}

struct sv
call_text(const struct call *c)
{
	return (struct sv){ c->text, c->text_len };
}

bool
call_may_send(const struct call *c)
{
	return c->event == VOICE_KEY_SMS || c->event == VOICE_MISSED;
}

bool
call_may(struct call *c, bool known, const struct menu_session *session,
    const uint8_t person[VAULT_TAG_LEN])
{
	struct calls *calls = c->h->calls;
	int64_t now_ms = clock_ms();
	struct keymap_head *last;
	bool is_new;

	if (c->event != VOICE_MISSED)
		return true;
	if (c->h->conf.voice.missed_call == MISSED_NO || session->stopped ||
	    sms_gateway(c) == NULL ||
	    (c->h->conf.voice.missed_call == MISSED_KNOWN && !known))
		return false;
	last = keymap_put(calls->missed, person, now_ms, &is_new);
	if (!is_new && now_ms - last->at_ms < MISSED_MS)
		return false;
	last->at_ms = now_ms;
	c->h->n.missed_calls++;
	return true;
}

void
call_step(struct call *c, const struct menu_session *remembered, int64_t now_ms,
    struct menu_result *ret_result)
{
	struct hotline *h = c->h;
	struct menu_result *r = ret_result;
	bool shared = c->state.shared;
	struct voice_input in;

	if (!c->begun && !c->withheld && !c->stranger)
		c->session = *remembered;
	if (!c->begun)
		c->edition = h->edition->number;
	c->begun = true;
	edition_follow(c);
	in = input_of(c, now_ms);
	voice_step(h->edition, &c->state, &in, h->arena, r, &c->said);
	c->state.shared |= shared; /* in whatever edition */
	c->session = r->next;
	text_keep(c, r->text);
	c->via = c->said.sms && c->text_len > 0 ? sms_gateway(c) : NULL;
	r->size = (struct sms_size){ 0 };
	if (c->via != NULL)
		r->size = sms_measure(call_text(c));
	if (c->withheld || c->stranger)
		r->next = *remembered;
}

/* --- for the driver --- */

struct call *
voice_begin(struct hotline *h, struct sv from)
{
	struct call *c = calloc(1, sizeof(*c));
	struct sv nothing = { 0 };

	ASSERT(c != NULL);
	c->h = h;
	c->sms = true;
	c->state = voice_state_new();
	c->session = menu_session_new();
	c->edition = h->edition->number;
	c->withheld =
	    from.n == 0 || from.n > PHONE_RAW_MAX ||
	    phone_parse(h->phones, from, line_country(h), &c->phone) < 0 ||
	    phone_reveal(&c->phone).n == 0;
	if (c->withheld)
		c->phone = (struct phone){ .kind = PHONE_FIXED };
	else
		c->stranger = decoys_gate(h->decoys, phone_reveal(&c->phone),
				  &nothing, clock_ms()) == DECOY_CLOSED;
	h->n.calls++;
	return c;
}

static void
call_free(struct call *c)
{
	explicit_bzero(c, sizeof(*c)); /* number, text, what they asked */
	free(c);
}

static void
tell(struct call *c, int rc)
{
	if (rc < 0)
		voice_say_sorry(c->said.lang, &c->said);
	c->done(c->arg, rc, &c->said);
}

static void on_commit(void *arg, int rc);

/* A text for who hung up at once, where there shall be one. */
static void
missed(struct call *c)
{
	c->ended = true;
	c->at_once = false;
	c->event = VOICE_MISSED;
	if (c->h->conf.voice.missed_call == MISSED_NO || c->withheld ||
	    turn_key(c->h, &c->h->calls->gw, c) < 0) {
		call_free(c);
		return;
	}
	c->under_way = true;
	ack_after_commit(c->h->ack, on_commit, c);
}

static void
on_commit(void *arg, int rc)
{
	struct call *c = arg;

	c->under_way = false;
	if (!c->ended)
		tell(c, rc);
	else if (c->at_once)
		missed(c);
	else
		call_free(c);
}

void
voice_end(struct call **cp, bool at_once)
{
	struct call *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	c->ended = true;
	c->at_once = at_once;
	if (c->under_way)
		return;
	if (at_once)
		missed(c);
	else
		call_free(c);
}

/* Silence is no turn: nothing happened that is worth a row. */
static void
silence(struct call *c)
{
	struct menu_result result;

	call_step(c, &c->session, clock_ms(), &result);
	arena_reset(c->h->arena);
	tell(c, 0);
}

static void
count(struct call *c, int rc)
{
	struct counters *n = &c->h->n;

	if (rc < 0 && rc != -EPERM) {
		n->put_off++;
		hotline_store_said(c->h, rc);
	}
	if (rc < 0)
		return;
	c->h->last_turn_ms = clock_ms();
	n->keys += c->event >= '0' && c->event <= '9';
	n->put_through += c->said.act == VOICE_TRANSFER;
}

/* Take the event, and tell when it is on disk. */
static void
turn(struct call *c)
{
	int rc = turn_key(c->h, &c->h->calls->gw, c);

	count(c, rc);
	if (rc == 0) {
		c->under_way = true;
		ack_after_commit(c->h->ack, on_commit, c);
	} else if (c->ended) {
		call_free(c);
	} else {
		tell(c, rc);
	}
}

void
voice_tell(struct call *c, char event, voice_done_fn *done, void *arg)
{
	ASSERT(!c->under_way);
	c->event = event;
	c->done = done;
	c->arg = arg;
	if (event == VOICE_SILENCE && c->begun)
		silence(c);
	else
		turn(c);
}

/* Nobody wants to hear later that a recording lies about. */
static void
kept_log(struct hotline *h, int rc, int wiped)
{
	if (wiped < 0 && wiped != -ENOENT)
		log_kv(LOG_ERR, "recording_not_wiped",
		    "why=\"%s\" hint=\"safard must be able to write and "
		    "remove what is in voice.spool_dir\"",
		    strerror(-wiped));
	if (rc == 0)
		h->n.messages++;
	else
		h->n.lost_messages++;
	if (rc < 0 && rc != -ENODATA && rc != -ECANCELED)
		log_kv(LOG_WARN, "message_not_kept",
		    "why=\"%s\" hint=\"can safard read the spool, and is there "
		    "room on the disk?\"",
		    strerror(-rc));
}

static void
on_kept(void *arg, int rc, int wiped)
{
	struct call *c = arg;

	c->under_way = false;
	kept_log(c->h, rc, wiped);
	c->event = rc == 0 ? VOICE_RECORDED : VOICE_EMPTY;
	turn(c);
}

void
voice_recorded(struct call *c, const char *path, voice_done_fn *done, void *arg)
{
	ASSERT(!c->under_way);
	c->done = done;
	c->arg = arg;
	c->under_way = true;
	keeper_take(c->h->calls->keeper, path, phone_reveal(&c->phone),
	    sv_of(lang_code(c->said.lang)), on_kept, c);
}

void
voice_counsellor(const struct call *c, char ret_target[VOICE_TARGET_MAX])
{
	const struct counsellor *who =
	    counsellors_find(&c->h->calls->counsellors, c->said.lang,
		local_minute(c->h, clock_ms()));

	_Static_assert(
	    (int)VOICE_TARGET_MAX > (int)COUNSELLOR_TARGET_MAX, "target");
	(void)snprintf(
	    ret_target, VOICE_TARGET_MAX, "%s", who != NULL ? who->target : "");
}

int
voice_prompt(
    const struct call *c, struct sv line, char ret_path[VOICE_PATH_MAX])
{
	enum lang lang = lang_of(sv_cut(&line, ' '));
	char id[PROMPT_ID_MAX];

	if (lang == LANG_NONE || line.n == 0 || line.n >= sizeof(id))
		return -EINVAL;
	memcpy(id, line.p, line.n);
	id[line.n] = '\0';
	return prompts_name(
	    c->h->calls->prompts, c->edition, lang, id, ret_path);
}

void
voice_spool(const struct call *c, char ret_path[VOICE_PATH_MAX])
{
	(void)snprintf(ret_path, VOICE_PATH_MAX, "%s/safar-%016" PRIx64,
	    c->h->calls->spool, vault_chance());
}

void
voice_prompt_missing(struct hotline *h, struct sv line)
{
	struct calls *calls = h->calls;
	int64_t now_ms = clock_ms();
	char id[PROMPT_ID_MAX + 16];

	h->n.no_prompt++;
	if (calls->prompt_logged_ms != 0 && now_ms >= calls->prompt_logged_ms &&
	    now_ms - calls->prompt_logged_ms < LOG_MS)
		return;
	calls->prompt_logged_ms = now_ms;
	(void)snprintf(id, sizeof(id), SV_FMT, SV_ARG(line));
	log_kv(LOG_WARN, "prompt_missing",
	    "prompt=\"%s\" total=%" PRId64
	    " hint=\"run safarctl prompts build\"",
	    id, h->n.no_prompt);
}
