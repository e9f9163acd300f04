#!/usr/bin/env python3
"""What somebody can do who has taken safar-console over: as
test_safety_sandbox.py, whose calls these are, tried from inside its loop."""

import errno
import os
import socket

import kit
from console import Console
from test_safety_sandbox import (DEADLY, Probe, kernel_has, listener, told)

SERVING = ['map_memory', 'socket_tcp', 'signal_self', 'look_at_limit']
# what safard may do in the data folder, too: the console has open what it needs
REFUSED = [
    ('files', errno.EACCES, ['read_store', 'make_file', 'make_folder',
                             'read_users', 'read_process', 'write_memory',
                             'list_root', 'write_outside', 'follow_link']),
    ('ports', errno.EACCES, ['connect_stranger', 'connect_gateway']),
    ('calls', errno.EPERM, [
        'make_link', 'make_fifo', 'give_away', 'map_code', 'become_code',
        'memory_file', 'socket_udp', 'socket_unix', 'socket_netlink',
        'bind_port', 'listen_port', 'signal_parent', 'be_dumpable',
        'change_limit'])]


def ask(console, probe, name):
    """0 or an errno, or the signal that ended the console, negative."""
    probe.set('done', 0)
    probe.write('name', name)
    with socket.create_connection(('127.0.0.1', console.port)) as wake:
        wake.sendall(b'GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n')
        kit.wait_for(name, 10, lambda: probe.get('done')
                     or not console.process.alive())
    probe.write('name', '')
    if probe.get('done'):
        return probe.get('result')
    return console.process.popen.returncode


def run(tap, stage):
    (gateway, gateway_port), (stranger, stranger_port) = listener(), listener()
    stage.closers += [gateway.close, stranger.close]
    console, probe = Console(stage, start=False), Probe(stage)
    os.symlink('/etc/passwd', os.path.join(console.data, 'link'))
    probe.write('data', console.data)
    probe.write('outside', stage.folder)
    probe.set('gateway', gateway_port)
    probe.set('stranger', stranger_port)
    console.start(env=probe.env)
    box = kernel_has()
    for name in SERVING:
        tap.eq(told(ask(console, probe, name)), 'done', '%s: may' % name)
    for fence, code, names in REFUSED:
        for name in names:
            if box[fence]:
                tap.eq(told(ask(console, probe, name)), told(code),
                       '%s: refused' % name)
            else:
                tap.skip(name, 'this kernel has no fence around ' + fence)
    tap.eq(console.nobody().get('/api/health')[0], 200, 'it goes on serving')
    tap.eq(console.stop(), 0, 'and ends well')
    for name in DEADLY[:4] if box['calls'] else []:
        console.start(env=probe.env)
        tap.eq(told(ask(console, probe, name)), 'SIGSYS',
               '%s: the end of it' % name)
        console.process.kill()


if __name__ == '__main__':
    kit.main(run, 120)
