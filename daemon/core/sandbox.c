/* sandbox.c - Landlock around files and ports, seccomp around system calls. */
#include "daemon/core/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* --- Landlock --- */

/*
 * https://docs.kernel.org/userspace-api/landlock.html, ABI 6: Debian 12's
 * header knows ABI 2.  An older kernel takes the longer struct when what it
 * does not know is 0.
 */
struct ruleset {
	uint64_t files, ports, scoped;
};

struct port_rule {
	uint64_t allowed, port;
};

enum {
	RULE_PORT = 2,
	FILES_BITS_1 = 13, /* rights over files that ABI 1 knows */
	FILES_TRUNCATE = 1 << 14,
	PORTS_BIND = 1 << 0,
	PORTS_CONNECT = 1 << 1,
	SCOPED_ABSTRACT = 1 << 0, /* unix sockets without a file */
	SCOPED_SIGNAL = 1 << 1,
};

static struct ruleset
ruleset_of(int abi, const struct sandbox_plan *plan)
{
	int bits = FILES_BITS_1 + (abi >= 2) + (abi >= 3) + (abi >= 5);
	struct ruleset r = { .files = (1ULL << bits) - 1 };

	if (abi >= 4)
		r.ports =
		    plan->any_port ? PORTS_BIND : PORTS_BIND | PORTS_CONNECT;
	if (abi >= 6)
		r.scoped = SCOPED_ABSTRACT | SCOPED_SIGNAL;
	return r;
}

static int
rule_add(int ruleset, int type, const void *rule)
{
	return syscall(SYS_landlock_add_rule, ruleset, type, rule, 0) < 0 ?
		   -errno :
		   0;
}

enum {
	FILES_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	FILES_WRITE = FILES_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |
		      LANDLOCK_ACCESS_FS_MAKE_REG |
		      LANDLOCK_ACCESS_FS_REMOVE_FILE | FILES_TRUNCATE,
	FILES_TREES = FILES_WRITE | LANDLOCK_ACCESS_FS_MAKE_DIR |
		      LANDLOCK_ACCESS_FS_REMOVE_DIR,
};

static int
folder_allow(int ruleset, const char *path, uint64_t allowed)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = allowed,
		.parent_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	int rc;

	if (rule.parent_fd < 0)
		return -errno;
	rc = rule_add(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
	(void)close(rule.parent_fd);
	return rc;
}

static int
rules_add(
    int ruleset, const struct ruleset *handled, const struct sandbox_plan *plan)
{
	const uint64_t writing = plan->trees ? FILES_TREES : FILES_WRITE;
	const char *const *folder;
	size_t i;
	int rc = 0;

	for (folder = plan->folders; rc == 0 && *folder != NULL; folder++)
		rc = folder_allow(ruleset, *folder, handled->files & writing);
	for (folder = plan->readable;
	     rc == 0 && folder != NULL && *folder != NULL; folder++)
		rc =
		    folder_allow(ruleset, *folder, handled->files & FILES_READ);
	for (i = 0; rc == 0 && (handled->ports & PORTS_CONNECT) != 0 &&
		    i < plan->port_count;
	     i++)
		rc = rule_add(ruleset, RULE_PORT,
		    &(struct port_rule){ PORTS_CONNECT, plan->ports[i] });
	return rc;
}

static int
fence(int abi, const struct sandbox_plan *plan)
{
	struct ruleset handled = ruleset_of(abi, plan);
	int ruleset = (int)syscall(
	    SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	int rc;

	if (ruleset < 0)
		return -errno;
	rc = rules_add(ruleset, &handled, plan);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		rc = -errno;
	(void)close(ruleset);
	return rc;
}

static int
files_fence(const struct sandbox_plan *plan, struct sandbox *box)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION),
	    rc;

	if (abi < 0)
		return diag_set(
		    &box->why, 0, "no Landlock: %s", strerror(errno));
	rc = fence(abi, plan);
	if (rc == 0) {
		box->landlock = abi;
		box->ports = abi >= 4 && !plan->any_port;
	}
	return rc;
}

/* --- seccomp --- */

/* What serving needs, found by tracing the suites, and what the C library may
 * use in its place. */
static const int allowed[] = {
	/* files; Landlock says which */
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(pwrite64),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(close),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(getdents64),
	SCMP_SYS(getcwd),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(fcntl),
	SCMP_SYS(flock),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(sync_file_range),
	SCMP_SYS(ftruncate),
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(umask),
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(mlock),
	SCMP_SYS(mlock2),
	SCMP_SYS(munlock),
	SCMP_SYS(futex),
	/* the loop and its links */
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(connect),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	/* time, chance, itself */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getrusage),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_yield),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* What a voice gateway needs besides: a socket for each call, one clock. */
static const int speech[] = {
	SCMP_SYS(bind),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(timerfd_settime),
};

/* What makes folders. */
static const int trees[] = {
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir),
};

