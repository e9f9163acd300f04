/*
 * fault.c - a disk and a machine that fail on command; loaded into safard by
 * LD_PRELOAD, told what to do by fault.py through a file that both map.
 *
 * The product has no hooks: the points are where it must call the system.
 *
 *   before_commit  SQLite has written a commit's frames into hotline.db-wal
 *                  and asks for their fdatasync()
 *   after_commit   that fdatasync() has returned: between commit and
 *                  acknowledge
 *   after_ack      the last byte of an acknowledge is in the socket and the
 *                  next byte is not: between acknowledge and submit
 *   after_submit   the same behind an answer, or a part of one: between
 *                  submit and mark
 *   in_frame       half of a frame is in the socket
 *   checkpoint     fdatasync() of hotline.db, or of WAL pages being erased
 *   any            any call seen here, so also while safard starts
 *
 * The kernel keeps what a killed process has written; a machine without power
 * does not.  With `power` set, what was written to the two files since their
 * last fdatasync() is taken back before the end, each write by the toss of a
 * coin.
 *
 * A frame is told by its first eight bytes: Kannel's length is of what
 * follows it, then its type; SMPP's is of the whole PDU, then its command.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { STREAMS = 1024, HEAD = 8, SMPP_PORTS = 4 };

/* The same order in fault.py. */
enum point {
	NOWHERE,
	BEFORE_COMMIT,
	AFTER_COMMIT,
	AFTER_ACK,
	AFTER_SUBMIT,
	IN_FRAME,
	CHECKPOINT,
	ANY,
};

enum fail { FAIL_NOT, FAIL_SYNC, FAIL_FULL };

/* int32 each; the same order in fault.py. */
struct control {
	int32_t point, count, power, seed; /* end at the count-th point */
	int32_t fail;			   /* what fails at the moment */
	int32_t ended;			   /* said back: where it ended */
	int32_t commits, failed;	   /* said back: so many so far */
	int32_t smpp_ports[SMPP_PORTS];	   /* peers that speak SMPP */
};

enum file { FILE_OTHER, FILE_STORE, FILE_WAL };

/* A write that a machine without power would forget. */
struct unsynced {
	SLIST_ENTRY(unsynced) link;
	enum file file;
	off_t at, size; /* of the file before */
	size_t n;	/* bytes that were there before */
	unsigned char old[];
};

SLIST_HEAD(unsynced_list, unsynced);

enum frame { FRAME_OTHER, FRAME_ACK, FRAME_SUBMIT };

/* A descriptor: if it is a connection, how far into a frame it is. */
struct stream {
	bool known, open, smpp;
	size_t have, size; /* of the frame under way */
	unsigned char head[HEAD];
};

static struct control no_control;
static struct control *c = &no_control;
static struct unsynced_list unsynced = SLIST_HEAD_INITIALIZER(unsynced);
static char paths[FILE_WAL + 1][PATH_MAX];
static struct stream streams[STREAMS];
static bool framed; /* frames of a commit wait for their fdatasync() */

__attribute__((constructor)) static void
control_map(void)
{
	const char *path = getenv("SAFAR_FAULT");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)syscall(SYS_close, fd);
	if (p != MAP_FAILED)
		c = p;
}

static bool
coin(void)
{
	c->seed = (int32_t)((uint32_t)c->seed * 1103515245u + 12345u);
	return ((uint32_t)c->seed >> 16 & 1) != 0;
}

/* Newest first, so that the oldest bytes come back last. */
static void
power_cut(void)
{
	struct unsynced *u;
	int fd;

	for (u = SLIST_FIRST(&unsynced); u != NULL; u = SLIST_NEXT(u, link)) {
		fd = coin() ? open(paths[u->file], O_WRONLY | O_CLOEXEC) : -1;
		if (fd < 0)
			continue;
		(void)!syscall(SYS_pwrite64, fd, u->old, u->n, u->at);
		if (u->at + (off_t)u->n == u->size)
			(void)!syscall(SYS_ftruncate, fd, u->size);
		(void)syscall(SYS_close, fd);
	}
}

static void
end(enum point point)
{
	c->ended = (int32_t)point;
	if (c->power != 0)
		power_cut();
	(void)kill(getpid(), SIGKILL);
	(void)pause();
}

static void
reached(enum point point)
{
	if (c->point == (int32_t)point && --c->count <= 0)
		end(point);
}

/* Files. */

