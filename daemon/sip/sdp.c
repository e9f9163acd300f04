/* sdp.c - libre's SDP, for one audio stream. */
#include "daemon/sip/sdp.h"

#include <stdlib.h>

#include "daemon/sip/re.h"

#include "daemon/sip/wav.h"

struct sdp {
	struct sdp_session *session;
	struct sdp_media *audio;
	int family; /* of our address */
};

static const char
    *const law_names[LAW_COUNT] = { [LAW_MU] = "PCMU", [LAW_A] = "PCMA" };

struct sdp *
sdp_new(const struct addr *local)
{
	struct sdp *s = calloc(1, sizeof(*s));
	struct sa at;
	int err;

	ASSERT(s != NULL);
	s->family = local->u.any.sa_family;
	err = sa_set_sa(&at, &local->u.any);
	err |= sdp_session_alloc(&s->session, &at);
	err |= sdp_media_add(&s->audio, s->session, sdp_media_audio,
	    addr_port(local), sdp_proto_rtpavp);
	/* A-law first: what trunks of the region speak */
	err |= sdp_format_add(NULL, s->audio, false, "8", law_names[LAW_A],
	    WAV_RATE, 1, NULL, NULL, NULL, false, NULL);
	err |= sdp_format_add(NULL, s->audio, false, "0", law_names[LAW_MU],
	    WAV_RATE, 1, NULL, NULL, NULL, false, NULL);
	err |= sdp_format_add(NULL, s->audio, false, "101", "telephone-event",
	    WAV_RATE, 1, NULL, NULL, NULL, false, "0-15");
	err |= sdp_media_set_lattr(s->audio, true, sdp_attr_ptime, "20");
	ASSERT(err == 0);
	return s;
}

void
sdp_free(struct sdp **sp)
{
	if (*sp == NULL)
		return;
	mem_deref((*sp)->session);
	free(*sp);
	*sp = NULL;
}

void
sdp_set_port(struct sdp *s, uint16_t port)
{
	sdp_media_set_lport(s->audio, port);
}

static const struct sdp_format *
format_of(const struct sdp *s, bool local, const char *name)
{
	return sdp_media_format(s->audio, local, NULL, -1, name, WAV_RATE, 1);
}

static bool
is_common(const struct sdp *s, enum law law)
{
	const struct sdp_format *remote = format_of(s, false, law_names[law]);

	return remote != NULL && remote->sup;
}

int
sdp_read(struct sdp *s, struct mbuf *body, bool offer)
{
	if (sdp_decode(s->session, body, offer) != 0)
		return -EINVAL;
	if (!is_common(s, LAW_A) && !is_common(s, LAW_MU))
		return -ENOTSUP;
	if (sa_af(sdp_media_raddr(s->audio)) != s->family)
		return -ENOTSUP;
	return 0;
}

struct mbuf *
sdp_write(struct sdp *s, bool offer)
{
	struct mbuf *mb = NULL;

	return sdp_encode(&mb, s->session, offer) == 0 ? mb : NULL;
}

void
sdp_agreed(const struct sdp *s, struct media_format *ret_format)
{
	const struct sa *to = sdp_media_raddr(s->audio);
	const struct sdp_format *first = sdp_media_rformat(s->audio, NULL),
				*event = format_of(s, false, "telephone-event");
	size_t i;

	for (i = 0; i < LAW_COUNT; i++)
		ret_format->types[i] =
		    is_common(s, (enum law)i) ?
			format_of(s, true, law_names[i])->pt :
			-1;
	/* the one the other side would rather have */
	ret_format->law = is_common(s, LAW_A) ? LAW_A : LAW_MU;
	/* a type that nobody has described has no name */
	if (first != NULL && first->name != NULL && is_common(s, LAW_MU) &&
	    strcmp(first->name, law_names[LAW_MU]) == 0)
		ret_format->law = LAW_MU;
	first = format_of(s, false, law_names[ret_format->law]);
	ret_format->type = (uint8_t)first->pt;
	ret_format->event = -1;
	if (event != NULL && event->sup)
		ret_format->event = format_of(s, true, "telephone-event")->pt;
	ret_format->to = (struct addr){ .len = to->len };
	memcpy(&ret_format->to.u, &to->u,
	    to->len < sizeof(ret_format->to.u) ? to->len :
						 sizeof(ret_format->to.u));
	ret_format->may_send = (sdp_media_dir(s->audio) & SDP_SENDONLY) != 0 &&
			       addr_port(&ret_format->to) != 0 &&
			       !addr_is_any(&ret_format->to);
}
