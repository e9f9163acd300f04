/*
 * callback.h - who asked to be called back, by whichever channel, and the one
 * text that is ever sent unasked.
 *
 * A request is a consent: it is made only when somebody has said that they want
 * to be called, that the phone is theirs alone, and when.  It ends, and all of
 * it is wiped, by STOP, FORGET or "2", 24 h after it is done, and after 7 days
 * at most.  So there is no list of who wrote STOP: where there is no request,
 * nothing is sent.
 *
 * A counsellor who could not reach them may have them asked, twice at most and
 * in their hours only, whether it is still them.  That text says nothing of us:
 * the number may be somebody else's by now.  Only 1 brings what it is about;
 * any other text leaves the request as it was before, and no answer lets it
 * end.
 *
 * The store's row has a keyed hash of the number under the vault key, which
 * stands in no other table, and a seal of one length.  Of the person nothing
 * else is on disk or, but for the number, in memory.
 */
#ifndef DAEMON_CORE_CALLBACK_H
#define DAEMON_CORE_CALLBACK_H

#include "daemon/base/keymap.h"
#include "daemon/core/conf.h"
#include "daemon/core/vault.h"
#include "db/db.h"
#include "menus/step.h"

struct hotline;
struct callbacks;

enum {
	CALLBACK_TEXTS_MAX = 2, /* unasked, of one request */
	CALLBACK_REPLY_H = 12,	/* for an answer, before the second */
	CALLBACK_ID_BYTES = 64, /* of a topic or place: CSV_ID_MAX */
};

enum callback_state {
	CALLBACK_WAITING,
	CALLBACK_TO_ASK,    /* the text waits for their hours */
	CALLBACK_ASKED,	    /* whether it is still them */
	CALLBACK_CONFIRMED, /* it is */
	CALLBACK_DONE,
	CALLBACK_STATES,
};

/* One request; changed by the functions below alone. */
struct callback {
	struct keymap_head head; /* keyed hash of the number; its end */
	int64_t id;		 /* six digits, random */
	int64_t since_ms;
	enum callback_state state;
	enum lang lang;
	bool latin;
	enum menu_window window;
	int utc_min;	  /* their time, ahead of UTC */
	unsigned texts;	  /* unasked so far */
	int64_t asked_ms; /* when the last was put, 0 never */
	char gateway[32]; /* that texts reach them by, "" any */
	char topic[CALLBACK_ID_BYTES + 1], place[CALLBACK_ID_BYTES + 1];
	uint8_t sealed[DB_CALLBACK_SEALED]; /* all of it, with the number */
};

/* What somebody said yes to. */
struct callback_ask {
	struct sv e164;
	struct sv gateway, line; /* name and number of what a text goes by; both
				    empty if they never wrote one */
	enum lang lang;
	bool latin;
	enum menu_window window;
	struct sv topic, place; /* ids, or empty */
	int utc_min;
};

struct callbacks *callbacks_new(struct hotline *h);
void callbacks_free(struct callbacks **cp);
MUST_USE int callbacks_load(struct callbacks *c);

/* True if somebody can be called: there is a number, and room. */
bool callbacks_offered(const struct callbacks *c);

/* The open request of a number, or NULL; until the next call of any. */
const struct callback *callbacks_of(struct callbacks *c, struct sv e164);

/* Minutes ahead of UTC at a time where somebody is: at a place, or PLACE_NONE,
 * with a number of that country. */
int callback_utc(const struct edition *e, uint16_t place, const char *country,
    int64_t at_ms);

/* "9-12": what is said of their hours. */
const char *callback_hours(enum menu_window window);

/* True if they may be called or written to now. */
bool callback_is_time(const struct callback *b, int64_t now_ms);

/*
 * Note it, in the place of the one they had; in the open turn or round.
 *
 * Returns also -ENOSPC: see callbacks_offered().
 */
MUST_USE int callbacks_put(
    struct callbacks *c, const struct callback_ask *ask, int64_t now_ms);

/* STOP, FORGET, "2": it ends, and so does the text that may be on its way. */
MUST_USE int callbacks_end(struct callbacks *c, struct sv e164);

/* They wrote something else; still: that it is them. */
MUST_USE int callbacks_said(struct callbacks *c, struct sv e164, bool still);

/* The turn stands, or was undone. */
void callbacks_stand(struct callbacks *c);
void callbacks_undo(struct callbacks *c);

/* The round's commit went well, or not. */
void callbacks_settle(struct callbacks *c, int rc);

/* Send what waits, to whom it is the time for. */
void callbacks_tick(struct callbacks *c, int64_t now_ms);

void callbacks_sweep(struct callbacks *c, int64_t now_ms);
void callbacks_clip(struct callbacks *c, int64_t now_ms);

/* For operators: callback_desk.c. */

/* Call fn for every one, oldest first, those that are done, too. */
void callbacks_each(struct callbacks *c,
    void (*fn)(void *arg, const struct callback *b), void *arg);

/* Those that are not done. */
size_t callbacks_open(struct callbacks *c);

/* By its id; NULL if there is none. */
struct callback *callbacks_find(struct callbacks *c, int64_t id);

/* It is done; the row goes 24 h later.  No round is open. */
MUST_USE int callbacks_done(
    struct callbacks *c, struct callback *b, int64_t now_ms);

/*
 * Have them asked whether it is still them.  No round is open.
 *
 * Returns also -EALREADY (it waits, or was asked lately), -EDQUOT (twice
 * already), -ESTALE (done).
 */
MUST_USE int callbacks_message(struct callbacks *c, struct callback *b);

/* Their number, until callbacks_seal_away(). */
MUST_USE int callbacks_number(
    struct callbacks *c, const struct callback *b, struct sv *ret_e164);
void callbacks_seal_away(struct callbacks *c);

const char *callback_state_name(enum callback_state state);

#endif
