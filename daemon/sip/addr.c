/* addr.c - IP addresses: read, written, compared. */
#include "daemon/sip/addr.h"

#include <arpa/inet.h>

enum { PORT_MOST = 65535 };

static bool
ip_parse(struct sv text, struct addr *a)
{
	char host[ADDR_TEXT];

	if (text.n == 0 || text.n >= sizeof(host))
		return false;
	memcpy(host, text.p, text.n);
	host[text.n] = '\0';
	*a = (struct addr){ .len = sizeof(a->u.in) };
	a->u.in.sin_family = AF_INET;
	if (inet_pton(AF_INET, host, &a->u.in.sin_addr) == 1)
		return true;
	*a = (struct addr){ .len = sizeof(a->u.in6) };
	a->u.in6.sin6_family = AF_INET6;
	return inet_pton(AF_INET6, host, &a->u.in6.sin6_addr) == 1;
}

static bool
port_parse(struct sv text, uint16_t *port)
{
	uint32_t n = 0;
	size_t i;

	if (text.n == 0 || text.n > 5)
		return false;
	for (i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = n * 10 + (uint32_t)(text.p[i] - '0');
	}
	if (n == 0 || n > PORT_MOST)
		return false;
	*port = (uint16_t)n;
	return true;
}

int
addr_parse(struct sv text, uint16_t port, struct addr *ret_addr)
{
	struct sv rest = text, host = text;
	struct addr a;

	if (text.n > 0 && text.p[0] == '[') {
		rest.p++, rest.n--;
		host = sv_cut(&rest, ']');
		if (rest.n > 0 &&
		    (rest.p[0] != ':' ||
			!port_parse(
			    (struct sv){ rest.p + 1, rest.n - 1 }, &port)))
			return -EINVAL;
	} else if (!ip_parse(text, &a)) {
		host = sv_cut(&rest, ':');
		if (!port_parse(rest, &port))
			return -EINVAL;
	}
	if (!ip_parse(host, &a))
		return -EINVAL;
	addr_set_port(&a, port);
	*ret_addr = a;
	return 0;
}

void
addr_text(const struct addr *a, char ret_text[ADDR_TEXT])
{
	ret_text[0] = '\0';
	if (a->len == 0)
		return;
	if (a->u.any.sa_family == AF_INET)
		(void)inet_ntop(
		    AF_INET, &a->u.in.sin_addr, ret_text, ADDR_TEXT);
	else
		(void)inet_ntop(
		    AF_INET6, &a->u.in6.sin6_addr, ret_text, ADDR_TEXT);
}

size_t
addr_bytes(const struct addr *a, uint8_t ret_bytes[16])
{
	const uint8_t *six = a->u.in6.sin6_addr.s6_addr;

	if (a->len == 0)
		return 0;
	if (a->u.any.sa_family == AF_INET) {
		memcpy(ret_bytes, &a->u.in.sin_addr, 4);
		return 4;
	}
	if (IN6_IS_ADDR_V4MAPPED(&a->u.in6.sin6_addr)) {
		memcpy(ret_bytes, six + 12, 4);
		return 4;
	}
	memcpy(ret_bytes, six, 16);
	return 16;
}

bool
addr_is_any(const struct addr *a)
{
	static const uint8_t zeros[16];
	uint8_t bytes[16] = { 0 };
	size_t n = addr_bytes(a, bytes);

	return memcmp(bytes, zeros, n) == 0;
}

uint16_t
addr_port(const struct addr *a)
{
	if (a->len == 0)
		return 0;
	return ntohs(a->u.any.sa_family == AF_INET ? a->u.in.sin_port :
						     a->u.in6.sin6_port);
}

void
addr_set_port(struct addr *a, uint16_t port)
{
	if (a->u.any.sa_family == AF_INET)
		a->u.in.sin_port = htons(port);
	else
		a->u.in6.sin6_port = htons(port);
}

bool
addr_same_ip(const struct addr *a, const struct addr *b)
{
	uint8_t one[16], other[16];
	size_t n = addr_bytes(a, one);

	return n > 0 && n == addr_bytes(b, other) && memcmp(one, other, n) == 0;
}

bool
addr_same(const struct addr *a, const struct addr *b)
{
	return addr_same_ip(a, b) && addr_port(a) == addr_port(b);
}
