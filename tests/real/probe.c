/*
 * probe.c - somebody who has taken safard over: loaded into it by LD_PRELOAD,
 * does in its loop what test_safety_sandbox.py names in a file both map.
 *
 * `name` is done at the next look at the loop, and `result` is then 0 or an
 * errno; with `early` all of them are done before main(), where nothing
 * forbids them yet, and `result` counts those that failed.  With `old` the
 * kernel seems to be an older one.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same order in test_safety_sandbox.py. */
struct control {
	int32_t early, done, result;
	int32_t gateway, stranger; /* ports that somebody listens on */
	int32_t old; /* the Landlock of an older kernel, -1: none */
	char name[32];
	char data[256], outside[256]; /* folders */
	char failed[32];	      /* the last one before main() */
};

static struct control *control;

static int
closed(int fd)
{
	if (fd < 0)
		return -1;
	return close(fd);
}

static int
open_in(const char *folder, const char *name, int flags)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s%s", folder, name);
	return closed(open(path, flags | O_CLOEXEC, 0600));
}

static char *
in_data(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s%s", control->data, name);
	(void)remove(path);
	return path;
}

static int
read_store(void)
{
	return open_in(control->data, "/hotline.db", O_RDWR);
}

static int
make_file(void)
{
	return open_in(control->data, "/probe", O_RDWR | O_CREAT);
}

static int
read_users(void)
{
	return open_in("/etc", "/passwd", O_RDONLY);
}

static int
read_process(void)
{
	return open_in("/proc/self", "/environ", O_RDONLY);
}

static int
write_memory(void)
{
	return open_in("/proc/self", "/mem", O_RDWR);
}