static enum file
file_of(int fd)
{
	static const char *const names[] = { "/hotline.db", "/hotline.db-wal" };
	char link[32], path[PATH_MAX];
	ssize_t n;
	size_t i, len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return FILE_OTHER;
	path[n] = '\0';
	for (i = 0; i < 2; i++) {
		len = strlen(names[i]);
		if ((size_t)n < len ||
		    strcmp(path + (size_t)n - len, names[i]) != 0)
			continue;
		memcpy(paths[FILE_STORE + i], path, (size_t)n + 1);
		return (enum file)(FILE_STORE + i);
	}
	return FILE_OTHER;
}

/* A process without memory is no case of these tests. */
static void *
memory(size_t n)
{
	void *p = calloc(1, n);

	if (p == NULL)
		abort();
	return p;
}

static void
write_note(int fd, enum file file, size_t n, off_t at)
{
	struct unsynced *u;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return;
	if (at > st.st_size)
		n = 0;
	else if ((off_t)n > st.st_size - at)
		n = (size_t)(st.st_size - at);
	u = memory(sizeof(*u) + n);
	*u = (struct unsynced){
		.file = file, .at = at, .n = n, .size = st.st_size
	};
	if (syscall(SYS_pread64, fd, u->old, n, at) == (long)n)
		SLIST_INSERT_HEAD(&unsynced, u, link);
	else
		free(u);
}

static void
sync_note(enum file file)
{
	struct unsynced *u, *next, **at = &SLIST_FIRST(&unsynced);

	for (u = *at; u != NULL; u = next) {
		next = SLIST_NEXT(u, link);
		if (u->file == file) {
			*at = next;
			free(u);
		} else {
			at = &SLIST_NEXT(u, link);
		}
	}
}

static ssize_t
file_write(int fd, const void *p, size_t n, off_t at)
{
	enum file file = file_of(fd);
	uint32_t page;

	reached(ANY);
	if (file != FILE_OTHER && c->fail == FAIL_FULL) {
		c->failed++;
		errno = ENOSPC;
		return -1;
	}
	if (file != FILE_OTHER)
		write_note(fd, file, n, at);
	if (file == FILE_WAL && n >= sizeof(page)) {
		/* a frame begins with its page's number; else it is zeros that
		 * grow the log or go over old frames */
		memcpy(&page, p, sizeof(page));
		framed = framed || page != 0;
	}
	return syscall(SYS_pwrite64, fd, p, n, at);
}

static int
file_sync(int fd, long how)
{
	enum file file = file_of(fd);
	bool commit = file == FILE_WAL && framed;
	int rc;

	reached(ANY);
	if (file != FILE_OTHER && c->fail == FAIL_SYNC) {
		c->failed++;
		errno = EIO;
		return -1;
	}
	if (commit)
		reached(BEFORE_COMMIT);
	else if (file != FILE_OTHER)
		reached(CHECKPOINT);
	rc = (int)syscall(how, fd);
	if (rc < 0)
		return rc;
	sync_note(file);
	if (commit) {
		framed = false;
		c->commits++;
		reached(AFTER_COMMIT);
	}
	return rc;
}

/* Sockets. */

static size_t
number(const unsigned char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return ntohl(n);
}

static enum frame
frame_kind(const struct stream *s)
{
	static const size_t kannel[] = { 3, 2 }, smpp[] = { 0x80000005, 4 };
	const size_t *words = s->smpp ? smpp : kannel;
	size_t word = number(s->head + HEAD / 2);

	if (word == words[0])
		return FRAME_ACK;
	return word == words[1] ? FRAME_SUBMIT : FRAME_OTHER;
}

/* One more byte has gone out; is it the end of it here? */
static bool
stream_step(struct stream *s, unsigned char byte, int32_t *count)
{
	enum frame kind;
	bool last, hit = false;

	if (s->have < HEAD)
		s->head[s->have] = byte;
	s->have++;
	if (s->have < HEAD)
		return false;
	if (s->have == HEAD)
		s->size = number(s->head) + (s->smpp ? 0 : 4);
	kind = frame_kind(s);
	last = s->have >= s->size;
	if (c->point == AFTER_ACK)
		hit = last && kind == FRAME_ACK;
	else if (c->point == AFTER_SUBMIT)
		hit = last && kind == FRAME_SUBMIT;
	else if (c->point == IN_FRAME)
		hit = kind != FRAME_OTHER && s->have == s->size / 2;
	if (last)
		s->have = 0;
	return hit && --*count <= 0;
}

