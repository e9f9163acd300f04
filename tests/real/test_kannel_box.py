#!/usr/bin/env python3
"""What a bearerbox may do and should not: repeats, cut, huge and unknown
frames, refused answers.  The peer is a bearerbox of our own; after each thing
the next text must still be answered, once."""

import signal
import struct
import time
import uuid

import box
import kit
from safard import Safard

TEXTS = ['нужен юрист, обыдленник', 'lawyer please, quokkaish']


class Peer:
    """A bearerbox, its present link, and what was said through it."""

    def __init__(self, tap, stage):
        self.tap = tap
        self.bearerbox = box.Bearerbox(stage)
        self.link = None
        self.count = 0
        self.numbers = []
        self.rows = 0

    def connect(self, seconds=20):
        if self.link is not None:
            self.link.close()
        self.link = self.bearerbox.accept(seconds)

    def number(self):
        self.count += 1
        self.numbers.append('+99655540%04d' % self.count)
        return self.numbers[-1]

    def mo(self, number, text, **more):
        self.rows += 1
        return box.mo(number, '1414', text, **more)

    def outcome(self, ident, number, seconds=10, answers=1, nack=None):
        """(nack of our text or None, [answers for the number]), reading until
        both are there, and a little longer for what should not come."""
        got = []
        end = time.monotonic() + kit.patient(seconds)
        while time.monotonic() < end and not self.link.closed:
            enough = nack is not None and len(got) >= answers
            message = self.link.next(
                0.3 if enough else end - time.monotonic(), box.SMS, box.ACK)
            if message is None:
                break
            if message['kind'] == box.ACK:
                if message['id'].decode() == ident:
                    nack = message['nack']
            else:
                self.link.accept_mt(message)
                if message['receiver'].decode() == number:
                    got.append(box.text_of(message))
        return nack, got

    def still_works(self, name):
        """The next text is taken and answered once, on this link or, if that
        was closed, on the next."""
        number, ident = self.number(), str(uuid.uuid4())
        frame = self.mo(number, TEXTS[0], id=ident)
        try:
            self.link.send(frame)
            nack, got = self.outcome(ident, number)
        except OSError:
            nack, got = None, []
        if nack is None:
            self.connect()
            self.link.send(frame)
            nack, got = self.outcome(ident, number)
        self.tap.eq((nack, len(got)), (box.ACK_SUCCESS, 1),
                    'after %s the next text is answered' % name)


def repeats(tap, peer, safard):
    number, ident = peer.number(), str(uuid.uuid4())
    frame = peer.mo(number, TEXTS[0], id=ident)
    peer.link.send(frame)
    nack, got = peer.outcome(ident, number)
    tap.eq((nack, len(got)), (box.ACK_SUCCESS, 1), 'a text is answered')
    peer.link.send(frame)
    nack, again = peer.outcome(ident, number, answers=0)
    tap.eq((nack, again), (box.ACK_SUCCESS, []),
           'the same id again: acknowledged, not answered twice')

    number, ident = peer.number(), str(uuid.uuid4())
    frame = peer.mo(number, TEXTS[1], id=ident)
    peer.link.send(frame + frame)
    nack, got = peer.outcome(ident, number)
    tap.eq((nack, len(got)), (box.ACK_SUCCESS, 1),
           'twice in one breath: one answer')

    number, ident = peer.number(), str(uuid.uuid4())
    frame = peer.mo(number, TEXTS[0], id=ident)
    peer.link.send(frame)
    peer.link.next(5, box.ACK)
    peer.connect()  # gone before the answer was taken
    peer.link.send(frame)
    nack, got = peer.outcome(ident, number)
    tap.eq((nack, len(got)), (box.ACK_SUCCESS, 1),
           'the link dies, the text comes again: one answer')

    number, ident = peer.number(), str(uuid.uuid4())
    frame = peer.mo(number, TEXTS[1], id=ident)
    peer.link.send(frame)
    nack, got = peer.outcome(ident, number)
    time.sleep(0.5)  # the answer's fate is on disk too
    safard.kill()
    safard.start()
    peer.connect()
    peer.link.send(frame)
    nack, again = peer.outcome(ident, number, answers=0)
    tap.eq((nack, len(got), len(again)), (box.ACK_SUCCESS, 1, 0),
           'again after kill -9 and a new start: known')


