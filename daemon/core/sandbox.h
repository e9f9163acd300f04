/*
 * sandbox.h - what the process gives up before strangers' bytes reach it.
 *
 * Landlock fences files and ports, seccomp the system calls.  Neither can be
 * undone, and there is no setting for it.  Everything that needs more (keys,
 * databases, listening sockets, certificates) is opened before.
 */
#ifndef DAEMON_CORE_SANDBOX_H
#define DAEMON_CORE_SANDBOX_H

#include "daemon/base/diag.h"

struct sandbox_plan {
	const char *const *folders;  /* read and written in; NULL ends them */
	const char *const *readable; /* only read; may be NULL */
	const uint16_t *ports;	     /* TCP ports of others to connect to */
	size_t port_count;
	bool any_port; /* of others, not only those */
	bool trees;    /* folders, too, are made and removed in the folders */
	bool speech;   /* UDP sockets and those of this machine, and a timer */
};

/* How far it went. */
struct sandbox {
	int landlock; /* its ABI; 0: no fence around files */
	bool ports;   /* the fence is around ports, too (from ABI 4) */
	bool seccomp;
	struct diag why; /* "" or what is not there */
};

/*
 * Enter it.  From here on
 *   - files are opened only in the folders, and nothing there is executed, a
 *     link, a device or a socket made;
 *   - TCP is connected only to the ports; nothing is bound or listened on, but
 *     for UDP where the plan says speech;
 *   - no memory becomes executable; no process is signalled but this one;
 *   - execve, fork, ptrace and their like end the process; any other call that
 *     is not in the list fails with EPERM.
 *
 * A kernel without one of the two, and a build with a sanitizer, which needs
 * what is forbidden here, are told in ret_sandbox->why: not an error.
 *
 * Returns 0, -Exxx if a folder cannot be opened or the kernel refuses what it
 * says it has.
 */
MUST_USE int sandbox_enter(const struct sandbox_plan *plan,
    struct sandbox *ret_sandbox, struct diag *reterr_diag);

#endif
