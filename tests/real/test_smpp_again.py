#!/usr/bin/env python3
"""An SMSC that takes some parts of an answer and refuses others for now: these
come again alone, under the same reference, and every part is taken once.  What
was given up, because the link died or the trouble lasted, comes again whole."""

import collections
import json

import kit
import smsc
from safard import Safard

TEXT = 'юрист Казань'
PARTS = 3
TRIES = 6  # of a part whose failure passes: the first, and after five pauses


class Parts:
    """What was submitted, by person and part; refuses what it is told to."""

    def __init__(self, place):
        self.place = place
        self.tries = collections.defaultdict(list)  # (person, part): statuses
        self.order = []  # (person, part) of every submit
        self.references = collections.defaultdict(set)
        self.refusals = {}  # part: statuses of its next tries
        self.always = {}  # part: status
        self.ids = 0
        self.on_taken = None  # (link, part)
        place.on_submit = self.take

    def take(self, link, pdu):
        reference, _total, part = pdu.place() or (None, 1, 1)
        status = self.always.get(part, smsc.ROK)
        if self.refusals.get(part):
            status = self.refusals[part].pop(0)
        self.tries[pdu.dest, part].append(status)
        self.order.append((pdu.dest, part))
        self.references[pdu.dest].add(reference)
        self.ids += 1
        if status == smsc.ROK and self.on_taken is not None:
            self.on_taken(link, part)
        return status, '%X' % self.ids

    def of(self, number):
        """The statuses of each part's tries."""
        return [self.tries[number[1:], part] for part in range(1, PARTS + 1)]

    def answered(self, number, seconds=60):
        return self.place.wait_texts(seconds, lambda texts: any(
            text.number == number for text in texts))


def counters(safard):
    return json.loads(safard.ctl('--data', safard.data, 'status',
                                 '--json'))['counters']


def number_of(at):
    return '+9965558%05d' % at


def once(tap, safard, parts, number, name, refusals, want):
    """Parts are refused so: their tries, each taken exactly once."""
    before = counters(safard)
    parts.refusals = {part: list(row) for part, row in refusals.items()}
    parts.place.deliver(number, TEXT)
    tap.ok(parts.answered(number), name + ': the answer is whole')
    tap.eq(parts.of(number), want, name + ': the tries of its parts')
    tap.eq(len(parts.references[number[1:]]), 1, name + ': one reference')
    kit.wait_for('its reports', 10, lambda: (
        counters(safard)['delivered'] > before['delivered']))
    after = counters(safard)
    tap.eq([after[key] - before[key] for key in
            ('sent', 'delivered', 'retried', 'failed')], [1, 1, 0, 0],
           name + ': sent and delivered once, never given back')


def refused(tap, safard, parts):
    ok, slow, full = smsc.ROK, smsc.RTHROTTLED, smsc.RMSGQFUL
    rows = [
        ('the second throttled', {2: [slow]}, [[ok], [slow, ok], [ok]]),
        ('the second throttled twice, the queue full once',
         {2: [slow, full, slow]}, [[ok], [slow, full, slow, ok], [ok]]),
        ('the first throttled', {1: [slow]}, [[slow, ok], [ok], [ok]]),
        ('all but the first', {2: [slow], 3: [full]},
         [[ok], [slow, ok], [full, ok]]),
        ('failures that pass', {2: [smsc.RSYSERR], 3: [smsc.RX_T_APPN]},
         [[ok], [smsc.RSYSERR, ok], [smsc.RX_T_APPN, ok]]),
        ('throttled and failed', {1: [smsc.RSUBMITFAIL], 3: [slow]},
         [[smsc.RSUBMITFAIL, ok], [ok], [slow, ok]]),
    ]
    for at, (name, refusals, want) in enumerate(rows):
        once(tap, safard, parts, number_of(at), name, refusals, want)


def many(tap, safard, parts):
    """Answers at once, in which every third submit is refused."""
    before = counters(safard)
    numbers = [number_of(100 + at) for at in range(20)]
    seen = []

    def refuse(link, pdu):
        seen.append(pdu)
        part = pdu.place()[2]
        parts.refusals = {part: [smsc.RTHROTTLED]} if (
            part > 1 and len(seen) % 3 == 0) else {}
        return parts.take(link, pdu)

    parts.place.on_submit = refuse
    for number in numbers:
        parts.place.deliver(number, TEXT)
    tap.ok(all(parts.answered(number) for number in numbers),
           'many: all are whole')
    parts.place.on_submit = parts.take
    taken = [row.count(smsc.ROK) for number in numbers
             for row in parts.of(number)]
    tries = sum(len(row) for number in numbers for row in parts.of(number))
    tap.ok(tries > len(taken), 'many: some were refused', tries)
    tap.eq(set(taken), {1}, 'many: each part taken once')
    tap.eq(counters(safard)['retried'], before['retried'],
           'many: none was given back')