def pieces(tap, peer):
    for size in (1, 3, 7, 64):
        number, ident = peer.number(), str(uuid.uuid4())
        peer.link.send_in_pieces(peer.mo(number, TEXTS[0], id=ident), size)
        nack, got = peer.outcome(ident, number)
        tap.eq((nack, len(got)), (box.ACK_SUCCESS, 1),
               'a frame in pieces of %d' % size)
    idents = [(peer.number(), str(uuid.uuid4())) for _ in range(20)]
    frames = b''.join(peer.mo(number, TEXTS[1], id=ident)
                      for number, ident in idents)
    peer.link.send_in_pieces(frames, 1000)
    acks, answered = set(), []
    while len(acks) < 20 or len(answered) < 20:
        message = peer.link.next(5, box.SMS, box.ACK)
        if message is None:
            break
        if message['kind'] == box.ACK:
            acks.add(message['id'].decode())
        else:
            peer.link.accept_mt(message)
            answered.append(message['receiver'].decode())
    tap.eq((acks, sorted(answered)), ({ident for _n, ident in idents},
                                      sorted(n for n, _ident in idents)),
           'twenty frames cut anywhere')


def bad_frames(peer):
    sms = box.mo('+996555409999', '1414', TEXTS[0])
    cut_field = sms[:4] + struct.pack('>i', box.SMS) + struct.pack(
        '>i', 5000) + sms[12:]
    for name, data in [
            ('a frame of 100 MB', struct.pack('>I', 100 << 20) + b'x' * 65536),
            ('a length of -1', b'\xff\xff\xff\xff' + b'x' * 100),
            ('an empty frame', b'\0\0\0\0'),
            ('half a type', b'\0\0\0\2\0\0'),
            ('an unknown type', struct.pack('>Ii', 8, 99) + b'\0\0\0\0'),
            ('a type of -1', struct.pack('>Ii', 8, -1) + b'\0\0\0\0'),
            ('a field past the end', cut_field),
            ('bytes left over', struct.pack('>I', len(sms)) + sms[4:] +
             b'\0\0\0\0'),
            ('an id that is no id', box.mo('+996555409998', '1414', TEXTS[0],
                                           id='x')),
            ('a page of the web', b'GET / HTTP/1.0\r\n\r\n')]:
        try:
            peer.link.send(data)
        except OSError:
            pass  # closed while we wrote: as it should
        peer.link.wait_closed(0.5)
        peer.still_works(name)


def bad_texts(tap, peer):
    """Each is acknowledged, as taken or as failed, never "again"."""
    ucs2 = 'юрист'.encode('utf-16-be')
    for name, values in [
            ('an empty text', {'msgdata': b'', 'coding': 0}),
            ('no text at all', {'msgdata': None, 'coding': 0}),
            ('2,000 characters', {'msgdata': ('я' * 2000).encode('utf-16-be'),
                                  'coding': 2}),
            ('30,000 characters', {'msgdata': b'y' * 30000, 'coding': 0}),
            ('UTF-16 of odd length', {'msgdata': ucs2[:-1], 'coding': 2}),
            ('half a surrogate', {'msgdata': b'\xd8\x3d' + ucs2, 'coding': 2}),
            ('bytes that are no UTF-8', {'msgdata': b'\xff\xfe\x80',
                                         'coding': 0}),
            ('binary data', {'msgdata': bytes(range(256)), 'coding': 1}),
            ('an unknown coding', {'msgdata': b'hello', 'coding': 77}),
            ('an unknown charset', {'msgdata': b'hello', 'coding': 0,
                                    'charset': 'KLINGON-7'}),
            ('no sender', {'msgdata': b'hello', 'sender': None}),
            ('no receiver', {'msgdata': b'hello', 'receiver': None})]:
        number, ident = peer.number(), str(uuid.uuid4())
        values = dict({'id': ident}, **values)
        sender = values.pop('sender', number)
        receiver = values.pop('receiver', '1414')
        peer.link.send(box.mo(sender, receiver, 'x', **values))
        nack, got = peer.outcome(ident, number, 5, answers=0)
        tap.ok(nack in (box.ACK_SUCCESS, box.ACK_FAILED) and len(got) <= 1,
               '%s: it does not come back' % name, nack, got)
    for sender in ('1414', '911', 'BANK', 'Bank Info', '+123', '', 'x' * 400):
        ident = str(uuid.uuid4())
        peer.link.send(box.mo(sender, '1414', TEXTS[1], id=ident))
        nack, got = peer.outcome(ident, sender, 5, answers=0)
        tap.ok(nack in (box.ACK_SUCCESS, box.ACK_FAILED) and not got,
               'a sender nobody reads answers for: %r' % sender[:12], nack, got)
    peer.still_works('bad texts')


