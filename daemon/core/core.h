/*
 * core.h - what the files of core share; nobody outside includes it.
 */
#ifndef DAEMON_CORE_CORE_H
#define DAEMON_CORE_CORE_H

#include <sys/queue.h>

#include "daemon/base/daymap.h"
#include "daemon/base/keymap.h"
#include "daemon/core/ack.h"
#include "daemon/core/callback.h"
#include "daemon/core/hotline.h"
#include "daemon/core/known.h"
#include "daemon/core/limit.h"
#include "daemon/core/sandbox.h"
#include "daemon/core/vault.h"
#include "daemon/phone/phone.h"
#include "db/db.h"
#include "db/directory.h"
#include "menus/step.h"

struct event;
struct call;
struct calls;
struct decoys;
struct names;
struct outbox;
struct parts;
struct people;

enum {
	HOTLINE_GATEWAYS_MAX = CONF_GATEWAYS_MAX + 1, /* and the phone */
	REFUSALS_MAX = 48, /* reasons of one gateway; there are fewer */
	HOTLINE_REPEAT_MS = 24 * 3600 * 1000, /* a gateway may repeat a text */
	PARTS_KEEP_MS = 3600 * 1000,	/* what is known of a text's pieces */
	DECOY_IDLE_MS = 10 * 60 * 1000, /* then a person's word is needed */
};

/* Everything that is dropped, refused or tried again is counted. */
struct counters {
	int64_t taken;	       /* texts that became a turn */
	int64_t repeated;      /* a gateway's repeat of one of them */
	int64_t not_a_person;  /* short codes, names, our own line */
	int64_t bad_sender;    /* nobody's number */
	int64_t limited;       /* over one sender's limit */
	int64_t echoed;	       /* automatic repliers */
	int64_t put_off;       /* the gateway was asked to try again */
	int64_t refused;       /* by drivers: see gw_refused() */
	int64_t parts;	       /* pieces of longer texts */
	int64_t joined;	       /* longer texts that were whole */
	int64_t incomplete;    /* answered from what came of them */
	int64_t late_parts;    /* came after that */
	int64_t bad_parts;     /* no such piece, or no text in all of them */
	int64_t crowded;       /* too many texts were open: not waited for */
	int64_t early_reports; /* for nothing, or not yet */
	int64_t unnamed;       /* too many wait for reports: one less */
	int64_t moved;	       /* to a gateway that is up */
	int64_t maybe_twice;   /* under way, at most, when we were killed */
	int64_t sent, retried, failed, expired, delivered;
	int64_t calls, keys;   /* answered, pressed */
	int64_t missed_calls;  /* that got the menu by SMS */
	int64_t messages;      /* left by callers */
	int64_t lost_messages; /* empty, or could not be kept */
	int64_t put_through;   /* to counsellors, who may not have answered */
	int64_t no_prompt;     /* files that are not there */
};

struct refusal {
	const char *what; /* NULL: free */
	int64_t count;
};

struct gw {
	struct hotline *h;
	size_t index; /* in h->gateways */
	struct conf_gateway conf;
	const struct gw_ops *ops;
	void *self;		       /* NULL: it did not start */
	char line[PHONE_E164_MAX + 1]; /* ours as E.164, "" for a short code */
	bool up;
	int64_t down_ms;       /* since when it is not */
	struct limit pace;     /* parts in a second */
	struct event *pace_ev; /* NULL: as many as it takes */
	struct {
		int64_t at_ms, tries, next_ms;
	} back;		   /* the last answer that the driver gave back */
	bool flushing;	   /* outbox_flush() is on the stack */
	int64_t under_way; /* handed to the driver, not yet gw_sent() */
	int64_t unmarked;  /* ended, and the disk does not know yet */
	int64_t cut_ms;	   /* see gw_cut() */
	int64_t in, out;   /* texts since the start */
	int64_t refused_logged_ms;
	struct limit own; /* texts that it may always hand over */
	struct refusal refusals[REFUSALS_MAX];
};

/* What matters only while limit.per_sender_s has not passed since a text. */
struct lately {
	struct limit limit;
	uint32_t text_hash; /* of the last text, to know an automatic replier */
	uint32_t reply_hash; /* of our last answer, to know an echo */
	uint16_t same;	     /* equal texts in a row, one soon after another */
	bool warned;	     /* has had limit.slow */
	bool forgotten;	     /* and nothing was written since */
};

/* One person as a turn sees them; see people.h for what is kept. */
struct person {
	uint8_t key[VAULT_TAG_LEN];
	int64_t at_ms; /* of the last text */
	struct menu_session menu;
	struct lately lately;
};

/* What a failed commit takes back. */
struct undo {
	struct person before;
	bool turn; /* else only its ref was renewed */
	bool existed;
	bool taken; /* counted */
	uint8_t ref[VAULT_TAG_LEN];
	int64_t ref_ms; /* when it was put before, 0: never */
	SLIST_ENTRY(undo) link;
};

