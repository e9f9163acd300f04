/* notify.c - one datagram socket. */
#include "daemon/sip/notify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/base.h"

int
notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t n = path != NULL ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof(un.sun_path))
		return -1;
	memcpy(un.sun_path, path, n);
	/* a name without a file */
	if (un.sun_path[0] == '@')
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

void
notify_say(int fd, const char *what)
{
	if (fd >= 0)
		(void)send(fd, what, strlen(what), MSG_NOSIGNAL);
}
