/*
 * gateway.h - safar-voice: what all its calls share, and the calls.
 */
#ifndef DAEMON_SIP_GATEWAY_H
#define DAEMON_SIP_GATEWAY_H

#include "daemon/base/diag.h"

struct conf;
struct gateway;

/*
 * Open everything: sockets, spool, trunk.
 *
 * dir   the data folder
 * conf  outlives it
 *
 * Returns 0, -Exxx with a sentence that names the setting.
 */
MUST_USE int gateway_open(const char *dir, const struct conf *conf,
    struct gateway **ret_gateway, struct diag *reterr_diag);

/*
 * Give up all that serving does not need: see daemon/core/sandbox.h.
 *
 * Returns 0, -Exxx with a sentence.
 */
MUST_USE int gateway_confine(struct gateway *g, struct diag *reterr_diag);

/* Serve until gateway_stop(). */
void gateway_run(struct gateway *g);

/* From a signal handler of the loop: end all calls, then the loop; the second
 * time at once. */
void gateway_stop(struct gateway *g);

void gateway_close(struct gateway **gp);

#endif
