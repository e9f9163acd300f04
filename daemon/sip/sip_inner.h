/* sip_inner.h - what the trunk and its legs know of each other. */
#ifndef DAEMON_SIP_SIP_INNER_H
#define DAEMON_SIP_SIP_INNER_H

#include "daemon/sip/re.h"

#include "daemon/core/limit.h"
#include "daemon/sip/sip.h"

struct trunk {
	struct trunk_conf conf;
	const struct leg_ops *ops;
	void *gateway;
	struct sip *sip;
	struct dnsc *dns;
	struct sip_lsnr *first, *last;
	struct sipsess_sock *sessions;
	struct sipevent_sock *events;
	struct sipreg *registration;
	struct addr local; /* what we call ourselves */
	char contact[96];  /* a URI of it */
	struct limit new_calls;
	int64_t legs;
	bool stopping, registered;
	uint64_t strangers, refused, throttled;
};

extern const char sip_allow[]; /* a header line */

/* sip_auth_h for the trunk's own requests; arg is the trunk. */
int trunk_auth(char **user, char **password, const char *realm, void *arg);

/* The chain of what comes, in this order; arg is the trunk. */
bool trunk_on_request(const struct sip_msg *msg, void *arg);
void trunk_on_invite(const struct sip_msg *msg, void *arg);
bool trunk_on_other(const struct sip_msg *msg, void *arg);

/* A new INVITE that passed the limits: reply to it. */
void leg_invited(struct trunk *t, const struct sip_msg *msg);

#endif
