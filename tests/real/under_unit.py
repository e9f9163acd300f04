#!/usr/bin/env python3
"""under_unit.py UNIT PROGRAM [ARGUMENT ...] - run a program under the filter of
system calls of a systemd unit, without systemd: a call that is not in
SystemCallFilter= ends it by SIGSYS, where the unit would only refuse it."""

import ctypes
import os
import re
import subprocess
import sys

ALLOW, KILL_PROCESS = 0x7fff0000, 0x80000000


def setting(unit, name):
    """All that a unit says by this name, in order."""
    with open(unit, encoding='utf-8') as file:
        return re.findall(r'(?m)^%s=(.*)$' % re.escape(name), file.read())


def calls_of(group):
    """The calls of an @group, and of the groups in it."""
    listed = subprocess.run(
        ['systemd-analyze', '--no-pager', 'syscall-filter', group], check=True,
        stdout=subprocess.PIPE, timeout=30).stdout.decode()
    for word in re.findall(r'(?m)^ +(@?[a-z0-9_-]+)$', listed):
        yield from calls_of(word) if word.startswith('@') else [word]


def allowed(unit):
    """As systemd reads it: @default is always in.  Units do not run as root, for
    whom SQLite gives its files away."""
    names = set(calls_of('@default'))
    if os.geteuid() == 0:
        names.add('fchown')
    for word in ' '.join(setting(unit, 'SystemCallFilter')).split():
        names.update(calls_of(word) if word.startswith('@') else [word])
    return names


def confine(unit):
    lib = ctypes.CDLL('libseccomp.so.2', use_errno=True)
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_init.argtypes = [ctypes.c_uint32]
    lib.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
        ctypes.c_void_p]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    filtered = lib.seccomp_init(KILL_PROCESS)
    for name in sorted(allowed(unit)):
        number = lib.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # negative: not of this machine
            rc = lib.seccomp_rule_add_array(filtered, ALLOW, number, 0, None)
            assert rc == 0, (name, rc)
    assert lib.seccomp_load(filtered) == 0, 'seccomp_load'


if __name__ == '__main__':
    confine(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])
