#!/usr/bin/env python3
"""Half of the most that goes through, over both drivers, for MINUTES: memory,
descriptors and the slowest answers must not grow.  Trends, not speed: the first
third is held against the last.

A day's people and texts are remembered, and the store keeps pages: safard says
how much memory that is, and all the rest has to stay as it is."""

import collections
import json
import os
import random
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'real'))

# pylint: disable=wrong-import-position
import kit
from safard import Safard

from peers import Bearerbox, Loop, Smsc, password_write

MINUTES = float(os.environ.get('MINUTES', '2'))
QUIET = 0.25  # of a core that others may use before a second is left out
QUIET_S = 10  # in each third, for the slowest answers to be compared
MOST_S = 8  # to find the most that goes through
AT_ONCE = 60  # texts without answer at each gateway, meanwhile
PEOPLE = 3000
TEXTS = ['юрист Москва', 'маошамро намедиҳанд', 'need a job in Kazan', 'menu',
         'жардам', 'врач Казань', 'ish kerak Toshkent']
STEP_S = 0.01
BYTES_EACH = 24  # for a day it is known that a text, or a part of one, was there
DAY_STEP = 1 << 20  # tables grow by steps
REST_KB = 2 << 10  # pages of malloc() that are in use for the first time


class Ask:
    """One text of one person, as the gateways want it."""

    def __init__(self, person, text):
        self.person = person
        self.text = text
        self.at = time.monotonic()
        self.sent = 0
        self.parts = 1
        self.acked_parts = set()


class Asker:
    def __init__(self, number, peer):
        self.number = number
        self.peer = peer
        self.count = 0
        self.ask = None