SLIST_HEAD(undo_list, undo);

struct hotline {
	struct event_base *base;
	char *dir;
	char tag[GW_TAG_LEN + 1]; /* of the data folder */
	struct conf conf;
	struct db *db;
	struct directory *directory;
	struct vault *vault;
	struct phones *phones;
	struct edition *edition;
	struct editions *editions; /* loads the next one */
	struct known *known;	   /* texts */
	struct ack *ack;
	struct arena *arena; /* of the current turn */
	struct people *people;
	struct daymap *refs; /* gateway ids of the last day */
	struct outbox *outbox;
	struct parts *parts; /* of texts that are not all there */
	struct names *names; /* gateways' ids for answers */
	struct decoys *decoys;
	struct calls *calls;
	struct callbacks *callbacks;
	struct gw *gateways[HOTLINE_GATEWAYS_MAX];
	size_t gateway_count;
	struct sandbox sandbox;
	struct undo_list undo;
	struct limit all;
	struct limit unmatched; /* texts kept for the reviewers */
	struct counters n;
	struct event *tick_ev, *flush_ev, *checkpoint_ev, *forget_ev, *stop_ev,
	    *edition_ev;
	unsigned stop_left; /* looks before the end comes anyway */
	bool opened;	    /* all of it */
	bool stopped_well;  /* the last time */
	bool stopping;	    /* answers are handed over no more */
	int64_t sweep_rows; /* of its next round */
	int64_t lines_lost; /* of db_lines_lost(), those that were told */
	int64_t epoch_kept; /* keys of older ones are destroyed */
	int64_t started_ms, last_tick_ms, last_turn_ms, last_sweep_ms,
	    last_store_log_ms;
	int64_t swept_ms; /* people and refs are, up to then */
	int64_t directory_version;
	bool swept;	     /* in the last tick */
	bool uncheckpointed; /* something was written since */
	int store_rc;	     /* last failure of the store, 0 when it works */
	int checkpoint_rc;   /* of the last checkpoint */
	struct diag edition_trouble; /* why a newer edition was not taken */
};

/* turn.c */

/* Who sent it.  Returns 0, -ECANCELED if nobody is to be answered: counted. */
MUST_USE int turn_sender(struct hotline *h, const struct gw *gw, struct sv from,
    struct phone *ret_phone);

/* False if there is too much at once; takes from the limit of all, of which
 * no gateway can take everything. */
bool turn_has_room(struct hotline *h, struct gw *gw);

/*
 * Take one text, also one joined from parts: commit is left to the round.
 *
 * Returns 0 if rows were written, -EEXIST for a repeat, -ECANCELED if nobody
 * is to be answered, -EBADMSG if it can never be handled, -EAGAIN if there is
 * too much at once, else the store's error.
 */
MUST_USE int turn_take(
    struct hotline *h, struct gw *gw, const struct gw_in *in);

/*
 * Take a key, or what else happened in a call; gw stands for all calls.
 *
 * Returns as turn_take() does; -EPERM: that is not done for this caller.
 */
MUST_USE int turn_key(struct hotline *h, struct gw *gw, struct call *call);

/* Make final (rc 0) or take back what the round's turns changed in memory. */
void turns_settle(struct hotline *h, int rc);

/* Forget people who are idle, and repeats that come no more: in a minute all,
 * in a second some. */
void turns_sweep(struct hotline *h, int64_t now_ms);

/* The clock was set back: nothing in memory is from after now. */
void turns_clip(struct hotline *h, int64_t now_ms);

/* load.c: rebuild people and refs from the inbox. */
MUST_USE int turns_load(struct hotline *h);

/* parts.c */

struct parts *parts_new(struct hotline *h);
void parts_free(struct parts **pp);

/* Read what this gateway's texts were waiting for when we stopped. */
MUST_USE int parts_load(struct parts *p, struct gw *gw);

/* Take a part of a text: like turn_take(), which the last part leads to. */
MUST_USE int parts_take(struct parts *p, struct gw *gw, const struct gw_in *in);

/* The round's commit went well, or not. */
void parts_settle(struct parts *p, int rc);

/* Wipe what a person has open, in the open round, behind a turn that stands. */
void parts_forget(struct parts *p, const uint8_t person[VAULT_TAG_LEN]);

/* Answer texts that stay incomplete. */
void parts_tick(struct parts *p, int64_t now_ms);

/* Forget pieces that come no more; shares  of DAYMAP_PARTS. */
void parts_sweep(struct parts *p, int64_t now_ms, unsigned shares);
void parts_clip(struct parts *p, int64_t now_ms);

/* Texts that are not all there. */
size_t parts_open(const struct parts *p);

/* Memory that it takes to know what has come. */
size_t parts_bytes(const struct parts *p);

/* unmatched.c */

/* A text that found no answer: of nobody. */
struct unmatched {
	struct sv text, country, lang;
	int64_t now_ms;
};

