/* disk.h - a disk that a test can fill. */
#ifndef TESTS_FLOW_DISK_H
#define TESTS_FLOW_DISK_H

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool disk_full;

/* SQLite writes through this: the executable's symbol comes first. */
__attribute__((visibility("default"))) ssize_t disk_pwrite(
    int fd, const void *buf, size_t n, off64_t at) __asm__("pwrite64");

ssize_t
disk_pwrite(int fd, const void *buf, size_t n, off64_t at)
{
	if (disk_full) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, buf, n, at);
}

#endif