def refused_answers(tap, peer):
    number, ident = peer.number(), str(uuid.uuid4())
    peer.link.send(peer.mo(number, TEXTS[0], id=ident))
    first = peer.link.next(5, box.SMS)
    peer.link.accept_mt(first, box.ACK_FAILED_TMP)
    second = peer.link.next(10, box.SMS)
    tap.ok(second is not None and
           second['msgdata'] == first['msgdata'] and
           second['receiver'] == first['receiver'],
           '"not now": the same answer comes again')
    tap.ok(second is not None and second['at'] - first['at'] > 0.4,
           'but not at once')
    if second is not None:
        peer.link.accept_mt(second, box.ACK_BUFFERED)
    tap.eq(peer.link.next(4, box.SMS), None, '"kept": it comes no more')

    peer.link.send(peer.mo(peer.number(), TEXTS[1]))
    first = peer.link.next(5, box.SMS)
    peer.link.accept_mt(first, box.ACK_FAILED)
    tap.eq(peer.link.next(4, box.SMS), None, '"never": it comes no more')


def report_told(peer, url):
    """What we are told of a report: its nack, or None."""
    ident = str(uuid.uuid4())
    peer.link.send(box.pack(
        box.SMS, sender='1414', receiver='+996555400001', msgdata='',
        id=ident, time=int(time.time()), sms_type=box.REPORT_MO,
        dlr_mask=box.DELIVERED, dlr_url=url))
    return peer.outcome(ident, '', 5, answers=0)[0]


def reports_of_strangers(tap, peer, safard):
    def delivered():
        safard.process.signal(signal.SIGSTOP)
        count = safard.answers()[2]
        safard.process.signal(signal.SIGCONT)
        return count

    peer.link.send(peer.mo(peer.number(), TEXTS[0]))
    sent = peer.link.next(5, box.SMS)
    peer.link.accept_mt(sent)
    url, before = sent['dlr_url'].decode(), delivered()
    tag, _, ident = url.partition('-')
    strange = '%014x' % (int(tag, 16) ^ 1)
    tap.ok(strange.encode() not in sent['id'].replace(b'-', b''),
           'the ids we give are of this data folder')
    tap.eq(report_told(peer, '%s-%s' % (strange, ident)), box.ACK_SUCCESS,
           "a report for another data folder's answer is acknowledged")
    tap.eq(report_told(peer, ident), box.ACK_SUCCESS, 'one of nobody, too')
    tap.eq(delivered(), before, 'and is not taken for ours')
    tap.eq(report_told(peer, url), box.ACK_SUCCESS, 'ours')
    tap.eq(delivered(), before + 1, 'is')


def reports(tap, peer):
    for name, url in [('of nothing we sent', '999999999'),
                      ('with a strange name', 'http://example.org/?d=%d'),
                      ('with no name', None),
                      ('with a huge number', '9' * 60)]:
        nack = report_told(peer, url)
        tap.ok(nack in (box.ACK_SUCCESS, box.ACK_FAILED),
               'a report %s is acknowledged' % name, nack)
    peer.link.send(box.pack(box.ACK, nack=0, time=0, id=str(uuid.uuid4())))
    peer.still_works('an acknowledgement of nothing')


def commands(tap, peer):
    number, ident = peer.number(), str(uuid.uuid4())
    peer.link.send(box.pack(box.ADMIN, command=1))  # suspend
    peer.link.send(peer.mo(number, TEXTS[0], id=ident))
    nack, got = peer.outcome(ident, number, 0.5)
    peer.link.send(box.pack(box.ADMIN, command=2))  # resume
    if not got:
        nack, got = peer.outcome(ident, number, nack=nack)
    tap.eq((nack, len(got)), (box.ACK_SUCCESS, 1),
           'suspended and resumed: answered once')
    for name, number in [('restart', 4), ('shutdown', 0),
                         ('a command of no meaning', 55)]:
        peer.link.send(box.pack(box.ADMIN, command=number))
        peer.link.wait_closed(0.3)
        peer.still_works(name)


def run(tap, stage):
    peer = Peer(tap, stage)
    safard = Safard(stage, peer.bearerbox.port)
    safard.set('outbox', ['  retry_s: 1', '  retry_most_s: 2'])
    safard.start()
    peer.connect()
    repeats(tap, peer, safard)
    pieces(tap, peer)
    refused_answers(tap, peer)
    reports(tap, peer)
    reports_of_strangers(tap, peer, safard)
    commands(tap, peer)
    bad_frames(peer)
    _rows, people = safard_stopped(tap, safard)
    tap.eq(people, peer.rows, 'one request for each text that was a text')
    safard.start()
    peer.connect()
    bad_texts(tap, peer)
    safard_stopped(tap, safard)
    kit.expect_no_traces(tap, stage, safard.files(), peer.numbers,
                         TEXTS + ['обыдленник', 'quokkaish'])


def safard_stopped(tap, safard):
    tap.eq(safard.stop(), 0, 'safard ends well')
    rows, people = safard.requests()
    tap.eq(rows, people, 'no text made two log rows')
    return rows, people


if __name__ == '__main__':
    kit.main(run, 300)
