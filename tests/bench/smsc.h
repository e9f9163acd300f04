/*
 * smsc.h - an SMSC that does nothing but load its one client.
 *
 * It says texts of ever new people, so many at once, or at a pace, and takes
 * what is answered.  Of SMPP 3.4 it knows what that needs; its PDUs are laid
 * out here and not by daemon/proto, so that the two check each other.
 */
#ifndef TESTS_BENCH_SMSC_H
#define TESTS_BENCH_SMSC_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "daemon/proto/sms.h"
#include "tests/bench/bench.h"

enum {
	SMSC_PEOPLE = 1 << 20,
	SMSC_BUFFER = 1 << 20,
	SMSC_LINE = 10, /* texts */
	SMSC_WAIT_MS = 20000,
	SMPP_HEAD = 16,
};

struct smsc {
	int listen_fd, fd;
	unsigned port;
	uint32_t next;	 /* the person who writes next */
	uint32_t sent;	 /* texts */
	uint32_t acked;	 /* of them */
	uint32_t people; /* who were answered */
	uint32_t parts;	 /* of answers */
	uint64_t bytes;	 /* in their short_message */
	size_t in_n, out_n;
	double *sent_s; /* when: by person; NULL: not wanted */
	double *took_s; /* to the acknowledge, in their order */
	bool answered[SMSC_PEOPLE];
	uint8_t in[SMSC_BUFFER], out[SMSC_BUFFER];
};

static inline struct smsc *
smsc_new(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct smsc *s = calloc(1, sizeof(*s));
	socklen_t len = sizeof(sin);
	struct sockaddr *sa = (struct sockaddr *)&sin;

	ASSERT(s != NULL);
	s->fd = -1;
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT(s->listen_fd >= 0 && bind(s->listen_fd, sa, len) == 0 &&
	       listen(s->listen_fd, 4) == 0 &&
	       getsockname(s->listen_fd, sa, &len) == 0);
	s->port = ntohs(sin.sin_port);
	return s;
}

static inline void
smsc_free(struct smsc *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	(void)close(s->listen_fd);
	free(s);
}

static inline void
put32(uint8_t *at, uint32_t v)
{
	v = htonl(v);
	memcpy(at, &v, sizeof(v));
}

static inline uint32_t
get32(const uint8_t *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return ntohl(v);
}

static inline void
smsc_write(struct smsc *s)
{
	size_t at = 0;
	ssize_t n;

	while (at < s->out_n) {
		n = send(s->fd, s->out + at, s->out_n - at, MSG_NOSIGNAL);
		ASSERT(n > 0);
		at += (size_t)n;
	}
	s->out_n = 0;
}

static inline void
smsc_put(
    struct smsc *s, uint32_t command, uint32_t seq, const void *body, size_t n)
{
	uint8_t *at = s->out + s->out_n;

	if (SMPP_HEAD + n > sizeof(s->out) - s->out_n) {
		smsc_write(s);
		at = s->out;
	}
	put32(at, (uint32_t)(SMPP_HEAD + n));
	put32(at + 4, command);
	put32(at + 8, 0);
	put32(at + 12, seq);
	memcpy(at + SMPP_HEAD, body, n);
	s->out_n += SMPP_HEAD + n;
}

/* What people write, as often as they do not. */
static inline struct sv
smsc_text(uint32_t person)
{
	static const char *const texts[SMSC_LINE] = { "меню", "2",
		"адвокат Москва", "oyligimni bermayapti", "маошамро намедиҳанд",
		"more", "иш керек Бишкек", "врач", "hello there",
		"юрист керек" };

	return sv_of(texts[person % SMSC_LINE]);
}

static inline bool
is_ascii(struct sv text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	return true;
}

/* The next person writes: deliver_sm, section 4.6.1. */
static inline void
smsc_say(struct smsc *s)
{
	struct sv text = smsc_text(s->next);
	uint8_t body[400] = { 0, 1, 1 };
	size_t at = 3;
	struct sb b;
	char wide[256];

	ASSERT(s->next < SMSC_PEOPLE);
	at += 1 + (size_t)snprintf((char *)body + at, 16, "99655%07u", s->next);
	memcpy(body + at,
	    "\0\1"
	    "1414",
	    7);
	at += 7 + 3 + 2 + 2; /* no class, schedule, validity, receipt */
	body[at++] = is_ascii(text) ? 0 : 8;
	at++;
	if (!is_ascii(text)) {
		sb_wrap(&b, wide, sizeof(wide));
		utf16be_write(text, &b);
		text = sb_sv(&b);
	}
	body[at++] = (uint8_t)text.n;
	memcpy(body + at, text.p, text.n);
	if (s->sent_s != NULL)
		s->sent_s[s->next] = wall_s();
	smsc_put(s, 5, ++s->next, body, at + text.n);
	s->sent++;
}

