/* parse.h - what every parser of bytes from outside may say. */
#ifndef DAEMON_PROTO_PARSE_H
#define DAEMON_PROTO_PARSE_H

enum parse_rc {
	PARSE_OK,      /* a whole unit was read */
	PARSE_MORE,    /* not yet: call again with more bytes */
	PARSE_BAD,     /* not this protocol: close */
	PARSE_TOO_BIG, /* over a limit: close */
};

#endif