class Load:
    """People who write at a pace, or as fast as they are answered."""

    calm = True  # no gateway puts off

    def __init__(self, loop):
        self.loop = loop
        self.people = {}
        self.free = {}
        self.waits = []
        self.texts = self.answers = self.stray = self.refused = 0
        self.known = 0  # texts, and parts of texts
        self.at_once = 0
        self.peers = []
        self.pace = 0  # texts a second
        self.due = 0.0

    def people_make(self, peers):
        self.peers = peers
        for peer in peers:
            numbers = ['+99655%d%06d' % (peers.index(peer), n)
                       for n in range(PEOPLE // len(peers))]
            row = [Asker(number, peer) for number in numbers]
            self.free[peer.name] = collections.deque(row)
            self.people.update((asker.number, asker) for asker in row)

    def say(self, peer):
        if not self.free[peer.name]:
            return
        asker = self.free[peer.name].popleft()
        asker.count += 1
        asker.ask = Ask(asker, TEXTS[asker.count % len(TEXTS)])
        self.texts += 1
        peer.say(asker.ask)
        self.known += 1 + (asker.ask.parts if asker.ask.parts > 1 else 0)

    def step(self):
        """As many as are due now."""
        self.due += self.pace * STEP_S
        while self.due >= 1:
            self.due -= 1
            self.say(self.peers[self.texts % len(self.peers)])
        if self.pace:
            self.loop.later(STEP_S, self.step)

    def rush(self, at_once):
        self.at_once = at_once
        for peer in self.peers:
            for _ in range(at_once):
                self.say(peer)

    # told by the gateways

    def on_ack(self, message):
        pass

    def on_refused(self, _message):
        self.refused += 1

    def on_answer(self, number, _text):
        asker = self.people.get(number)
        if asker is None or asker.ask is None:
            self.stray += 1
            return
        self.answers += 1
        self.waits.append(time.monotonic() - asker.ask.at)
        asker.ask = None
        self.free[asker.peer.name].append(asker)
        if self.at_once:
            self.say(asker.peer)


def ask_status(safard):
    """As safarctl asks, without a program to start in the middle of it."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(os.path.join(safard.data, 'safard.sock'))
        sock.sendall(b'{"do":"status"}\n')
        with sock.makefile('rb') as answer:
            return json.loads(answer.readline())


def others_s(safard):
    """CPU seconds that the machine has spent on anybody but us, so far."""
    with open('/proc/stat', encoding='ascii') as file:
        fields = file.readline().split()[1:]
    user, nice, system, _idle, _wait, irq, softirq, steal = \
        (int(field) for field in fields[:8])
    spent = (user + nice + system + irq + softirq + steal) / \
        os.sysconf('SC_CLK_TCK')
    return spent - cpu_s(safard.process.pid) - sum(os.times()[:2])


class Sample:
    """One second."""

    def __init__(self, safard, load, before):
        self.at, self.others = time.monotonic(), others_s(safard)
        self.quiet = before is None or \
            self.others - before.others < QUIET * (self.at - before.at)
        process = safard.process
        self.memory_kb = self.fds = 0
        with open('/proc/%d/status' % process.pid, encoding='ascii') as file:
            for line in file:
                if line.startswith('VmRSS:'):
                    self.memory_kb = int(line.split()[1])
        try:  # of a process that leaves no core, only root sees these
            self.fds = len(os.listdir('/proc/%d/fd' % process.pid))
        except PermissionError:
            pass
        status = ask_status(safard)
        self.day_kb = sum(status['memory'].values()) / 1024
        self.rest_kb = self.memory_kb - self.day_kb - \
            status['store']['cache_bytes'] / 1024
        self.texts = load.texts
        self.known = load.known
        self.slow_ms = 1000 * kit.quantile(load.waits, 0.99) if load.waits \
            else 0
        load.waits = []


def cpu_s(pid):
    with open('/proc/%d/stat' % pid, encoding='ascii') as file:
        fields = file.read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def find_most(tap, loop, load, process):
    """Texts a second, as many at once as the gateways allow."""
    load.rush(AT_ONCE)
    loop.run(MOST_S / 4)
    before, cpu, start = load.answers, cpu_s(process.pid), time.monotonic()
    loop.run(MOST_S * 3 / 4)
    took = time.monotonic() - start
    most = (load.answers - before) / took
    busy = (cpu_s(process.pid) - cpu) / took
    tap.note('most: %.0f texts/s, safard busy %.0f %% of a core: %s' % (
        most, 100 * busy, 'it is the limit' if busy > 0.9 else
        'the gateways of this test, in Python, are the limit'))
    load.at_once = 0
    return most


def third(samples, which):
    size = len(samples) // 3
    return samples[:size] if which == 0 else samples[-size:]


def judge(tap, samples):
    def middle(which, field):
        return kit.median([getattr(s, field) for s in third(samples, which)])

    texts, known = (middle(1, field) - middle(0, field)
                    for field in ('texts', 'known'))
    memory = [middle(which, 'memory_kb') for which in (0, 1)]
    fds = [middle(which, 'fds') for which in (0, 1)]
    quiet = [[s.slow_ms for s in third(samples, which) if s.quiet]
             for which in (0, 1)]
    print('soak: %.1f minutes, %d texts; first and last third: memory %d and '
          '%d kB, descriptors %d and %d, p99 %.1f and %.1f ms' % (
              MINUTES, samples[-1].texts - samples[0].texts, *memory, *fds,
              *(middle(which, 'slow_ms') for which in (0, 1))),
          file=sys.stderr, flush=True)
    day, rest = (middle(1, field) - middle(0, field)
                 for field in ('day_kb', 'rest_kb'))
    tap.note('memory grew by %d kB over %d texts and parts (%d texts): %d kB to'
             ' know them for a day, %d kB of pages of the store, %d kB of '
             'anything else' % (
                 memory[1] - memory[0], known, texts, day,
                 memory[1] - memory[0] - day - rest, rest))
    tap.ok(day * 1024 <= known * BYTES_EACH + DAY_STEP,
           'a text, or a part of one, is remembered in some bytes')
    tap.ok(rest <= REST_KB, 'and all other memory is flat')
    if fds[0]:
        tap.eq(fds[1], fds[0], 'as many descriptors')
    else:
        tap.ok(True, 'as many descriptors # SKIP only root can count them')
    if min(len(waits) for waits in quiet) < QUIET_S:
        tap.ok(True, 'the slowest answers are no slower # SKIP the machine was '
               'busy with others: %d and %d quiet seconds in a third, at '
               'least %d are wanted' % (*map(len, quiet), QUIET_S))
        return
    slow = [kit.median(waits) for waits in quiet]
    tap.ok(slow[1] <= 3 * max(slow[0], 5), 'the slowest answers are no slower',
           'p99 by quiet seconds, median of a third: %r' % slow)


def run(tap, stage):
    loop, rng = Loop(), random.Random(1)
    load = Load(loop)
    peers = [Bearerbox('kannel', loop, load, rng),
             Smsc('smpp', loop, load, rng, 'transceiver')]
    load.people_make(peers)
    safard = Safard(stage, name='data')
    safard.set('gateways', [line for peer in peers
                            for line in peer.settings()])
    password_write(safard, peers[1].name)
    safard.start()
    loop.run(20, lambda: all(peer.up for peer in peers))
    load.pace = find_most(tap, loop, load, safard.process) / 2
    tap.ok(load.pace > 0, 'texts go through')
    tap.note('now %.0f texts/s' % load.pace)
    load.step()
    samples, end = [], time.monotonic() + 60 * MINUTES
    loop.run(3)
    load.waits = []
    while time.monotonic() < end:
        loop.run(1)
        samples.append(Sample(safard, load, samples[-1] if samples else None))
    load.pace = 0
    loop.run(20, lambda: load.answers >= load.texts and
             all(peer.idle for peer in peers))
    judge(tap, samples)
    tap.eq((load.answers, load.stray, load.refused), (load.texts, 0, 0),
           'every text is answered once')
    tap.eq(safard.stop(), 0, 'safard ends well')
    tap.eq(safard.requests()[0], load.texts, 'and has one log row')


if __name__ == '__main__':
    kit.main(run, int(60 * MINUTES) + 180)
