/* Who may talk to us: addresses, networks, the filter in the kernel. */
#include <unistd.h>

#include "daemon/sip/agi.h"
#include "daemon/sip/guard.h"
#include "tests/tap.h"

static const struct {
	const char *text, *host; /* NULL: refused */
	unsigned port;
} addresses[] = {
	{ "192.0.2.1", "192.0.2.1", 5060 },
	{ "192.0.2.1:5070", "192.0.2.1", 5070 },
	{ "2001:db8::1", "2001:db8::1", 5060 },
	{ "[2001:db8::1]", "2001:db8::1", 5060 },
	{ "[2001:db8::1]:5070", "2001:db8::1", 5070 },
	{ "", NULL, 0 },
	{ "sip.example.org", NULL, 0 },
	{ "192.0.2.1:", NULL, 0 },
	{ "192.0.2.1:0", NULL, 0 },
	{ "192.0.2.1:65536", NULL, 0 },
	{ "192.0.2.1:5060x", NULL, 0 },
	{ "192.0.2", NULL, 0 },
	{ "[192.0.2.1", "192.0.2.1", 5060 },
	{ "[2001:db8::1]5060", NULL, 0 },
};

static void
test_addresses(void)
{
	char text[ADDR_TEXT];
	struct addr a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(addresses); i++) {
		int rc = addr_parse(sv_of(addresses[i].text), 5060, &a);

		EQ(rc, addresses[i].host != NULL ? 0 : -EINVAL,
		    addresses[i].text);
		if (rc < 0)
			continue;
		addr_text(&a, text);
		OK(strcmp(text, addresses[i].host) == 0, "its address");
		EQ(addr_port(&a), addresses[i].port, "its port");
	}
}

static struct addr
at(const char *text)
{
	struct addr a = { .len = 0 };

	ASSERT(addr_parse(sv_of(text), 1, &a) == 0);
	return a;
}

static const struct {
	const char *name, *list, *from;
	bool allowed;
} rows[] = {
	{ "an address", "192.0.2.1", "192.0.2.1", true },
	{ "another", "192.0.2.1", "192.0.2.2", false },
	{ "a network", "192.0.2.0/24", "192.0.2.200", true },
	{ "beside it", "192.0.2.0/24", "192.0.3.1", false },
	{ "a network of odd length", "192.0.2.128/25", "192.0.2.127", false },
	{ "the second of the list", "10.0.0.1  192.0.2.1", "192.0.2.1", true },
	{ "IPv6", "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "beside it", "2001:db8::/33", "2001:db8:8000::1", false },
	{ "IPv4 as IPv6", "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "all of IPv4 is not IPv6", "0.0.0.0/0", "2001:db8::1", false },
};

static const struct {
	const char *list, *says;
} refused[] = {
	{ "", "empty" },
	{ "trunk.example.org", "'trunk.example.org' is no IP address" },
	{ "192.0.2.1/33", "'192.0.2.1/33'" },
	{ "192.0.2.1/", "'192.0.2.1/'" },
	{ "192.0.2.1:5060", "'192.0.2.1:5060'" },
	{ "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
	  "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 "
	  "1.1.1.1",
	    "more than 16" },
};

static void
test_lists(void)
{
	struct diag why;
	struct guard g;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = at(rows[i].from);

		EQ(guard_parse(sv_of(rows[i].list), &g, &why), 0, "a list");
		EQ(guard_allows(&g, &a), rows[i].allowed, rows[i].name);
	}
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		EQ(guard_parse(sv_of(refused[i].list), &g, &why), -EINVAL,
		    "a list that is refused");
		OK(strstr(why.text, refused[i].says) != NULL, why.text);
	}
}

static int
bound(const char *host, struct addr *ret)
{
	struct addr a = at(host);
	int fd = socket(a.u.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	addr_set_port(&a, 0);
	if (fd < 0 || bind(fd, &a.u.any, a.len) < 0) {
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	ASSERT(getsockname(fd, &a.u.any, &a.len) == 0);
	*ret = a;
	return fd;
}

/* A packet from one address to another, through the filter of a list. */
static bool
passes(const char *list, const char *to, const char *from)
{
	struct addr here, there;
	int fd = bound(to, &here), other = bound(from, &there);
	struct guard g;
	struct diag why;
	char byte = 0;
	bool came;

	ASSERT(fd >= 0 && other >= 0);
	EQ(guard_parse(sv_of(list), &g, &why), 0, "a list");
	EQ(guard_attach(&g, &here), 0, "as a filter");
	ASSERT(sendto(other, "x", 1, 0, &here.u.any, here.len) == 1);
	came = recv(fd, &byte, 1, 0) == 1;
	(void)close(fd);
	(void)close(other);
	return came;
}

static void
test_filter(void)
{
	struct addr nowhere = at("127.0.0.1"), six;
	struct guard g = { .count = 0 };
	int fd = bound("::1", &six);

	OK(passes("127.0.0.1", "127.0.0.1", "127.0.0.1"), "an address");
	OK(!passes("127.0.0.1", "127.0.0.1", "127.0.0.2"), "a stranger");
	OK(passes("10.0.0.0/8 127.0.0.0/30", "127.0.0.1", "127.0.0.3"),
	    "the second network");
	OK(!passes("10.0.0.0/8 127.0.0.0/30 ::1", "127.0.0.1", "127.0.0.4"),
	    "none of them");
	EQ(guard_attach(&g, &nowhere), -ENOENT, "no socket there");
	if (fd < 0) {
		printf("# skipped: no IPv6 on this machine\n");
		return;
	}
	(void)close(fd);
	OK(passes("127.0.0.1 2001:db8::/32 ::1", "::1", "::1"), "IPv6");
	OK(!passes("127.0.0.1 2001:db8::/32 ::2", "::1", "::1"),
	    "IPv6, a stranger");
}

static void
test_targets(void)
{
	struct agi_target t;
	struct diag why;

	EQ(agi_target("agi.sock", "/var/lib/safar", &t, &why), 0, "a name");
	OK(t.is_path && strcmp(t.u.un.sun_path, "/var/lib/safar/agi.sock") == 0,
	    "is in the data folder");
	EQ(agi_target("/run/x.sock", "data", &t, &why), 0, "a path");
	OK(strcmp(t.u.un.sun_path, "/run/x.sock") == 0, "is taken as it is");
	EQ(agi_target("127.0.0.1:4573", "data", &t, &why), 0, "an address");
	OK(!t.is_path && addr_port(&t.u.addr) == 4573, "and its port");
	EQ(agi_target("[::1]:4573", "data", &t, &why), 0, "of IPv6");
	EQ(agi_target("192.0.2.1:4573", "data", &t, &why), -EINVAL,
	    "another machine");
	OK(strstr(why.text, "is not of this machine") != NULL, why.text);
	EQ(agi_target("", "data", &t, &why), -EINVAL, "no calls");
}

int
main(void)
{
	test_addresses();
	test_lists();
	test_filter();
	test_targets();
	return tap_done();
}
