#!/usr/bin/env python3
"""safarctl panic ends the console, too: whoever was logged in is not any more,
nobody can log in, and what let them in is nowhere on the disk."""

import glob
import os
import signal
import subprocess
import sys

import kit
from console import Console
from safard import BIN


def panic(console):
    done = subprocess.run(
        [os.path.join(BIN, 'safarctl'), '--data', console.data, 'panic',
         '--yes'], check=False, timeout=kit.patient(60), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode()


def secrets_of(console):
    """What is kept to check passwords, tokens and codes against."""
    rows = console.sql('SELECT password, totp, recovery FROM user'
                       ' WHERE password <> ?', '')
    rows += console.sql('SELECT token FROM session')
    rows += console.sql('SELECT token, totp FROM invite')
    with open(os.path.join(console.data, 'console.key'), 'rb') as file:
        rows.append((file.read().strip(),))
    return [value.encode() if isinstance(value, str) else value
            for row in rows for value in row if value]


def left(console, secrets):
    files = glob.glob(os.path.join(console.data, 'console*'))
    found = []
    for path in files:
        if os.path.isfile(path):
            with open(path, 'rb') as file:
                data = file.read()
            found += [path for secret in secrets if secret in data]
    return found


def run(tap, stage):
    console = Console(stage)
    anna = console.user('anna', 'admin')
    boris = console.user('boris', 'operator')
    console.invite('carl', 'operator')
    tap.eq(anna.get('/api/me')[0], 200, 'somebody is logged in')
    secrets = secrets_of(console)
    tap.ok(len(secrets) >= 10 and left(console, secrets),
           'there is much that lets people in', len(secrets))
    # one that hangs is ended, too
    os.kill(console.process.pid, signal.SIGSTOP)
    code, out = panic(console)
    tap.ok(code == 0 and 'logged in to the console' in out, 'panic', out)
    tap.eq(kit.wait_for('its end', 10,
                        lambda: console.process.popen.poll()),
           -signal.SIGKILL, 'the console is killed, with what it knows')
    tap.eq(left(console, secrets), [],
           'no key, token, password or code is in a file of it')
    tap.ok(not os.path.exists(os.path.join(console.data, 'console.key')),
           'nor the key\'s name')
    tap.eq(console.sql('SELECT action FROM audit ORDER BY id DESC LIMIT 1'),
           [('panic',)], 'who did it is in the chain')
    console.start()  # a supervisor would
    tap.eq([who.get('/api/me')[0] for who in (anna, boris)], [401, 401],
           'a console that starts again knows no session')
    status, got = anna.login('anna')
    tap.eq((status, got['error']), (401, 'login_wrong'),
           'and lets nobody in by a password of before')
    dora = console.user('dora', 'admin')
    tap.eq(dora.get('/api/me')[0], 200, 'but who is invited anew')
    code, out = panic(console)
    tap.ok(code == 0, 'panic again', out)
    empty = console.safard.data + '-2'
    console.safard.ctl('init', empty)
    done = subprocess.run(
        [os.path.join(BIN, 'safarctl'), '--data', empty, 'panic', '--yes'],
        check=False, timeout=kit.patient(60), capture_output=True)
    tap.eq((done.returncode, os.path.exists(empty + '/console.db')),
           (0, False), 'where there is no console, there is none to end')


if __name__ == '__main__':
    sys.exit(kit.main(run, 120))
