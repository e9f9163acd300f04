#!/usr/bin/env python3
"""An SMSC that hands over 100,000 texts as fast as the wire takes them, and one
that reads no answer: memory stays bounded, every text gets its one response,
none that was acknowledged is lost, and the other gateway is served."""

import collections
import json
import struct
import threading
import time

import kit
import smsc
from safard import Safard

TEXTS = 100000
BATCH = 2000
GROWTH_MB = 48


def resident_mb(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        for line in file:
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
    raise ValueError('no VmRSS')


class Counting:
    """Statuses of the responses to deliver_sm, by their sequence."""

    def __init__(self, place):
        self.statuses = collections.Counter()
        self.seen = bytearray(TEXTS)
        self.reading = threading.Event()
        self.reading.set()
        self.doubled = 0
        place.on_pdu = self.take

    def take(self, _link, pdu):
        self.reading.wait(kit.patient(60))
        if pdu.command == smsc.DELIVER | smsc.RESP and pdu.sequence >= 1000:
            self.statuses[pdu.status] += 1
            self.doubled += self.seen[pdu.sequence - 1000]
            self.seen[pdu.sequence - 1000] = 1
            return True
        return False

    def count(self):
        return sum(self.statuses.values())


def batches():
    make = smsc.mo('+996555000000', 'lawyer')[0]
    for start in range(0, TEXTS, BATCH):
        yield b''.join(
            make(1000 + at).replace(b'996555000000', b'9965550%05d' % at)
            for at in range(start, start + BATCH))


def is_served(good, number):
    since = time.monotonic()
    good.deliver(number, 'lawyer')
    served = good.wait_texts(20, lambda texts: any(
        text.number == number for text in texts))
    return served and time.monotonic() - since


def watch(safard, most, ended):
    while not ended.is_set():
        most.append(resident_mb(safard.process.pid))
        ended.wait(0.05)


def flood(tap, safard, bad, good, counting):
    link = bad.wait_bound(20)
    before = resident_mb(safard.process.pid)
    most, ended = [before], threading.Event()
    watcher = threading.Thread(target=watch, args=(safard, most, ended))
    watcher.start()
    data = list(batches())
    sent = threading.Thread(
        target=lambda: [link.send(batch) for batch in data])
    started = time.monotonic()
    sent.start()
    waits = [is_served(good, '+9965556%05d' % at) for at in range(5)]
    counting.reading.clear()  # now the SMSC reads nothing for a while
    time.sleep(3)
    waits += [is_served(good, '+9965556%05d' % at) for at in range(5, 10)]
    counting.reading.set()
    sent.join(kit.patient(120))
    kit.wait_for('a response for each text', 120,
                 lambda: counting.count() >= TEXTS)
    seconds = time.monotonic() - started
    ended.set()
    watcher.join()
    tap.ok(all(waits), 'the other gateway is served meanwhile')
    tap.note('its answers came within %.2f s' % max(waits))
    tap.eq(counting.doubled, 0, 'one response for each text')
    tap.ok(set(counting.statuses) <= {smsc.ROK, smsc.RX_T_APPN},
           'taken, or asked for again', dict(counting.statuses))
    tap.ok(counting.statuses[smsc.ROK] > 0, 'some were taken')
    tap.ok(max(most) - before < GROWTH_MB, 'memory stays bounded: %.1f MB, '
           'then at most %.1f MB' % (before, max(most)))
    tap.note('%d texts in %.1f s: %r' % (TEXTS, seconds,
                                         dict(counting.statuses)))
    tap.ok(not link.closed, 'the link lives')


def broken_flood(tap, safard, bad, good):
    """100,000 PDUs that break their form: each answered, none kept."""
    link = bad.receiver()
    before = resident_mb(safard.process.pid)
    one = struct.pack('>IIII', 16, 0x7777, 0, 7)
    refused = []
    bad.on_pdu = lambda _link, pdu: (
        pdu.command == smsc.NACK and (refused.append(1) or True))
    threading.Thread(target=lambda: link.send(one * TEXTS)).start()
    kit.wait_for('a generic_nack for each', 60, lambda: len(refused) >= TEXTS)
    tap.ok(True, '%d unknown commands are refused' % TEXTS)
    grown = resident_mb(safard.process.pid) - before
    tap.ok(grown < GROWTH_MB, 'and kept nowhere: %.1f MB more' % grown)
    tap.ok(is_served(good, '+996555600099'), 'the other gateway is served')


def silent(tap, stage):
    """An SMSC that could be sent nothing for long, then takes all of it and
    answers none: thousands of parts go out and not a byte comes in."""
    place, people = smsc.Smsc(stage), 2400
    submitted, refused = [], [smsc.BIND_TX]
    place.on_bind = lambda _link, pdu: (
        smsc.RBINDFAIL if pdu.command in refused else smsc.ROK)
    place.on_submit = lambda _link, pdu: submitted.append(pdu.dest)
    safard = Safard(stage, name='silent')
    safard.set('gateways', smsc.gateway(
        safard, place, bind='transmitter+receiver', window=10000))
    safard.start()
    link = place.wait_bound(20, commands=(smsc.BIND_RX,))
    one = smsc.mo('+996555000000', 'юрист Казань')[0]
    for at in range(people):
        link.send(one(1000 + at).replace(b'996555000000',
                                         b'9965557%05d' % at))
    kit.wait_for('the texts to be taken', 60,
                 lambda: len(place.resps) >= people)
    refused.clear()
    kit.wait_for('every answer to be submitted', 60, lambda: (
        len(set(submitted)) == people or not safard.process.alive()))
    tap.ok(safard.process.alive(),
           '%d parts go out without a response' % len(submitted))
    safard.stop()


def run(tap, stage):
    silent(tap, stage)
    bad, good = smsc.Smsc(stage), smsc.Smsc(stage)
    counting = Counting(bad)
    safard = Safard(stage)
    safard.set('gateways', smsc.gateway(safard, bad, name='flood') +
               smsc.gateway(safard, good, name='good'))
    safard.set('limit', ['  global_per_s: 2000'])
    safard.start()
    good.wait_bound(20)
    flood(tap, safard, bad, good, counting)
    broken_flood(tap, safard, bad, good)
    status = json.loads(safard.ctl('--data', safard.data, 'status', '--json'))
    counters = status['counters']
    tap.note(counters)
    tap.eq(counters['taken'], counting.statuses[smsc.ROK] + 11,
           'what was acknowledged was taken, nothing else')
    tap.eq(safard.stop(), 0, 'safard ends well')
    tap.eq(safard.requests()[0], counters['taken'], 'one log row for each')


if __name__ == '__main__':
    kit.main(run, 400)
