#!/usr/bin/env python3
"""The golden conversations, long texts and delivery reports through a real
Kannel: bearerbox with the configuration we ship, safard in smsbox's place."""

import kit
from kannel import Kannel, Phones
from safard import Safard, goldens

LONG_GSM = ['Hello, I have a question about wages. My employer has not paid '
            'me for three months and I do not know where to turn to for ',
            'help. I work in Moscow and I live there too. Please answer me.']


def say(phones, number, text, count, seconds=20):
    """Send a text, wait for count replies, give those that came.  Where none
    may come, wait a second for one."""
    before = len(phones.of(number))
    phones.send(number, text)
    phones.wait(seconds if count else 1,
                lambda _all: len(phones.of(number)) >= before + max(count, 1))
    return phones.of(number)[before:]


def converse(tap, phones, golden):
    for at, step in enumerate(golden.steps, 1):
        name = '%s, text %d' % (golden.name, at)
        got = say(phones, step.number, step.text, len(step.replies))
        if not tap.eq([r.text for r in got], [r[0] for r in step.replies],
                      name):
            return
        for reply, (_text, encoding, parts) in zip(got, step.replies):
            if encoding is not None:
                tap.eq((reply.encoding, reply.parts), (encoding, parts),
                       name + ': alphabet and parts')


def run_goldens(tap, phones):
    """Returns the numbers and texts used, and the replies seen."""
    numbers, texts = [], []
    every = goldens()
    tap.ok(every, 'there are golden conversations')
    for golden in every:
        numbers += [step.number for step in golden.steps]
        texts += [step.text for step in golden.steps]
        converse(tap, phones, golden)
    replies = phones.replies
    sent = ''.join(texts)
    tap.ok(any('\u0400' <= c <= '\u04ff' for c in sent), 'Cyrillic came in')
    tap.ok(any(t.isascii() and t.isalpha() for t in texts), 'GSM-7 came in')
    for encoding in ('ucs2', 'gsm7'):
        tap.ok(any(r.encoding == encoding for r in replies),
               '%s went out' % encoding)
    tap.ok(any(r.parts == 3 for r in replies), 'an answer of three parts')
    tap.ok(all(r.parts <= 3 for r in replies), 'none of more than three')
    return numbers, texts


def run_parts(tap, phones):
    """A text in two parts is one text: its answer is that of the same words
    sent in one piece by somebody else."""
    number, other = '+996555120901', '+996555120902'
    phones.send_parts(number, LONG_GSM, 0x5a)
    phones.wait(20, lambda _all: phones.of(number))
    got = phones.of(number)
    want = say(phones, other, ''.join(LONG_GSM), 1)
    tap.eq(len(got), 1, 'a text in two parts gets one answer')
    tap.ok(got and want and got[0].text == want[0].text,
           'and the same as in one piece')
    return [number, other], [''.join(LONG_GSM)] + LONG_GSM


def run(tap, stage):
    kannel = Kannel(stage)
    kannel.start()
    safard = Safard(stage, kannel.box_port)
    safard.start()
    phones = Phones(stage, kannel.phone_port)
    phones.connect()

    numbers, texts = run_goldens(tap, phones)
    more_numbers, more_texts = run_parts(tap, phones)
    numbers += more_numbers
    texts += more_texts

    kit.wait_for('an empty spool', 20, lambda: kannel.spooled() == (0, 0, 0))
    tap.eq(safard.stop(), 0, 'safard ends well')
    sent = len(phones.replies)
    states = safard.answers()
    tap.note('outbox by state: %r, answers: %d' % (states, sent))
    tap.eq(set(states), {DELIVERED}, 'every answer has its delivery report')
    tap.eq(safard.sealed(), 0, 'and none keeps its number')
    kit.expect_no_traces(
        tap, stage, list(safard.files()) + [stage.path('kannel.err'),
                                            stage.path('bearerbox.log')],
        numbers, [t for t in texts if len(t) >= 12])


DELIVERED = 2  # enum db_out_state

if __name__ == '__main__':
    kit.main(run, 300)
