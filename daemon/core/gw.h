/*
 * gw.h - the contract between the core and an SMS gateway driver.
 *
 * A driver MUST
 *  - return from every call without waiting on the network;
 *  - call gw_inbound() once for each text the gateway hands over and
 *    acknowledge to the gateway only from the done callback, which may run
 *    before gw_inbound() returns;
 *  - keep what done's arg points to until done has run, also when the link
 *    has died meanwhile;
 *  - call gw_sent() exactly once for each send() that returned 0, with
 *    GW_SENT, GW_RETRY or GW_REFUSED, also when the link dies or stop() runs;
 *  - call gw_named() before it for every part the gateway gave an id to, if
 *    reports come back under that id;
 *  - call gw_up() when the link can take texts and gw_down() when it cannot;
 *  - call gw_cut() when a link is lost, if its texts have neither id nor time.
 * A driver MUST NOT
 *  - keep pointers into a struct gw_out after send() returns: copy;
 *  - reconnect faster than backoff_ms() says;
 *  - log a number or a text.
 */
#ifndef DAEMON_CORE_GW_H
#define DAEMON_CORE_GW_H

#include "daemon/base/sv.h"
#include "daemon/core/conf.h"

struct event_base;
struct gw; /* the core's side of one configured gateway */

enum gw_result {
	GW_SENT,    /* the gateway has it and answers for it */
	GW_RETRY,   /* not now: the core sends it again later */
	GW_REFUSED, /* never: the core gives it up */
};

enum {
	GW_TEXT_MAX = 8192,
	GW_ID_MAX = 128,
	GW_LINE_MAX = 20,
	GW_PART_MAX = 255,
	GW_TAG_LEN = 14,
}; /* bytes */

/* How the bytes of a part are written. */
enum gw_coding {
	GW_CODING_GSM7,	  /* septets, one in each byte */
	GW_CODING_LATIN1, /* ISO 8859-1, one character in each byte */
	GW_CODING_UCS2,	  /* UTF-16, big endian */
};

/*
 * Where a piece of a longer text belongs: 3GPP TS 23.040 section 9.2.3.24.1
 * and 9.2.3.24.8.  The core joins the bytes before it decodes them: a
 * surrogate or an escaped pair may be cut in two.
 */
struct gw_part {
	uint8_t total;	/* 0: this is a whole text, and no part */
	uint8_t number; /* 1 .. total */
	uint16_t ref;	/* the same for all parts of a text, often reused */
	enum gw_coding coding;
	struct sv bytes; /* at most GW_PART_MAX */
};

/* A text that came in (MO), or a part of one. */
struct gw_in {
	struct sv id;	/* the gateway's own id, the same for a repeat; empty
			   if it has none */
	struct sv from; /* as the gateway gives it */
	struct sv to;	/* our number, "" if not told, at most GW_LINE_MAX */
	struct sv text; /* valid UTF-8, at most GW_TEXT_MAX bytes; empty if it
			   is a part */
	int64_t at_ms;	/* the gateway's time for it, 0 if not told */
	struct gw_part part;
};

/* An answer on its way out (MT). */
struct gw_out {
	int64_t id;	/* outbox row */
	struct sv to;	/* E.164 with '+' */
	struct sv from; /* our number */
	struct sv text; /* UTF-8 */
	bool gsm7;	/* fits the GSM-7 alphabet; else UCS-2 */
	unsigned parts;
	bool report; /* ask for a delivery report */
};

struct gw_ops {
	const char *name; /* "kannel", "loop" */
	/* Returns 0 with the driver's own object, or -Exxx. */
	int (*start)(struct gw *gw, struct event_base *base,
	    const struct conf_gateway *conf, void **ret_self);
	/* Returns 0 if taken, -EAGAIN if the link is down or its window full:
	 * the core comes back after gw_up() or the next gw_sent(). */
	int (*send)(void *self, const struct gw_out *out);
	/* Its time is over, or the person has erased it: submit no more of it.
	 * It ends by gw_sent() as ever, which may run before this returns.
	 * NULL: nothing of an answer waits here.  Any id. */
	void (*recall)(void *self, int64_t id);
	/* Give back what is under way, close, free. */
	void (*stop)(void *self);
};

/*
 * What became of a text or a report:
 *   0         on disk: acknowledge it
 *   -EBADMSG  it can never be handled: acknowledge it as failed
 *   other     the store cannot take it now: ask for it again, later
 */
typedef void gw_done_fn(void *arg, int rc);

void gw_inbound(
    struct gw *gw, const struct gw_in *in, gw_done_fn *done, void *arg);
void gw_sent(struct gw *gw, int64_t id, enum gw_result result);

/* A delivery report for an answer; id as given by the gateway, any value. */
void gw_report(
    struct gw *gw, int64_t id, bool delivered, gw_done_fn *done, void *arg);

/*
 * The id the gateway gave to a part of an answer that is under way, for
 * gateways that report under ids of their own.  Kept as a keyed hash.
 */
void gw_named(struct gw *gw, int64_t id, struct sv peer_id);

/* A report under such an id, any value: one that came before its gw_named()
 * is kept a moment.  delivered: the answer is, once all its parts are; one
 * part that failed makes all of it fail. */
void gw_report_named(struct gw *gw, struct sv peer_id, bool delivered,
    gw_done_fn *done, void *arg);

void gw_up(struct gw *gw);
void gw_down(struct gw *gw);

/*
 * A link that texts came in by is lost: what the gateway was told last may not
 * have arrived.  Texts as of then are known when they come again.
 *
 * heard_ms  when it was last heard
 */
void gw_cut(struct gw *gw, int64_t heard_ms);

/* Something from the peer that was refused: counted and logged once a minute.
 * what  a fixed word, "bad_frame", "bad_charset" ...: it is kept, not copied */
void gw_refused(struct gw *gw, const char *what);

/* Name in the settings. */
const char *gw_name(const struct gw *gw);

/* GW_TAG_LEN hex digits of this data folder, for ids that a gateway gives back:
 * it may also know the ids of another safard, or of an older folder. */
const char *gw_tag(const struct gw *gw);

/* Pause before try number n (0, 1, ...): doubles from first_ms to most_ms,
 * then a random 50 to 100 % of it, so that many peers do not come at once. */
int64_t backoff_ms(unsigned n, int64_t first_ms, int64_t most_ms);

#endif
