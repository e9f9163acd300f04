#!/usr/bin/env python3
"""A file system that is really full under a safard that runs: texts are put
off, nothing that was acknowledged is lost, and with room it goes on by itself.
"""

import errno
import json
import os
import subprocess
import sys
import time

import box
import kit
from safard import BIN, Safard

CTL = os.path.join(BIN, 'safarctl')
SIZE = 24 << 20


def mount(stage):
    """A small tmpfs as the data folder, or why not."""
    data = stage.path('data')
    os.mkdir(data)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=%d' % SIZE,
                           'tmpfs', data], check=False,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        return done.stderr.decode().strip()
    stage.closers.append(lambda: subprocess.run(['umount', '-l', data],
                                                check=False))
    return None


def fill(path):
    """Take all the room there is."""
    with open(path, 'wb', buffering=0) as file:
        for size in (1 << 20, 1 << 16, 4096, 1):
            try:
                while True:
                    file.write(b'\0' * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def status(safard):
    done = subprocess.run([CTL, '--data', safard.data, 'status', '--json'],
                          check=True, stdout=subprocess.PIPE, timeout=kit.patient(20))
    return json.loads(done.stdout)


class Gateway:
    """Says texts; knows which of them were acknowledged."""

    def __init__(self, link):
        self.link = link
        self.taken = set()
        self.answers = []

    def say(self, number, sms_id):
        """The nack of one text; an answer of another is taken on the way."""
        self.link.send(box.mo(number, '1414', 'menu', id=sms_id))
        while True:
            message = self.link.next(20, box.SMS, box.ACK)
            if message is None:
                raise kit.TooLong('no acknowledgement')
            if message['kind'] == box.ACK:
                break
            self.answer(message)
        if message['nack'] == box.ACK_SUCCESS:
            self.taken.add(number)
        return message['nack']

    def answer(self, message):
        self.link.accept_mt(message)
        self.answers.append(message['receiver'].decode())

    def rest(self, seconds):
        while True:
            message = self.link.next(seconds, box.SMS)
            if message is None:
                return
            self.answer(message)


def who(at):
    return '+99655500%04d' % at, '00000000-0000-4000-8000-%012d' % at


def until_refused(safard, gateway, first):
    """Say texts until the store has no room at all: pages of the write-ahead
    log are used again as long as there are any.  The text that was put off,
    the nacks, and what status says then."""
    nacks = set()
    for at in range(first, first + 1000):
        nack = gateway.say(*who(at))
        if nack == box.ACK_SUCCESS:
            continue
        nacks.add(nack)
        got = status(safard)['store']
        if not got['ok']:
            return at, nacks, got
    raise kit.TooLong('1,000 texts on a full disk')


def run_full(tap, safard, gateway, first):
    filler = os.path.join(safard.data, 'filler')
    fill(filler)
    put_off, nacks, got = until_refused(safard, gateway, first)
    tap.eq(nacks, {box.ACK_FAILED_TMP}, 'a full disk: put off')
    tap.ok('No space' in got['why'], 'status says so', got)
    safard.process.wait_line(r'\bev=store_fails\b.*No space', 5)
    tap.ok(True, 'the log says so')
    os.unlink(filler)
    kit.wait_for('the store to work again', 20,
                 lambda: status(safard)['store']['ok'])
    tap.ok(safard.process.alive(), 'with room it works again, by itself')
    again = {gateway.say(*who(at)) for at in range(first, put_off + 1)
             if who(at)[0] not in gateway.taken}
    tap.eq(again, {box.ACK_SUCCESS}, 'what was put off is taken')
    return put_off + 1


def run(tap, stage):
    why = mount(stage)
    if why is not None:
        print('ok 1 # SKIP no tmpfs can be mounted here (root is needed): '
              + why, flush=True)
        print('# SKIPPED: a really full file system was NOT tested',
              file=sys.stderr, flush=True)
        tap.run += 1
        return
    bearer = box.Bearerbox(stage)
    safard = Safard(stage, bearer.port)
    safard.start()
    gateway = Gateway(bearer.accept())
    at = 0
    for at in range(20):
        gateway.say(*who(at))
    tap.eq(len(gateway.taken), 20, 'with room every text is taken')
    at = run_full(tap, safard, gateway, 20)
    at = run_full(tap, safard, gateway, at)
    gateway.rest(2)
    tap.eq(sorted(gateway.answers), sorted(gateway.taken),
           'every text that was acknowledged is answered, once')
    safard.kill()
    time.sleep(0.1)
    tap.eq(safard.requests(), (len(gateway.taken), len(gateway.taken)),
           'and is in the log after kill -9, once')
    safard.start()
    gateway.link = bearer.accept()
    tap.eq(gateway.say(*who(at)), box.ACK_SUCCESS, 'it starts again')
    safard.stop()


if __name__ == '__main__':
    kit.main(run, 120)