/* Keep it for the reviewers, if there are some, in the open round. */
MUST_USE int unmatched_keep(struct hotline *h, const struct unmatched *u);

/* outbox.c */

struct outbox *outbox_new(struct hotline *h);
void outbox_free(struct outbox **op);

/* Read what this gateway still had to send when we stopped. */
MUST_USE int outbox_load(struct outbox *o, struct gw *gw);

/* Put an answer in the open round; it is sent after the commit. */
MUST_USE int outbox_put(struct outbox *o, struct gw *gw,
    const struct gw_out *out, const uint8_t person[VAULT_TAG_LEN]);

/* The same of a text that nobody waits for: it goes behind all answers, and
 * not after expires_ms. */
MUST_USE int outbox_push(struct outbox *o, struct gw *gw,
    const struct gw_out *out, const uint8_t person[VAULT_TAG_LEN],
    int64_t expires_ms);

/* Such a text to a person is not to be sent any more, if that can still be. */
void outbox_cancel(struct outbox *o, const uint8_t person[VAULT_TAG_LEN]);

/* Forget the last outbox_put(): its turn was undone. */
void outbox_take_back(struct outbox *o, const struct gw *gw);

/* The round's commit went well, or not. */
void outbox_settle(struct outbox *o, int rc);

/* Once the round is on disk: drop what is not yet sent to a person, whose rows
 * db_person_forget() has taken in a turn that stands. */
void outbox_forget(struct outbox *o, const uint8_t person[VAULT_TAG_LEN]);

/* Send what can be sent to this gateway. */
void outbox_flush(struct outbox *o, struct gw *gw);

/* Retries and expiry that are due. */
void outbox_tick(struct outbox *o, int64_t now_ms);

/* failover.c: give what waits for a gateway that is down to one that is up.
 * No round is open. */
void outbox_failover(struct outbox *o, int64_t now_ms);

/* The clock was set back: nothing waits for longer than it was to. */
void outbox_clip(struct outbox *o, int64_t now_ms);

/* The SMS parts of an answer under way, 0 if there is no such answer. */
int64_t outbox_parts(struct outbox *o, int64_t id);

/*
 * Write in the open round that an answer was delivered, or was not.
 *
 * Returns also -ENOENT: too old, not ours, or told already.
 */
MUST_USE int outbox_report(struct outbox *o, int64_t id, bool delivered);

/* True if no more answers may wait: texts are put off. */
bool outbox_is_full(const struct outbox *o);

int64_t outbox_waiting(const struct outbox *o);
int64_t outbox_oldest_ms(struct outbox *o); /* 0: none */

/* decoy.c */

struct decoys *decoys_new(struct hotline *h);
void decoys_free(struct decoys **dp);
MUST_USE int decoys_load(struct decoys *d);

enum decoy_gate {
	DECOY_NONE,  /* no word was set */
	DECOY_OPEN,  /* they wrote it now, or a moment ago */
	DECOY_WORD,  /* the same, and it was last used on another day */
	DECOY_CLOSED /* they get the decoy */
};

/* Look at a person's text.  The word, if it is there, is cut off. */
enum decoy_gate decoys_gate(
    struct decoys *d, struct sv e164, struct sv *text, int64_t now_ms);

/* Write in the open turn: the word that is set; that it was used; nothing of
 * it any more. */
MUST_USE int decoys_set(
    struct decoys *d, struct sv e164, struct sv word, int64_t now_ms);
MUST_USE int decoys_renew(struct decoys *d, struct sv e164, int64_t now_ms);
MUST_USE int decoys_forget(struct decoys *d, struct sv e164);

/* The turn was undone. */
void decoys_undo(struct decoys *d);

/* The round's commit went well, or not. */
void decoys_settle(struct decoys *d, int rc);

void decoys_sweep(struct decoys *d, int64_t now_ms);
void decoys_clip(struct decoys *d, int64_t now_ms);

/* names.c */

struct names *names_new(struct hotline *h);
void names_free(struct names **np);

/* Read what reports may still come under. */
MUST_USE int names_load(struct names *n);

/* The gateway has all of an answer.  True if every part is delivered. */
bool names_complete(struct names *n, int64_t id);

/* An answer is sent afresh, or never again: what it was called is void. */
void names_drop(struct names *n, int64_t id);

/* The round's commit went well, or not. */
void names_settle(struct names *n, int rc);

/* Write what the store would not have. */
void names_tick(struct names *n);

/* Memory that they take. */
size_t names_bytes(const struct names *n);

void names_sweep(struct names *n, int64_t now_ms);
void names_clip(struct names *n, int64_t now_ms);

/* hotline.c */

/* Note how the store answered; logs a change and at most once a minute. */
void hotline_store_said(struct hotline *h, int rc);

/* Somebody is to be taken out of the older rows: begin soon, slice by slice. */
void hotline_forget_soon(struct hotline *h);

#endif