/* How many of the n bytes may go out before the end; n: all. */
static size_t
stream_cut(const struct stream *s, const unsigned char *p, size_t n)
{
	struct stream copy = *s;
	int32_t count = c->count;
	size_t i;

	for (i = 0; i < n; i++)
		if (stream_step(&copy, p[i], &count))
			return i + 1;
	return SIZE_MAX;
}

static ssize_t
stream_write(int fd, const unsigned char *p, size_t n)
{
	struct stream *s = &streams[fd];
	size_t cut = stream_cut(s, p, n);
	ssize_t done, i;

	reached(ANY);
	done = syscall(
	    SYS_sendto, fd, p, cut < n ? cut : n, MSG_NOSIGNAL, NULL, 0);
	if (cut <= n)
		end((enum point)c->point);
	for (i = 0; i < done; i++)
		(void)stream_step(s, p[i], &c->count);
	return done;
}

/* Looked at once, when it is first written to. */
static bool
is_stream(int fd)
{
	struct sockaddr_in to = { 0 };
	socklen_t len = sizeof(to);
	struct stream *s;
	size_t i;

	if (fd < 0 || fd >= STREAMS)
		return false;
	s = &streams[fd];
	if (s->known)
		return s->open;
	s->known = true;
	s->open = getpeername(fd, (struct sockaddr *)&to, &len) == 0 &&
		  to.sin_family == AF_INET;
	for (i = 0; i < SMPP_PORTS; i++)
		if (c->smpp_ports[i] == ntohs(to.sin_port))
			s->smpp = true;
	return s->open;
}

static ssize_t
pieces_write(int fd, const struct iovec *pieces, size_t count)
{
	size_t n = 0, i;
	unsigned char *all;
	ssize_t done;

	for (i = 0; i < count; i++)
		n += pieces[i].iov_len;
	all = memory(n + 1);
	for (n = 0, i = 0; i < count; i++) {
		memcpy(all + n, pieces[i].iov_base, pieces[i].iov_len);
		n += pieces[i].iov_len;
	}
	done = stream_write(fd, all, n);
	free(all);
	return done;
}

/* What safard and its libraries call. */

#define INSTEAD_OF(name) __asm__(name) __attribute__((visibility("default")))

int fault_close(int fd) INSTEAD_OF("close");
ssize_t fault_write(int fd, const void *p, size_t n) INSTEAD_OF("write");
ssize_t fault_writev(int fd, const struct iovec *pieces, int count)
    INSTEAD_OF("writev");
ssize_t fault_send(int fd, const void *p, size_t n, int flags)
    INSTEAD_OF("send");
ssize_t fault_sendmsg(int fd, const struct msghdr *msg, int flags)
    INSTEAD_OF("sendmsg");
ssize_t fault_pwrite(int fd, const void *p, size_t n, off_t at)
    INSTEAD_OF("pwrite");
ssize_t fault_pwrite64(int fd, const void *p, size_t n, off64_t at)
    INSTEAD_OF("pwrite64");
int fault_fsync(int fd) INSTEAD_OF("fsync");
int fault_fdatasync(int fd) INSTEAD_OF("fdatasync");

int
fault_close(int fd)
{
	if (fd >= 0 && fd < STREAMS)
		streams[fd] = (struct stream){ .known = false };
	return (int)syscall(SYS_close, fd);
}

ssize_t
fault_write(int fd, const void *p, size_t n)
{
	return is_stream(fd) ? stream_write(fd, p, n) :
			       syscall(SYS_write, fd, p, n);
}

ssize_t
fault_writev(int fd, const struct iovec *pieces, int count)
{
	return is_stream(fd) ? pieces_write(fd, pieces, (size_t)count) :
			       syscall(SYS_writev, fd, pieces, count);
}

ssize_t
fault_send(int fd, const void *p, size_t n, int flags)
{
	return is_stream(fd) ? stream_write(fd, p, n) :
			       syscall(SYS_sendto, fd, p, n, flags, NULL, 0);
}

ssize_t
fault_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	return is_stream(fd) ?
		   pieces_write(fd, msg->msg_iov, (size_t)msg->msg_iovlen) :
		   syscall(SYS_sendmsg, fd, msg, flags);
}

ssize_t
fault_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return file_write(fd, p, n, at);
}

ssize_t
fault_pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return file_write(fd, p, n, at);
}

int
fault_fsync(int fd)
{
	return file_sync(fd, SYS_fsync);
}

int
fault_fdatasync(int fd)
{
	return file_sync(fd, SYS_fdatasync);
}
