#!/usr/bin/env python3
"""What is left in the memory of a running safard of people who wrote a second
ago, over Kannel's box protocol and over SMPP, answered or not yet: no number
and no text.  Only root may look; without, that it may not is tested."""

import re
import time

import box
import kit
import smsc
from safard import Safard

# Words nobody knows, so that they are in memory only if a text is.
TEXTS = ['адвокат зюйдвест%dй Москва', 'lawyer zuidwest%dj Moscow',
         'зюйдвест%dй зюйдвестой %s' % (0, 'ещё слово ' * 25)]
WORDS = ['зюйдвест', 'zuidwest']
PEOPLE = 24


def memory(pid):
    """[(name of the mapping, its bytes)], of those that can be written."""
    with open('/proc/%d/maps' % pid, encoding='utf-8') as file:
        rows = [line.split(None, 5) for line in file]
    with open('/proc/%d/mem' % pid, 'rb') as mem:
        for row in rows:
            if not row[1].startswith('rw'):
                continue
            low, high = (int(at, 16) for at in row[0].split('-'))
            mem.seek(low)
            yield (row[5].strip() if len(row) > 5 else ''), mem.read(high - low)


def left(safard, numbers):
    """What of these people is there, and around what."""
    needles = {number[1:].encode() for number in numbers}
    needles |= kit.text_needles(WORDS)
    found = []
    for name, data in memory(safard.process.pid):
        for needle in needles:
            for hit in re.finditer(re.escape(needle), data):
                around = data[max(0, hit.start() - 24):hit.end() + 24]
                found.append((needle, name, around))
    return found


def person(at):
    return '+9965551%05d' % (27000 + at)


def text(at):
    chosen = TEXTS[at % len(TEXTS)]
    return chosen % at if '%' in chosen else chosen


def say(link, place, numbers):
    for at, number in enumerate(numbers):
        if at % 2 == 0:
            link.send(box.mo(number, '1414', text(at)))
        else:
            place.deliver(number, text(at), concat='udh8', ref=at)


def answers(link, place, count):
    """Those of Kannel are not acknowledged: they stay under way."""
    seen = 0
    while seen < count // 2 and link.next(10, box.SMS):
        seen += 1
    place.wait_texts(20, lambda texts: len(texts) >= count // 2)
    return seen


def run(tap, stage):
    bearerbox, place = box.Bearerbox(stage), smsc.Smsc(stage)
    safard = Safard(stage)
    safard.set('gateways', [
        '  - name: kannel', '    driver: kannel', '    host: 127.0.0.1',
        '    port: %d' % bearerbox.port, '    line: "1414"',
        *smsc.gateway(safard, place)])
    safard.start()
    link = bearerbox.accept()
    place.wait_bound()
    try:
        left(safard, [])
    except PermissionError:
        tap.ok(True, 'its memory cannot be read without being root')
        tap.ok(True, 'what is in it # SKIP not root')
        return

    half = box.mo('+996555999999', '1414', 'lawyer zuidwest')
    link.send(half[:-4])
    time.sleep(0.5)
    found = {needle for needle, _name, _around in left(safard, [
        '+996555999999'])}
    tap.ok({b'996555999999', b'zuidwest'} <= found,
           'a text that is not all there is found', found)
    link.send(half[-4:])

    numbers = [person(at) for at in range(PEOPLE)]
    say(link, place, numbers)
    tap.eq(answers(link, place, PEOPLE), PEOPLE // 2, 'they are answered')
    time.sleep(1)
    found = left(safard, numbers + ['+996555999999'])
    tap.ok(not found, 'no number and no text in its memory', len(found),
           *found[:6])


if __name__ == '__main__':
    kit.main(run, 90)
