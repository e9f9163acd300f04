/*
 * voice.h - the contract between the core and the driver of calls.
 *
 * A call is a person who presses keys: each is a turn through the core, as a
 * text is, written and committed before the driver is told what to say next.
 *
 * A driver MUST
 *  - call voice_begin() once a call is there and voice_end() once it is over,
 *    also when a turn is under way;
 *  - tell VOICE_BEGIN first; an event only when the one before is done, and
 *    only what happened; never VOICE_MISSED;
 *  - say what it is given, and act as it says.
 * A driver MUST NOT
 *  - keep what done is given after done has returned, or free the call in it;
 *  - log a number or what somebody pressed.
 */
#ifndef DAEMON_CORE_VOICE_H
#define DAEMON_CORE_VOICE_H

#include "daemon/core/hotline.h"
#include "menus/voice.h"

enum {
	VOICE_PATH_MAX = 1024,
	VOICE_TARGET_MAX = 80,
	VOICE_RECORD_S = 90,
};

struct call; /* the core's side of one call */

/*
 * Somebody calls.  Never fails: whose number cannot be read is taken for
 * somebody whose number is withheld.
 *
 * from  as the gateway gives it, empty if it is withheld
 */
struct call *voice_begin(struct hotline *h, struct sv from);

/* rc is 0, or why the store has not taken it: said is then an apology, and the
 * call ends. */
typedef void voice_done_fn(void *arg, int rc, const struct voice_said *said);

/* Tell an event, enum voice_event or a key.  done runs once, perhaps before
 * this returns, unless voice_end() comes first. */
void voice_tell(struct call *c, char event, voice_done_fn *done, void *arg);

/*
 * The caller has left a recording: it is sealed and kept if it can be, and
 * wiped in the spool in any case; then VOICE_RECORDED or VOICE_EMPTY is told,
 * with done as in voice_tell().
 */
void voice_recorded(
    struct call *c, const char *path, voice_done_fn *done, void *arg);

/* The counsellor of VOICE_TRANSFER, for Dial; "" if nobody is there now. */
void voice_counsellor(const struct call *c, char ret_target[VOICE_TARGET_MAX]);

/*
 * The file of a line of struct voice_said, without ".wav".  Returns 0,
 * -EINVAL: the line is a pause or none.
 */
MUST_USE int voice_prompt(
    const struct call *c, struct sv line, char ret_path[VOICE_PATH_MAX]);

/* A file for a recording, without ".wav": a fresh name in the spool. */
void voice_spool(const struct call *c, char ret_path[VOICE_PATH_MAX]);

/* Whether the edition has its prompts: callers are not answered without. */
bool voice_is_spoken(const struct hotline *h);

/*
 * Forget all about it.
 *
 * at_once  the caller hung up before the answer, or within a second of it:
 *          or nobody could speak to them: a text is sent, if the settings
 *          and the caller have it so
 */
void voice_end(struct call **cp, bool at_once);

/* A prompt is not there, or cannot be played: counted, logged once a minute. */
void voice_prompt_missing(struct hotline *h, struct sv line);

#endif
