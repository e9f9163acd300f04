/*
 * sip.h - the trunk: calls come in, are answered, put through and ended.
 *
 * Everything of libre's sessions is behind this header and sdp.h.
 *
 * What a caller of this MUST do: end every leg by leg_close(), also one that
 * was told as closed.  MUST NOT: close a leg inside of a call of it.
 */
#ifndef DAEMON_SIP_SIP_H
#define DAEMON_SIP_SIP_H

#include "daemon/base/diag.h"
#include "daemon/sip/exec.h"
#include "daemon/sip/guard.h"
#include "daemon/sip/media.h"

struct trunk;
struct leg;

/* Views are valid as long as the trunk is open. */
struct trunk_conf {
	struct addr listen; /* one address, never all */
	bool tcp;
	struct addr external; /* what we are called behind NAT; len 0: listen */
	struct guard guard;
	int64_t calls, calls_per_s;
	/* registration; user "" for none */
	const char *user, *password, *domain;
	struct addr registrar;
	int64_t register_s;
};

/* Who calls whom; valid during invite() only. */
struct leg_call {
	struct sv caller; /* digits, perhaps after '+'; empty: withheld */
	struct sv called;
};

struct leg_ops {
	/*
	 * A call that the trunk would take.  Returns 0 with the port of
	 * speech and what the others get as arg; or -Exxx: busy.
	 */
	int (*invite)(void *gateway, struct leg *leg,
	    const struct leg_call *call, void **ret_arg, uint16_t *ret_port);
	/* The caller hears that it rings. */
	void (*ringing)(void *arg);
	/* Where to speak, and what; also later, when it changes. */
	void (*agreed)(void *arg, const struct media_format *format);
	/* The caller has heard that we answered. */
	void (*established)(void *arg);
	void (*key)(void *arg, char key);
	/* leg_refer() has come to an end. */
	void (*referred)(void *arg, enum dial_end end);
	/* The other side has ended it, or it failed. */
	void (*closed)(void *arg);
};

/*
 * Listen.  libre_init() was called; the loop runs later.
 *
 * Returns 0, -Exxx with a sentence.
 */
MUST_USE int trunk_open(const struct trunk_conf *conf,
    const struct leg_ops *ops, void *gateway, struct trunk **ret_trunk,
    struct diag *reterr_diag);

/* No new calls; unregister.  The legs are ended by who has them. */
void trunk_stop(struct trunk *t);
void trunk_close(struct trunk **tp);

/* Speech before the call is answered: 183. */
void leg_progress(struct leg *leg);
void leg_answer(struct leg *leg);

/* Refuse one that is not answered, with a final status of SIP. */
void leg_refuse(struct leg *leg, unsigned status);

/*
 * Put through: the trunk is asked to call uri in our place (RFC 3515).
 *
 * uri  from the settings, never from a caller
 *
 * Returns 0, -Exxx.
 */
MUST_USE int leg_refer(struct leg *leg, const char *uri);
void leg_refer_end(struct leg *leg);

/* End it, however far it is.  Nothing is told of it any more. */
void leg_close(struct leg **lp);

#endif