static inline const uint8_t *
skip_string(const uint8_t *at)
{
	return at + strlen((const char *)at) + 1;
}

/* Part of an answer: submit_sm, section 4.4.1. */
static inline void
on_submit(struct smsc *s, const uint8_t *pdu)
{
	const uint8_t *at = skip_string(pdu + SMPP_HEAD);
	char id[16];
	unsigned long person;
	size_t n;

	at = skip_string(at + 2) + 2;
	n = strlen((const char *)at);
	person = strtoul((const char *)at + (n > 7 ? n - 7 : 0), NULL, 10);
	ASSERT(person < SMSC_PEOPLE);
	s->people += !s->answered[person];
	s->answered[person] = true;
	s->parts++;
	s->bytes += get32(pdu) - (size_t)(skip_string(at) - pdu) - 10;
	n = (size_t)snprintf(id, sizeof(id), "%u", s->parts) + 1;
	smsc_put(s, 0x80000004, get32(pdu + 12), id, n);
}

static inline void
on_pdu(struct smsc *s, const uint8_t *pdu)
{
	uint32_t command = get32(pdu + 4), seq = get32(pdu + 12);

	switch (command) {
	case 0x80000005: /* acknowledged */
		ASSERT(get32(pdu + 8) == 0);
		if (s->took_s != NULL)
			s->took_s[s->acked] = wall_s() - s->sent_s[seq - 1];
		s->acked++;
		return;
	case 4:
		on_submit(s, pdu);
		return;
	case 1: /* binds */
	case 2:
	case 9:
		smsc_put(s, command | 0x80000000, seq, "bench", 6);
		return;
	case 6: /* unbind, enquire_link */
	case 0x15:
		smsc_put(s, command | 0x80000000, seq, "", 0);
		return;
	default:
		return;
	}
}

/* Take what has come within so many ms.  False if nothing came. */
static inline bool
smsc_read(struct smsc *s, int wait_ms)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	size_t at = 0, len;
	ssize_t n;

	if (poll(&p, 1, wait_ms) != 1)
		return false;
	n = recv(s->fd, s->in + s->in_n, sizeof(s->in) - s->in_n, 0);
	ASSERT(n > 0); /* the client has gone */
	s->in_n += (size_t)n;
	for (; s->in_n - at >= SMPP_HEAD; at += len) {
		len = get32(s->in + at);
		ASSERT(len >= SMPP_HEAD && len < sizeof(s->in) / 2);
		if (s->in_n - at < len)
			break;
		on_pdu(s, s->in + at);
	}
	memmove(s->in, s->in + at, s->in_n - at);
	s->in_n -= at;
	if (s->out_n > 0)
		smsc_write(s);
	return true;
}

/* Wait for a client that binds. */
static inline void
smsc_accept(struct smsc *s)
{
	struct pollfd p = { .fd = s->listen_fd, .events = POLLIN };
	int one = 1;

	ASSERT(poll(&p, 1, SMSC_WAIT_MS) == 1);
	s->fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	ASSERT(s->fd >= 0);
	(void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	ASSERT(smsc_read(s, SMSC_WAIT_MS));
}

/* Wait until everybody is acknowledged and has an answer, all its parts. */
static inline void
smsc_settle(struct smsc *s)
{
	while (s->acked < s->sent || s->people < s->sent)
		ASSERT(smsc_read(s, SMSC_WAIT_MS));
	while (smsc_read(s, 100))
		continue;
}

/* So many texts, at most window of them not acknowledged. */
static inline void
smsc_flood(struct smsc *s, uint32_t texts, uint32_t window)
{
	uint32_t end = s->sent + texts;

	while (s->sent < end) {
		while (s->sent < end && s->sent - s->acked < window)
			smsc_say(s);
		smsc_write(s);
		ASSERT(smsc_read(s, SMSC_WAIT_MS));
	}
	smsc_settle(s);
}

/* So many texts, one each ms, whatever is acknowledged. */
static inline void
smsc_pace(struct smsc *s, uint32_t texts)
{
	uint32_t end = s->sent + texts;
	double next_s = wall_s();

	while (s->sent < end) {
		if (wall_s() >= next_s) {
			smsc_say(s);
			smsc_write(s);
			next_s += 0.001;
		}
		(void)smsc_read(s, 1);
	}
	smsc_settle(s);
}

#endif
