/*
 * call.h - a call, for the core alone.
 */
#ifndef DAEMON_CORE_CALL_H
#define DAEMON_CORE_CALL_H

#include "daemon/core/core.h"
#include "daemon/core/messages.h"
#include "daemon/core/voice.h"
#include "menus/render.h"

struct call {
	struct hotline *h;
	struct phone phone; /* "" if withheld */
	bool withheld;
	bool stranger; /* has set a word, which cannot be said here: nothing
			  of them is shown, or kept */
	bool begun;
	char event; /* that is answered now */
	struct voice_state state;
	struct menu_session session; /* as this call has it */
	int64_t edition;	     /* that both are of */
	struct voice_said said;
	char text[REPLY_BYTES_MAX]; /* what would be sent by SMS */
	size_t text_len;
	bool sms;	/* within the person's limit for texts */
	struct gw *via; /* that sends it in this turn, or NULL */
	bool under_way; /* a turn is being committed */
	bool ended;	/* and then nobody wants to know */
	bool at_once;	/* and then a text is sent */
	voice_done_fn *done;
	void *arg;
};

/* Everything about calls that is of no single one. */
struct calls *calls_new(void);

/* Read what the settings say of them, and remove what a crash left.  -EINVAL.
 */
MUST_USE int calls_open(struct hotline *h, struct diag *reterr_diag);
void calls_free(struct calls **cp);
void calls_sweep(struct hotline *h, int64_t now_ms);

/* Log it where callers cannot be answered in the edition of now. */
void calls_look(const struct hotline *h);

/* Wipe every message, and every recording in the spool. */
void calls_wipe(struct hotline *h);

/* Wipe the messages that a number has left.  Returns 0, -EIO. */
MUST_USE int calls_forget(struct hotline *h, struct sv e164);

/* Keep now what is being kept. */
void calls_finish(struct hotline *h);

/* For turn.c, within a turn. */

/* True if the event may have a text sent: it counts as one of theirs. */
bool call_may_send(const struct call *c);

/* False if this is not to be done: a text to somebody who hung up at once. */
bool call_may(struct call *c, bool known, const struct menu_session *session,
    const uint8_t person[VAULT_TAG_LEN]);

/* Answer the event: what is said stays with the call.
 * remembered  of the person; ret_result->next is what is from now on */
void call_step(struct call *c, const struct menu_session *remembered,
    int64_t now_ms, struct menu_result *ret_result);

/* The text for an SMS. */
struct sv call_text(const struct call *c);

#endif
