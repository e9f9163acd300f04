#!/usr/bin/env python3
"""Two bearerboxes fall silent, each in its way: one within a frame, the other
takes an answer and says nothing.  safard must leave both by itself, serve
others meanwhile, and lose nothing."""

import time
import uuid

import box
import kit
from safard import Safard

STALL_S = 120  # by then safard must have given up
TEXT = 'нужен юрист, обыдленник'


def answer(tap, link, number, name, **values):
    """A text on this link is acknowledged and answered, once."""
    ident = values.pop('id', str(uuid.uuid4()))
    link.send(box.mo(number, '1414', TEXT, id=ident, **values))
    nack, got = None, 0
    while True:
        done = nack is not None and got
        message = link.next(0.5 if done else 10, box.SMS, box.ACK)
        if message is None:
            break
        if message['kind'] == box.ACK:
            nack = message['nack']
        else:
            link.accept_mt(message)
            got += message['receiver'].decode() == number
    tap.eq((nack, got), (box.ACK_SUCCESS, 1), name)


def run(tap, stage):
    boxes = [box.Bearerbox(stage) for _ in range(3)]
    safard = Safard(stage, *[b.port for b in boxes])
    safard.start()
    half, mute, good = [b.accept() for b in boxes]
    numbers = ['+99655550%04d' % n for n in range(6)]
    answer(tap, half, numbers[0], 'the first bearerbox is served')
    answer(tap, mute, numbers[1], 'the second too')

    ident = str(uuid.uuid4())
    half.send(box.mo(numbers[2], '1414', TEXT)[:30])
    mute.send(box.mo(numbers[3], '1414', TEXT, id=ident))
    started = time.monotonic()
    answer(tap, good, numbers[4], 'the third is served meanwhile')
    for at, what in ((0, 'half a frame'), (1, 'an answer nobody takes')):
        link = boxes[at].accept(STALL_S)
        tap.note('%s, then nothing: left after %.1f s' % (
            what, time.monotonic() - started))
        if at == 0:
            answer(tap, link, numbers[2], 'the cut text comes again, whole')
        else:
            answer(tap, link, numbers[3], 'the answer comes again, once',
                   id=ident)
    answer(tap, good, numbers[5], 'the third is served still')

    tap.eq(safard.stop(), 0, 'safard ends well')
    tap.eq(safard.requests(), (6, 6), 'one log row for each text')
    kit.expect_no_traces(tap, stage, safard.files(), numbers,
                         [TEXT, 'обыдленник'])


if __name__ == '__main__':
    kit.main(run, 300)
