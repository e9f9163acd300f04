/* guard.c - a list of networks, in user space and as a socket filter. */
#include "daemon/sip/guard.h"

#include <linux/filter.h>

enum {
	FD_MOST = 256,	/* SIP's sockets are among the first */
	V4_SOURCE = 12, /* in the IP header: RFC 791, RFC 8200 */
	V6_SOURCE = 8,
	WORD = 4,
	PROGRAM_MAX = GUARD_MAX * (4 * 3 + 1) + 1,
};

/* "192.0.2.0/24" or an address alone. */
static bool
net_parse(struct sv text, struct guard_net *ret)
{
	struct sv host = sv_cut(&text, '/');
	struct guard_net n = { .len = 0 };
	struct addr a;
	size_t bits, i;

	if (host.n > 0 && host.p[0] == '[')
		return false;
	if (addr_parse(host, 1, &a) < 0 || addr_port(&a) != 1)
		return false;
	n.len = addr_bytes(&a, n.bytes);
	bits = 8 * n.len;
	if (text.p != NULL) {
		if (text.n == 0 || text.n > 3)
			return false;
		for (bits = 0, i = 0; i < text.n; i++) {
			if (text.p[i] < '0' || text.p[i] > '9')
				return false;
			bits = bits * 10 + (size_t)(text.p[i] - '0');
		}
	}
	if (bits > 8 * n.len)
		return false;
	for (i = 0; i < bits; i++)
		n.mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
	for (i = 0; i < n.len; i++)
		n.bytes[i] &= n.mask[i];
	*ret = n;
	return true;
}

int
guard_parse(struct sv list, struct guard *ret_guard, struct diag *reterr_diag)
{
	struct guard g = { .count = 0 };
	struct sv word;

	while (list.n > 0) {
		word = sv_cut(&list, ' ');
		if (word.n == 0)
			continue;
		if (g.count == GUARD_MAX)
			return diag_set(reterr_diag, -EINVAL,
			    "more than %d networks", GUARD_MAX);
		if (!net_parse(word, &g.nets[g.count++]))
			return diag_set(reterr_diag, -EINVAL,
			    "'%.*s' is no IP address or network; write "
			    "192.0.2.1 or 192.0.2.0/24",
			    SV_ARG(word));
	}
	if (g.count == 0)
		return diag_set(reterr_diag, -EINVAL,
		    "empty; write the addresses that calls come from");
	*ret_guard = g;
	return 0;
}

bool
guard_allows(const struct guard *g, const struct addr *a)
{
	uint8_t bytes[16];
	size_t len = addr_bytes(a, bytes), i, k;

	for (i = 0; i < g->count; i++) {
		const struct guard_net *n = &g->nets[i];

		for (k = 0; len == n->len && k < len; k++)
			if ((bytes[k] & n->mask[k]) != n->bytes[k])
				break;
		if (len == n->len && k == len)
			return true;
	}
	return false;
}

static uint32_t
word_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* One network: its words must be so, else go on behind its RET. */
static size_t
net_compile(const struct guard_net *n, struct sock_filter *to)
{
	uint32_t source = n->len == WORD ? V4_SOURCE : V6_SOURCE;
	size_t words = n->len / WORD, i, at = 0;

	for (i = 0; i < words; i++) {
		to[at++] =
		    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			(uint32_t)SKF_NET_OFF + source + (uint32_t)(i * WORD));
		to[at++] = (struct sock_filter)BPF_STMT(
		    BPF_ALU | BPF_AND | BPF_K, word_at(n->mask + i * WORD));
		to[at++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, word_at(n->bytes + i * WORD), 0,
		    (uint8_t)((words - i - 1) * 3 + 1));
	}
	to[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	return at;
}

static int
attach(const struct guard *g, int fd, size_t len)
{
	struct sock_filter program[PROGRAM_MAX];
	struct sock_fprog whole = { .filter = program };
	size_t at = 0, i;

	for (i = 0; i < g->count; i++)
		if (g->nets[i].len == len)
			at += net_compile(&g->nets[i], program + at);
	program[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	whole.len = (unsigned short)at;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole,
		   sizeof(whole)) < 0 ?
		   -errno :
		   0;
}

int
guard_attach(const struct guard *g, const struct addr *at)
{
	size_t len = at->u.any.sa_family == AF_INET ? WORD : 4 * WORD;
	int fd, rc = -ENOENT;
	struct addr a;

	/* the SIP library does not tell its sockets */
	for (fd = 0; fd < FD_MOST; fd++) {
		a.len = sizeof(a.u);
		if (getsockname(fd, &a.u.any, &a.len) < 0 ||
		    (a.u.any.sa_family != AF_INET &&
			a.u.any.sa_family != AF_INET6) ||
		    !addr_same(&a, at))
			continue;
		rc = attach(g, fd, len);
		if (rc < 0)
			break;
	}
	return rc;
}
