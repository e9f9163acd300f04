#!/usr/bin/env python3
"""kill -9 of safard and of bearerbox while 500 texts are under way: every text
is one request, every answer reaches its phone, and only what the cut commit
held may be sent twice."""

import math
import os
import signal
import threading
import time

import kit
from kannel import Kannel, Phones
from safard import Safard

TEXTS = 500
WORDS = ['юрист Москва зябликова', 'мактаб корхона зябликова',
         'lawyer Moscow quokkaish', 'menu quokkaish', 'ЖАРДАМ зябликова']
# after so many answers in all, end these
PLAN = [(40, ('safard',)), (110, ('safard',)), (180, ('bearerbox',)),
        (250, ('safard', 'bearerbox')), (320, ('bearerbox', 'safard'))]


class Killer:
    """Ends processes from the phones' thread, the moment the answer comes."""

    def __init__(self):
        self.victims = {}
        self.after = None
        self.done = threading.Event()
        self.at = []

    def arm(self, after, victims):
        self.done.clear()
        self.victims = victims
        self.after = after

    def on_reply(self, count):
        if self.after is not None and count >= self.after:
            self.after = None
            self.at.append(time.monotonic())
            for process in self.victims:
                os.kill(process.pid, signal.SIGKILL)
            self.done.set()


def send_all(kannel, safard, phones, numbers):
    """All texts are in Kannel's hands before safard takes the first: what the
    fake SMSC has not read yet is nobody's when bearerbox dies."""
    safard.process.signal(signal.SIGSTOP)
    for at, number in enumerate(numbers):
        phones.send(number, WORDS[at % len(WORDS)])
    kit.wait_for('%d texts in the spool' % len(numbers), 30,
                 lambda: kannel.spooled()[0] == len(numbers))


def unsure(kannel, safard, victims):
    """How many answers nobody can know to have arrived: queued in safard's
    store, and in bearerbox's if that was cut."""
    safard.process.signal(signal.SIGSTOP)
    queued = safard.answers()[0]
    rows, _people = safard.requests()
    if 'bearerbox' in victims:
        queued += kannel.spooled()[1]
    return queued, rows


def cut(tap, kannel, safard, phones, killer):
    """Go through the plan; returns how many repeats may come of each kill."""
    allowed = []
    processes = {'safard': safard, 'bearerbox': kannel}
    for count, victims in PLAN:
        killer.arm(count, [processes[name].process for name in victims])
        safard.process.signal(signal.SIGCONT)
        if not killer.done.wait(kit.patient(120)):
            raise kit.TooLong('answer %d of %d did not come' % (
                count, TEXTS))
        for name in victims:
            processes[name].process.popen.wait(kit.patient(10))
        queued, rows = unsure(kannel, safard, victims)
        tap.ok(rows < TEXTS, 'kill -9 of %s with %d of %d texts taken' % (
            ' and '.join(victims), rows, TEXTS))
        tap.note('%d answers had arrived, %d were on their way' % (
            len(phones.replies), queued))
        allowed.append(queued)
        if 'bearerbox' in victims:
            phones.close()
            kannel.start()
            phones.connect()
        if 'safard' in victims:
            safard.start()
        else:
            safard.process.signal(signal.SIGCONT)
    return allowed


def judge(tap, phones, numbers, killer, allowed):
    got = {number: phones.of(number) for number in numbers}
    tap.eq(sum(1 for row in got.values() if row), len(numbers),
           'every answer reached its phone')
    for at, word in enumerate(WORDS):
        texts = {r.text for number in numbers[at::len(WORDS)]
                 for r in got[number]}
        tap.eq(len(texts), 1, 'the same answer to everyone, text %d' % at)
    again = [row.at for rows in got.values() for row in rows[1:]]
    tap.note('answers sent again: %d, at most %d may be' % (
        len(again), sum(allowed)))
    for cuts in range(len(PLAN) + 1):
        until = (killer.at + [math.inf])[cuts]
        tap.ok(sum(1 for at in again if at < until) <= sum(allowed[:cuts]),
               'after %d kills no more repeats than answers cut' % cuts)


def run(tap, stage):
    kannel = Kannel(stage, smsbox_max_pending=20)
    kannel.start()
    safard = Safard(stage, kannel.box_port)
    safard.set('outbox', ['  retry_s: 1', '  retry_most_s: 2'])
    safard.start()
    killer = Killer()
    phones = Phones(stage, kannel.phone_port)
    phones.on_reply = killer.on_reply
    phones.connect()
    numbers = ['+99655510%04d' % n for n in range(TEXTS)]

    send_all(kannel, safard, phones, numbers)
    allowed = cut(tap, kannel, safard, phones, killer)
    started = time.monotonic()
    phones.wait(150, lambda replies: len({r.number for r in replies}) >= TEXTS)
    tap.note('the rest took %.1f s' % (time.monotonic() - started))
    kit.wait_for('an empty spool', 90,
                 lambda: kannel.spooled()[:2] == (0, 0))
    tap.note('files bearerbox was killed over: %d' % kannel.spooled()[2])
    time.sleep(1)  # for a repeat that should not come
    tap.eq(safard.stop(), 0, 'safard ends well')
    judge(tap, phones, numbers, killer, allowed)
    tap.eq(safard.requests(), (TEXTS, TEXTS),
           'every text has exactly one log row')
    tap.eq(safard.answers()[0], 0, 'nothing is left to send')
    kit.expect_no_traces(
        tap, stage, list(safard.files()) + [stage.path('kannel.err'),
                                            stage.path('bearerbox.log')],
        numbers, WORDS + ['зябликова', 'quokkaish'])


if __name__ == '__main__':
    kit.main(run, 600)
