#!/usr/bin/env python3
"""What somebody can do who has taken safard over: little.  Forbidden calls are
tried from inside the running program, by probe.c; first all of them where
nothing forbids them yet, so that a refusal means something."""

import ctypes
import errno
import glob
import json
import mmap
import os
import re
import signal
import socket
import struct
import subprocess

import kit
from safard import Safard

LANDLOCK_CREATE_RULESET = 444  # the same on every machine
LANDLOCK_VERSION = 1
FIELDS = ['early', 'done', 'result', 'gateway', 'stranger', 'old']
NAMES = [('name', 32), ('data', 256), ('outside', 256), ('failed', 32)]
STARTS = {name: 4 * len(FIELDS) + sum(size for _n, size in NAMES[:at])
          for at, (name, _size) in enumerate(NAMES)}
SIZE = 4 * len(FIELDS) + sum(size for _name, size in NAMES)

SERVING = ['read_store', 'make_file', 'map_memory', 'socket_tcp',
           'connect_gateway', 'signal_self', 'look_at_limit']
# by what it is refused, with which answer
REFUSED = [
    ('files', errno.EACCES, ['read_users', 'read_process', 'write_memory',
                             'list_root', 'write_outside', 'follow_link']),
    ('ports', errno.EACCES, ['connect_stranger']),
    ('calls', errno.EPERM, [
        'make_folder', 'make_link', 'make_fifo', 'give_away', 'map_code',
        'become_code', 'memory_file', 'socket_udp', 'socket_unix',
        'socket_netlink', 'bind_port', 'listen_port', 'signal_parent',
        'be_dumpable', 'change_limit'])]
DEADLY = ['do_execve', 'do_execveat', 'do_clone', 'do_clone3', 'do_ptrace',
          'do_process_vm_readv', 'do_unshare', 'do_mount', 'do_chroot',
          'do_bpf', 'do_io_uring', 'do_keyctl', 'do_open_by_handle']


def listener():
    server = socket.socket()
    server.bind(('127.0.0.1', 0))
    server.listen(64)
    return server, server.getsockname()[1]


class Probe:
    """What is told to probe.c, and what it says back."""

    def __init__(self, stage):
        self.library = stage.path('probe.so')
        subprocess.run(
            [os.environ.get('CC', 'cc'), '-std=c11', '-D_GNU_SOURCE', '-O1',
             '-fPIC', '-shared', '-o', self.library,
             os.path.join(kit.ROOT, 'tests', 'real', 'probe.c')],
            check=True, timeout=kit.patient(60))
        path = stage.path('probe')
        with open(path, 'wb') as file:
            file.write(bytes(SIZE))
        with open(path, 'r+b') as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.env = dict(os.environ, LD_PRELOAD=self.library, SAFAR_PROBE=path)

    def set(self, field, value):
        struct.pack_into('=i', self.map, 4 * FIELDS.index(field), value)

    def get(self, field):
        return struct.unpack_from('=i', self.map, 4 * FIELDS.index(field))[0]

    def write(self, field, text):
        struct.pack_into('%ds' % dict(NAMES)[field], self.map, STARTS[field],
                         text.encode())

    def read(self, field):
        size = dict(NAMES)[field]
        return struct.unpack_from('%ds' % size, self.map, STARTS[field])[
            0].rstrip(b'\0').decode()

    def ask(self, safard, name):
        """0 or an errno, or the signal that ended safard, negative."""
        self.set('done', 0)
        self.write('name', name)
        with socket.socket(socket.AF_UNIX) as wake:
            wake.connect(os.path.join(safard.data, 'safard.sock'))
            kit.wait_for(name, 10, lambda: self.get('done')
                         or not safard.process.alive())
        self.write('name', '')
        if self.get('done'):
            return self.get('result')
        return safard.process.popen.returncode


def told(code):
    if code < 0:
        return signal.Signals(-code).name
    return errno.errorcode.get(code, str(code)) if code else 'done'


def kernel_has():
    abi = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0,
                                    LANDLOCK_VERSION)
    with open('/proc/self/status', encoding='ascii') as file:
        return {'calls': 'Seccomp:' in file.read(), 'files': abi >= 1,
                'ports': abi >= 4}


def status_of(safard):
    return json.loads(safard.ctl('--data', safard.data, 'status', '--json'))


def inside(tap, safard, probe, box):
    for name in SERVING:
        tap.eq(told(probe.ask(safard, name)), 'done', '%s: may' % name)
    for fence, code, names in REFUSED:
        for name in names:
            if not box[fence]:
                tap.ok(True, '%s # SKIP this kernel has no fence around %s'
                       % (name, fence))
                continue
            tap.eq(told(probe.ask(safard, name)), told(code),
                   '%s: refused' % name)


