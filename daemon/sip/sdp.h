/* sdp.h - offers and answers: G.711 and telephone events; RFC 3264. */
#ifndef DAEMON_SIP_SDP_H
#define DAEMON_SIP_SDP_H

#include "daemon/sip/media.h"

struct mbuf;
struct sdp;

/* local: what is written as our address and port of speech. */
struct sdp *sdp_new(const struct addr *local);
void sdp_free(struct sdp **sp);

void sdp_set_port(struct sdp *s, uint16_t port);

/*
 * Read what the other side offers, or answers to our offer.
 *
 * Returns 0, -EINVAL (not SDP), -ENOTSUP (nothing in common: no codec, or IPv4
 * where we have IPv6).
 */
MUST_USE int sdp_read(struct sdp *s, struct mbuf *body, bool offer);

/* Write ours.  Returns NULL without memory; the caller owns it (mem_deref). */
struct mbuf *sdp_write(struct sdp *s, bool offer);

/* What was agreed on; peer is left as it is. */
void sdp_agreed(const struct sdp *s, struct media_format *ret_format);

#endif
