#!/usr/bin/env python3
"""How long an answer takes at 100 texts a second: shown, not judged."""

import time

import box
import kit
from kannel import Kannel, Phones
from safard import Safard

PER_S = 100
TEXTS = 500
WORDS = ['юрист Москва', 'ёрӣ', 'жардам', 'menu', 'врач Казань']


def tell(tap, what, waits):
    tap.note('%s, %d texts/s: median %.2f ms, 99 %% within %.2f ms' % (
        what, PER_S, kit.median(waits) * 1000,
        kit.quantile(waits, 0.99) * 1000))


def at_the_box(tap, stage):
    """From the moment bearerbox hands a text over to the moment it has the
    answer: safard alone, with its commit to disk."""
    bearerbox = box.Bearerbox(stage)
    safard = Safard(stage, bearerbox.port, name='data-box')
    safard.start()
    link = bearerbox.accept()
    sent, waits = {}, []
    start = time.monotonic()
    end = start + TEXTS / PER_S + 10
    while len(waits) < TEXTS and time.monotonic() < end:
        due = start + len(sent) / PER_S
        if len(sent) < TEXTS and time.monotonic() >= due:
            number = '+99655530%04d' % len(sent)
            frame = box.mo(number, '1414', WORDS[len(sent) % len(WORDS)])
            sent[number] = time.monotonic()
            link.send(frame)
            continue
        left = due - time.monotonic() if len(sent) < TEXTS else 0.2
        message = link.next(max(0, left), box.SMS)
        if message is not None:
            waits.append(message['at'] -
                         sent[message['receiver'].decode()])
            link.accept_mt(message)
    tap.eq(len(waits), TEXTS, 'every text handed over is answered')
    tell(tap, 'from bearerbox to bearerbox', waits)
    tap.eq(safard.stop(), 0, 'safard ends well')


def from_phone_to_phone(tap, stage):
    """The same through a real Kannel, whose own work is in it."""
    kannel = Kannel(stage)
    kannel.start()
    safard = Safard(stage, kannel.box_port, name='data-kannel')
    safard.start()
    phones = Phones(stage, kannel.phone_port)
    phones.connect()
    phones.send('+996555399999', 'menu')  # until both have found each other
    phones.wait(20, len)
    sent = {}
    start = time.monotonic()
    for n in range(TEXTS):
        time.sleep(max(0, start + n / PER_S - time.monotonic()))
        number = '+99655531%04d' % n
        sent[number] = time.monotonic()
        phones.send(number, WORDS[n % len(WORDS)])
    phones.wait(20, lambda replies: len(replies) >= TEXTS + 1)
    waits = [r.at - sent[r.number] for r in phones.replies
             if r.number in sent]
    tap.eq(len(waits), TEXTS, 'every text from a phone is answered')
    tell(tap, 'from phone to phone through Kannel', waits)
    tap.eq(safard.stop(), 0, 'safard ends well')


def run(tap, stage):
    at_the_box(tap, stage)
    from_phone_to_phone(tap, stage)


if __name__ == '__main__':
    kit.main(run, 120)