/* What only somebody who has taken the process over would ask for. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(chroot),
	SCMP_SYS(pivot_root),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(add_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(request_key),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(modify_ldt),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
};

static int
each(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t n)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = seccomp_rule_add(filter, action, calls[i], 0);
	return rc;
}

enum { NO_ARG = 6 };

/* The bits of one argument of a call that must be so. */
struct bits {
	unsigned arg; /* NO_ARG: none */
	int64_t mask;
	uint64_t value;
};

/* One call where its arguments are these. */
static int
where(scmp_filter_ctx filter, int call, struct bits a, struct bits b)
{
	const struct bits *bits[] = { &a, &b };
	struct scmp_arg_cmp args[2];
	unsigned n = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bits); i++)
		if (bits[i]->arg != NO_ARG)
			args[n++] = (struct scmp_arg_cmp){ bits[i]->arg,
				SCMP_CMP_MASKED_EQ, (uint64_t)bits[i]->mask,
				bits[i]->value };
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, args);
}

static int
sockets(scmp_filter_ctx filter)
{
	const int64_t word = UINT32_MAX;
	const struct bits udp = { 1, word & ~(SOCK_NONBLOCK | SOCK_CLOEXEC),
		SOCK_DGRAM };
	const struct bits stream = { 1, word & ~(SOCK_NONBLOCK | SOCK_CLOEXEC),
		SOCK_STREAM };
	int rc = where(
	    filter, SCMP_SYS(socket), (struct bits){ 0, word, AF_INET }, udp);

	if (rc == 0)
		rc = where(filter, SCMP_SYS(socket),
		    (struct bits){ 0, word, AF_INET6 }, udp);
	if (rc == 0)
		rc = where(filter, SCMP_SYS(socket),
		    (struct bits){ 0, word, AF_UNIX }, stream);
	return rc;
}

/* Not a family of sockets but TCP, no memory that could become code, no limit
 * changed, nobody else signalled. */
static int
arguments(scmp_filter_ctx filter)
{
	const int64_t word = UINT32_MAX;
	const struct bits none = { NO_ARG, 0, 0 };
	const struct bits self = { 0, word, (uint64_t)getpid() };
	const struct bits data = { 2, PROT_EXEC, 0 };
	const struct bits tcp = { 1, word & ~(SOCK_NONBLOCK | SOCK_CLOEXEC),
		SOCK_STREAM };
	const struct {
		int call;
		struct bits a, b;
	} rows[] = {
		{ SCMP_SYS(socket), { 0, word, AF_INET }, tcp },
		{ SCMP_SYS(socket), { 0, word, AF_INET6 }, tcp },
		{ SCMP_SYS(mmap), data, none },
		{ SCMP_SYS(mprotect), data, none },
		{ SCMP_SYS(ioctl), { 1, word, FIONREAD }, none },
		{ SCMP_SYS(ioctl), { 1, word, FIONBIO }, none },
		{ SCMP_SYS(prlimit64), { 0, word, 0 }, { 2, -1, 0 } },
		{ SCMP_SYS(kill), self, none },
		{ SCMP_SYS(tgkill), self, none },
	};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < ARRAY_LEN(rows); i++)
		rc = where(filter, rows[i].call, rows[i].a, rows[i].b);
	return rc;
}

static int
filter_fill(scmp_filter_ctx filter, const struct sandbox_plan *plan)
{
	int rc = seccomp_attr_set(
	    filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	if (rc == 0)
		rc = each(filter, SCMP_ACT_ALLOW, allowed, ARRAY_LEN(allowed));
	if (rc == 0)
		rc = each(
		    filter, SCMP_ACT_KILL_PROCESS, deadly, ARRAY_LEN(deadly));
	if (rc == 0 && plan->speech)
		rc = each(filter, SCMP_ACT_ALLOW, speech, ARRAY_LEN(speech));
	if (rc == 0 && plan->trees)
		rc = each(filter, SCMP_ACT_ALLOW, trees, ARRAY_LEN(trees));
	if (rc == 0 && plan->speech)
		rc = sockets(filter);
	return rc == 0 ? arguments(filter) : rc;
}

static int
calls_filter(const struct sandbox_plan *plan, struct sandbox *box)
{
	scmp_filter_ctx filter;
	int rc;

	if (prctl(PR_GET_SECCOMP) < 0)
		return diag_set(&box->why, 0, "no seccomp: %s%s%s",
		    strerror(errno), box->why.text[0] != '\0' ? "; " : "",
		    box->why.text);
	filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	ASSERT(filter != NULL);
	rc = filter_fill(filter, plan);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	box->seccomp = rc == 0;
	return rc;
}

int
sandbox_enter(const struct sandbox_plan *plan, struct sandbox *ret_sandbox,
    struct diag *reterr_diag)
{
	struct sandbox box = { .why = { "" } };
	int rc = 0;

	if (SANITIZED)
		(void)diag_set(&box.why, 0, "a build with sanitizers");
	else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = -errno;
	if (rc == 0 && !SANITIZED)
		rc = files_fence(plan, &box);
	if (rc == 0 && !SANITIZED)
		rc = calls_filter(plan, &box);
	if (rc < 0)
		return diag_set(reterr_diag, rc,
		    "the sandbox cannot be entered: %s", strerror(-rc));
	*ret_sandbox = box;
	return 0;
}