def on_older_kernels(tap, safard, probe):
    for old, line, files in ((2, 'ev=sandbox landlock=2 ports=0', True),
                             (-1, 'ev=sandbox_missing landlock=0 .*no Landl',
                              False)):
        probe.set('old', old)
        safard.launch(probe.env)
        safard.process.wait_line(line, 20)
        safard.process.wait_line(r'\bev=ready\b', 20)
        box = status_of(safard)['sandbox']
        tap.eq((box['files'], box['ports'], 'why' in box),
               (files, False, not files),
               'Landlock %d: the log and status say so' % old)
        words = safard.ctl('--data', safard.data, 'status')
        tap.ok(re.search(r'(?m)^sandbox    closed around calls%s$' % (
            ', files' if files else r' \(no Landlock: .*\)'), words),
            'Landlock %d: in words' % old, words)
        tap.eq(told(probe.ask(safard, 'read_users')),
               'EACCES' if files else 'done', 'Landlock %d: files' % old)
        tap.eq(safard.stop(), 0, 'Landlock %d: it works' % old)
    probe.set('old', 0)


def ended(tap, safard, probe):
    for name in DEADLY:
        safard.launch(probe.env)
        safard.process.wait_line(r'\bev=ready\b', 20)
        tap.eq(told(probe.ask(safard, name)), 'SIGSYS',
               '%s: the end of it' % name)
        safard.kill()


def outside(tap, safard):
    """What the kernel says of it, and of each of its threads."""
    calls = '2' if kernel_has()['calls'] else '0'
    fenced = []
    for path in glob.glob('/proc/%d/task/*/status' % safard.process.pid):
        with open(path, encoding='ascii') as file:
            rows = dict(line.split(':', 1) for line in file)
        fenced.append((rows['NoNewPrivs'].strip(),
                       rows.get('Seccomp', '0').strip()))
    tap.eq(set(fenced), {('1', calls)}, 'every thread is inside')
    tap.ok(len(fenced) > 1, 'there are some')
    with open('/proc/%d/status' % safard.process.pid, encoding='ascii') as file:
        rows = dict(line.split(':', 1) for line in file)
    with open('/proc/%d/limits' % safard.process.pid, encoding='ascii') as file:
        core = [line.split()[4:6] for line in file
                if line.startswith('Max core file size')]
    tap.eq(rows['NoNewPrivs'].strip(), '1', 'no new privileges')
    tap.eq(rows['Umask'].strip(), '0077', 'its files are for its owner')
    tap.eq(core, [['0', '0']], 'no core file')
    tap.ok(int(rows['VmLck'].split()[0]) > 0, 'its keys never reach the swap',
           rows['VmLck'])


def still_serves(tap, safard):
    """An edition published meanwhile is read from inside the fence."""
    before = status_of(safard)['edition']
    safard.ctl('--data', safard.data, 'directory', 'verify',
               first_listing(safard), '--how', 'phone', '--who', 'probe')
    safard.ctl('--data', safard.data, 'publish')
    kit.wait_for('the next edition', 10,
                 lambda: status_of(safard)['edition'] > before)
    tap.ok(not status_of(safard).get('edition_trouble'),
           'a new edition is taken inside')
    tap.eq(safard.stop(), 0, 'and it ends well')


def first_listing(safard):
    rows = safard.ctl('--data', safard.data, 'directory', 'list', '--json')
    return json.loads(rows.splitlines()[0])['id']


def run(tap, stage):
    (gateway, gateway_port), (stranger, stranger_port) = listener(), listener()
    stage.closers += [gateway.close, stranger.close]
    safard, probe = Safard(stage, gateway_port), Probe(stage)
    os.symlink('/etc/passwd', os.path.join(safard.data, 'link'))
    probe.write('data', safard.data)
    probe.write('outside', stage.folder)
    probe.set('gateway', gateway_port)
    probe.set('stranger', stranger_port)

    probe.set('early', 1)
    safard.launch(probe.env)
    safard.process.wait_line(r'\bev=ready\b', 20)
    tap.eq((probe.get('result'), probe.read('failed')), (0, ''),
           'before it serves, all of it can be done')
    probe.set('early', 0)
    os.unlink(stage.path('taken'))

    box = status_of(safard)['sandbox']
    tap.eq({fence: box[fence] for fence in kernel_has()}, kernel_has(),
           'all is used that this kernel has')
    outside(tap, safard)
    inside(tap, safard, probe, box)
    still_serves(tap, safard)
    if box['calls'] and box['files']:
        on_older_kernels(tap, safard, probe)
    if box['calls']:
        ended(tap, safard, probe)
    else:
        tap.ok(True, 'deadly calls # SKIP this kernel has no seccomp')


if __name__ == '__main__':
    kit.main(run, 120)
