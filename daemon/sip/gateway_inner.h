/* gateway_inner.h - what the gateway and its calls know of each other. */
#ifndef DAEMON_SIP_GATEWAY_INNER_H
#define DAEMON_SIP_GATEWAY_INNER_H

#include <sys/queue.h>

#include "daemon/core/conf.h"
#include "daemon/core/limit.h"
#include "daemon/sip/agi.h"
#include "daemon/sip/exec.h"
#include "daemon/sip/gateway.h"
#include "daemon/sip/media.h"
#include "daemon/sip/sip.h"
#include "daemon/sip/ticker.h"

enum { FOLDER_MAX = 1024 };

struct call;
struct tmr;

LIST_HEAD(call_list, call);

struct gateway {
	const struct conf *conf;
	char prompts[FOLDER_MAX], spool_dir[FOLDER_MAX];
	struct agi_target target;
	struct rtp_pool pool;
	struct ticker *ticker;
	struct sounds *sounds;
	struct sound *beep, *tone; /* before a message; instead of an apology */
	struct spool *spool;
	struct trunk *trunk;
	struct limit transfers;
	struct call_list calls;
	int64_t count; /* since the start; names calls */
	bool stopping;
	char password[64];
	int notify_fd;	  /* to systemd; -1: nobody asked */
	struct tmr *beat; /* says that the loop goes round */
	struct tick end;  /* runs while it stops */
	int64_t end_ms;
};

/* For struct leg_ops. */
extern const struct leg_ops call_leg_ops;

/* The gateway ends: so do the calls, at their next tick. */
void calls_stop(struct gateway *g);

/* What is left of them is freed. */
void calls_drop(struct gateway *g);

#endif
