/* phone_link.c - lines of JSON over a unix socket. */
#include "daemon/ctl/phone_link.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
link_open(struct phone_link *l, const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int n, rc;

	n = snprintf(
	    addr.sun_path, sizeof(addr.sun_path), "%s/phone.sock", dir);
	if (n < 0 || (size_t)n >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	l->n = 0;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return -errno;
	if (connect(l->fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return 0;
	rc = errno == ECONNREFUSED ? -ENOENT : -errno;
	link_close(l);
	return rc;
}

void
link_close(struct phone_link *l)
{
	if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
}

static int
send_all(int fd, const char *p, size_t n)
{
	ssize_t put;

	while (n > 0) {
		put = send(fd, p, n, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -EPIPE;
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

int
link_say(struct phone_link *l, const char *from, const char *to, struct sv id,
    struct sv text)
{
	json_t *line = json_pack("{s:s, s:s}", "from", from, "to", to);
	char *out;
	size_t n;
	int rc;

	if (id.n > 0) {
		(void)json_object_set_new(line, "id", json_stringn(id.p, id.n));
		(void)json_object_set_new(
		    line, "text", json_stringn(text.n ? text.p : "", text.n));
	}
	out = json_dumps(line, JSON_COMPACT);
	json_decref(line);
	ASSERT(out != NULL);
	n = strlen(out);
	out[n++] = '\n'; /* over the NUL: the length is known */
	rc = n <= LINK_OUT_MAX ? send_all(l->fd, out, n) : -EMSGSIZE;
	free(out);
	return rc;
}

static int
take_line(struct sv text, void (*fn)(void *arg, const struct link_said *said),
    void *arg)
{
	json_t *line = json_loadb(text.p, text.n, 0, NULL);
	struct link_said said = { .ack = NULL };

	if (line == NULL)
		return -EBADMSG;
	said.ack = json_string_value(json_object_get(line, "ack"));
	said.from = json_string_value(json_object_get(line, "from"));
	said.text = json_string_value(json_object_get(line, "text"));
	said.encoding = json_string_value(json_object_get(line, "encoding"));
	said.parts = json_integer_value(json_object_get(line, "parts"));
	if (said.ack != NULL || said.text != NULL)
		fn(arg, &said);
	json_decref(line);
	return 0;
}

int
link_read(struct phone_link *l,
    void (*fn)(void *arg, const struct link_said *said), void *arg)
{
	struct sv rest, line;
	ssize_t n;
	int rc = 0;

	n = recv(l->fd, l->in + l->n, sizeof(l->in) - l->n, 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return -EPIPE;
	l->n += (size_t)n;
	rest = (struct sv){ l->in, l->n };
	while (rc == 0 && rest.n > 0 && memchr(rest.p, '\n', rest.n) != NULL) {
		line = sv_cut(&rest, '\n');
		rc = take_line(line, fn, arg);
	}
	if (rc == 0 && rest.n == sizeof(l->in))
		rc = -EBADMSG;
	if (rest.n > 0)
		memmove(l->in, rest.p, rest.n);
	l->n = rest.n;
	return rc;
}