def given_up(tap, safard, parts):
    """The trouble lasts: after some tries the answer is the core's again."""
    number, before = number_of(200), counters(safard)
    parts.always = {2: smsc.RSYSERR}
    parts.place.deliver(number, TEXT)
    kit.wait_for('the answer given back', 90, lambda: (
        counters(safard)['retried'] > before['retried']))
    kit.wait_for('the next try', 30, lambda: (
        len(parts.tries[number[1:], 1]) > 1))
    parts.always = {}
    order = [part for who, part in list(parts.order) if who == number[1:]]
    whole = order.index(1, order.index(1) + 1)  # it is begun anew
    tap.eq(order[:whole].count(2), TRIES,
           'a part that always fails: so many tries')
    tap.eq((order[:whole].count(1), order[:whole].count(3)), (1, 1),
           'the others once until then')
    tap.ok(parts.answered(number), 'and then whole')


def refused_for_good(tap, safard, parts):
    number, before = number_of(201), counters(safard)
    parts.refusals = {2: [smsc.RINVDSTADR], 3: [smsc.RTHROTTLED]}
    parts.place.deliver(number, TEXT)
    kit.wait_for('the end', 10, lambda: (
        counters(safard)['failed'] > before['failed']))
    tap.eq([len(row) for row in parts.of(number)], [1, 1, 1],
           'a part refused for good: nothing is tried again')


def cut(tap, safard, parts):
    """The link dies while a part is kept."""
    number, before = number_of(202), counters(safard)
    parts.always = {2: smsc.RTHROTTLED}
    parts.place.deliver(number, TEXT)
    kit.wait_for('the refusal', 10, lambda: parts.of(number)[1])
    kit.wait_for('the others', 10, lambda: parts.of(number)[2])
    tap.eq(counters(safard)['retried'], before['retried'],
           'a part is kept: the answer is under way')
    parts.always = {}
    parts.place.cut()
    tap.ok(parts.answered(number), 'the link dies: the answer comes again')
    tap.eq(len(parts.references[number[1:]]), 1, 'under the same reference')


def erased(tap, safard, parts):
    """The person erases everything while a part is kept."""
    number, other = number_of(204), number_of(205)
    parts.place.wait_bound(20)
    parts.always = {2: smsc.RTHROTTLED}
    parts.place.deliver(number, TEXT)
    kit.wait_for('the others', 10, lambda: parts.of(number)[2])
    parts.place.deliver(number, '000')
    parts.always = {}
    kit.wait_for('that it is done', 30,
                 lambda: parts.tries[number[1:], 1].count(smsc.ROK) == 2)
    parts.place.deliver(other, TEXT)
    tap.ok(parts.answered(other), 'erased: others are answered')
    tap.ok(smsc.ROK not in parts.of(number)[1],
           'erased: the part that was kept is submitted no more',
           parts.of(number))
    kit.wait_for('nothing to be under way', 10, lambda: json.loads(safard.ctl(
        '--data', safard.data, 'status', '--json'))['waiting'] == 0)


def stopped(tap, safard, parts):
    """safard stops while a part is kept."""
    number = number_of(203)
    parts.place.wait_bound(20)
    parts.always = {2: smsc.RTHROTTLED}
    parts.place.deliver(number, TEXT)
    kit.wait_for('the others', 10, lambda: parts.of(number)[2])
    tap.eq(safard.stop(), 0, 'safard ends well')
    tap.ok(smsc.ROK not in parts.of(number)[1], 'with a part kept')
    parts.always = {}
    safard.start()
    tap.ok(parts.answered(number), 'the next start sends the answer')


def run(tap, stage):
    place = smsc.Smsc(stage)
    place.receipts = 'DELIVRD'
    parts = Parts(place)
    safard = Safard(stage)
    safard.set('gateways', smsc.gateway(safard, place))
    safard.set('outbox', ['  retry_s: 1', '  retry_most_s: 2'])
    safard.start()
    place.wait_bound(20)
    refused(tap, safard, parts)
    many(tap, safard, parts)
    given_up(tap, safard, parts)
    refused_for_good(tap, safard, parts)
    cut(tap, safard, parts)
    erased(tap, safard, parts)
    stopped(tap, safard, parts)
    tap.eq(safard.stop(), 0, 'safard ends well again')


if __name__ == '__main__':
    kit.main(run, 300)
