#!/usr/bin/env python3
"""Bearerboxes that waste our time or our memory: one closes every link at
once, the other hands over texts and never reads what we say."""

import socket
import time

import box
import kit
from safard import Safard

FLAP_S = 8
CONNECTS_MAX = 8  # in that time; without a growing pause it would be 20
DEAF_S = 20
MEMORY_MAX_KB = 64 << 10  # more than without the deaf peer


def memory_kb(process):
    with open('/proc/%d/status' % process.pid, encoding='ascii') as status:
        for line in status:
            if line.startswith('VmRSS:'):
                return int(line.split()[1])
    return 0


def fickle(tap, bearerbox):
    bearerbox.server.settimeout(1)
    connects, end = 0, time.monotonic() + FLAP_S
    while time.monotonic() < end:
        try:
            bearerbox.server.accept()[0].close()
            connects += 1
        except socket.timeout:
            pass
    tap.ok(0 < connects <= CONNECTS_MAX,
           'closed at once: ever longer pauses', '%d connects' % connects)


def deaf(tap, safard, link):
    before = memory_kb(safard.process)
    frames = box.mo('+996555600001', '1414', 'menu') * 1000
    link.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.sock.settimeout(5)
    end, closed, sent = time.monotonic() + DEAF_S, False, 0
    while not closed and time.monotonic() < end:
        try:
            link.sock.sendall(frames)
            sent += 1000
        except OSError:
            closed = True
    tap.ok(closed, 'a peer that never reads is left', '%d repeats' % sent)
    more = memory_kb(safard.process) - before
    tap.ok(more < MEMORY_MAX_KB, 'before it takes our memory',
           '%d kB' % more)


def run(tap, stage):
    boxes = [box.Bearerbox(stage) for _ in range(2)]
    safard = Safard(stage, *[b.port for b in boxes])
    safard.start()
    link = boxes[1].accept()
    fickle(tap, boxes[0])
    deaf(tap, safard, link)
    tap.eq(safard.stop(), 0, 'safard ends well')
    tap.eq(safard.requests(), (1, 1), 'one request, however often repeated')


if __name__ == '__main__':
    kit.main(run, 120)
