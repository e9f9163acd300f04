/* phone_link.h - a test phone's side of DIR/phone.sock: a JSON object a line,
 * as daemon/gw/drivers.h describes. */
#ifndef DAEMON_CTL_PHONE_LINK_H
#define DAEMON_CTL_PHONE_LINK_H

#include "daemon/base/sv.h"

enum {
	LINK_OUT_MAX = 16384,	 /* bytes of a line safard still reads */
	LINK_IN_MAX = 64 * 1024, /* of one it may write */
};

struct phone_link {
	int fd;
	size_t n;
	char in[LINK_IN_MAX];
};

/* One line of safard's.  Views until the callback returns. */
struct link_said {
	const char *ack; /* "ok", "again", "refused"; NULL: it is an answer */
	const char *from, *text, *encoding;
	long long parts;
};

/* Returns 0, -ENOENT if nobody listens, -ENAMETOOLONG, or what the socket
 * says. */
MUST_USE int link_open(struct phone_link *l, const char *dir);
void link_close(struct phone_link *l);

/*
 * Say whose phone this is, or with a text, which must be UTF-8, send it.
 *
 * id  never used before: safard answers an id only once
 *
 * Returns 0, -EMSGSIZE, -EPIPE.
 */
MUST_USE int link_say(struct phone_link *l, const char *from, const char *to,
    struct sv id, struct sv text);

/* Read what is there and call fn for each line.  Returns 0, -EPIPE at the end
 * of the link, -EBADMSG for what is no line of safard's. */
MUST_USE int link_read(struct phone_link *l,
    void (*fn)(void *arg, const struct link_said *said), void *arg);

#endif