static int
list_root(void)
{
	return closed(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int
write_outside(void)
{
	return open_in(control->outside, "/taken", O_RDWR | O_CREAT);
}

static int
follow_link(void)
{
	return open_in(control->data, "/link", O_RDONLY);
}

static int
make_folder(void)
{
	return mkdir(in_data("/probe.d"), 0700);
}

static int
make_link(void)
{
	return symlink("/etc/passwd", in_data("/probe.l"));
}

static int
make_fifo(void)
{
	return mknod(in_data("/probe.f"), S_IFIFO | 0600, 0);
}

static int
give_away(void)
{
	return chmod(control->data, 0700);
}

static int
memory_of(int prot)
{
	void *p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : munmap(p, 4096);
}

static int
map_memory(void)
{
	return memory_of(PROT_READ | PROT_WRITE);
}

static int
map_code(void)
{
	return memory_of(PROT_READ | PROT_WRITE | PROT_EXEC);
}

static int
become_code(void)
{
	static _Alignas(4096) char page[4096];

	return mprotect(page, sizeof(page), PROT_READ | PROT_EXEC);
}

static int
memory_file(void)
{
	return closed((int)syscall(SYS_memfd_create, "probe", 0));
}

static int
socket_tcp(void)
{
	return closed(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
socket_udp(void)
{
	return closed(socket(AF_INET, SOCK_DGRAM, 0));
}

static int
socket_unix(void)
{
	return closed(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
socket_netlink(void)
{
	return closed(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}

static int
reach(int32_t port, int (*how)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc, err;

	if (fd < 0)
		return -1;
	rc = how(fd, (struct sockaddr *)&to, sizeof(to));
	err = errno;
	(void)close(fd);
	errno = err;
	return rc;
}

static int
connect_gateway(void)
{
	return reach(control->gateway, connect);
}

static int
connect_stranger(void)
{
	return reach(control->stranger, connect);
}

static int
bind_port(void)
{
	return reach(0, bind);
}

static int
listening(int fd, const struct sockaddr *to, socklen_t n)
{
	(void)to, (void)n;
	return listen(fd, 1);
}

static int
listen_port(void)
{
	return reach(0, listening);
}

static int
signal_self(void)
{
	return kill(getpid(), 0);
}

static int
signal_parent(void)
{
	return kill(getppid(), 0);
}

static int
be_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}

static int
change_limit(void)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return -1;
	return setrlimit(RLIMIT_NOFILE, &now);
}

static int
look_at_limit(void)
{
	struct rlimit now;

	return getrlimit(RLIMIT_NOFILE, &now);
}

/* a pointer, also where arguments have no types */
#define NOTHING ((void *)0)
#define DEADLY(name, ...)                                                      \
	static int name(void)                                                  \
	{                                                                      \
		return (int)syscall(__VA_ARGS__);                              \
	}
DEADLY(do_execve, SYS_execve, "/bin/true", NOTHING, NOTHING)
DEADLY(do_execveat, SYS_execveat, -1, "/bin/true", NOTHING, NOTHING, 0)
DEADLY(do_clone, SYS_clone, SIGCHLD, NOTHING, NOTHING, NOTHING, NOTHING)
DEADLY(do_clone3, SYS_clone3, NOTHING, 0)
DEADLY(do_ptrace, SYS_ptrace, 0 /* PTRACE_TRACEME */, 0, NOTHING, NOTHING)
DEADLY(do_process_vm_readv, SYS_process_vm_readv, 1, NOTHING, 0, NOTHING, 0, 0)
DEADLY(do_unshare, SYS_unshare, 0x10000000 /* CLONE_NEWUSER */)
DEADLY(do_mount, SYS_mount, "none", "/mnt", "tmpfs", 0, NOTHING)
DEADLY(do_chroot, SYS_chroot, "/")
DEADLY(do_bpf, SYS_bpf, 0, NOTHING, 0)
DEADLY(do_io_uring, SYS_io_uring_setup, 1, NOTHING)
DEADLY(do_keyctl, SYS_keyctl, 0, 0, 0, 0, 0)
DEADLY(do_open_by_handle, SYS_open_by_handle_at, -1, NOTHING, 0)

#define PROBE(name)                                                            \
	{                                                                      \
#name, name                                                    \
	}
static const struct {
	const char *name;
	int (*run)(void);
} mild[] = {
	PROBE(read_store), PROBE(make_file), PROBE(map_memory),
	PROBE(socket_tcp), PROBE(connect_gateway), PROBE(signal_self),
	PROBE(look_at_limit), PROBE(read_users), PROBE(read_process),
	PROBE(write_memory), PROBE(list_root), PROBE(write_outside),
	PROBE(follow_link), PROBE(make_folder), PROBE(make_link),
	PROBE(make_fifo), PROBE(give_away), PROBE(map_code),
	PROBE(become_code), PROBE(memory_file), PROBE(socket_udp),
	PROBE(socket_unix), PROBE(socket_netlink), PROBE(connect_stranger),
	PROBE(bind_port), PROBE(listen_port), PROBE(signal_parent),
	PROBE(be_dumpable), PROBE(change_limit),
}, deadly[] = {
	PROBE(do_execve), PROBE(do_execveat), PROBE(do_clone),
	PROBE(do_clone3), PROBE(do_ptrace), PROBE(do_process_vm_readv),
	PROBE(do_unshare), PROBE(do_mount), PROBE(do_chroot), PROBE(do_bpf),
	PROBE(do_io_uring), PROBE(do_keyctl), PROBE(do_open_by_handle),
};

enum {
	MILD = sizeof(mild) / sizeof(mild[0]),
	DEADLY_COUNT = sizeof(deadly) / sizeof(deadly[0])
};

static int
run(const char *name)
{
	size_t i;

	for (i = 0; i < MILD; i++)
		if (strcmp(mild[i].name, name) == 0)
			return mild[i].run() < 0 ? errno : 0;
	for (i = 0; i < DEADLY_COUNT; i++)
		if (strcmp(deadly[i].name, name) == 0)
			return deadly[i].run() < 0 ? errno : 0;
	return -1; /* no such probe */
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("SAFAR_PROBE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;
	size_t i;

	if (fd < 0)
		return;
	p = mmap(
	    NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (p == MAP_FAILED)
		return;
	control = p;
	for (i = 0; control->early != 0 && i < MILD; i++) {
		if (mild[i].run() == 0)
			continue;
		control->result++;
		(void)snprintf(control->failed, sizeof(control->failed), "%s",
		    mild[i].name);
	}
}

/* libevent's only door to the kernel's loop. */
int
epoll_wait(int fd, struct epoll_event *events, int maxevents, int timeout)
{
	if (control != NULL && control->name[0] != '\0' && !control->done) {
		control->result = run(control->name);
		control->done = 1;
	}
	return epoll_pwait(fd, events, maxevents, timeout, NULL);
}

/* As libc declares it; all that use it here pass at most six words. */
long
syscall(long sysno, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list ap;
	size_t i;

	va_start(ap, sysno);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (sysno == SYS_landlock_create_ruleset && control != NULL &&
	    control->old != 0 && a[2] == 1 /* asks for the version */) {
		errno = ENOSYS;
		return control->old;
	}
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(sysno, a[0], a[1], a[2], a[3], a[4], a[5]);
}
