#!/usr/bin/env python3
"""The conformance table: every operation of SMPP that we speak, in its cases,
against an SMSC written by others (the npm package "smpp").

A row is a function with its operation and case; its checks are printed as
`operation: case: what`.  What an answer must say is asked of `safarctl try`.
"""

import json
import os
import re
import struct
import subprocess
import time

import kit
import peer
import smsc
from peer import raw
from safard import Safard

ROWS = []
NO = 0.4  # seconds in which something that must not come would come

LONG = ('Hello, I have a question about wages. My employer has not paid me '
        'for three months, and I do not know where to turn to for help. I '
        'work in Moscow [since May] and live there too. Please answer me!')
LONG_RU = ('Здравствуйте, мне не заплатили зарплату за три месяца, работаю в '
           'Москве на стройке, хозяин забрал паспорт и ничего не говорит. '
           'Куда обратиться за помощью? \U0001f64f')


def row(operation, case):
    def keep(function):
        ROWS.append((operation, case, function))
        return function
    return keep


class World:
    """The peer's SMSCs, the safard that has a gateway at each, and the row
    that runs."""

    def __init__(self, tap, stage):
        self.tap = tap
        self.stage = stage
        self.peer = peer.Peer(stage)
        self.safard = Safard(stage)
        self.places = {}
        self.rows = []
        self.count = 0
        self.name = ''
        self.failed = {}
        self.late = []

    def place(self, name, certificate=None, **settings):
        tls = None
        if certificate is not None:
            tls = {part: open(certificate, encoding='ascii').read()
                   for part in ('key', 'cert')}
        place = peer.Place(self.peer, name, tls)
        self.places[name] = place
        self.rows += smsc.gateway(self.safard, place, name=name, **settings)
        return place

    # checks of a row

    def ok(self, good, what, *notes):
        self.failed[self.name] = self.failed.get(self.name, False) or not good
        return self.tap.ok(good, '%s: %s' % (self.name, what), *notes)

    def eq(self, got, want, what):
        return self.ok(got == want, what, 'got  %r' % (got,),
                       'want %r' % (want,))

    # what safard says of itself

    def status(self):
        return json.loads(self.safard.ctl('--data', self.safard.data, 'status',
                                          '--json'))

    def gateway(self, name):
        return [g for g in self.status()['gateways'] if g['name'] == name][0]

    def refused(self, name, what):
        return self.gateway(name)['refused'].get(what, 0)

    def counter(self, name):
        return self.status()['counters'][name]

    def reaches(self, read, want, what, seconds=10):
        """A counter gets there."""
        end = time.monotonic() + seconds
        while read() != want and time.monotonic() < end:
            time.sleep(0.05)
        self.eq(read(), want, what)

    # texts and answers

    def number(self):
        self.count += 1
        return '+9965557%05d' % self.count

    def expected(self, number, text):
        """The answer to a first text: (text, encoding, parts)."""
        done = subprocess.run(
            [os.path.join(os.environ.get('SAFAR_BIN', 'build/release'),
                          'safarctl'),
             '--data', self.safard.data, 'try', '--from', number],
            cwd=kit.ROOT, input=text.encode() + b'\n', timeout=30, check=True,
            stdout=subprocess.PIPE)
        reply = json.loads(done.stdout)['replies'][0]
        return reply['text'], reply['encoding'], reply['parts']

    def say(self, place, number, command='deliver_sm', link=None, **fields):
        values = {'source_addr': number.lstrip('+'), 'source_addr_ton': 1,
                  'source_addr_npi': 1, 'destination_addr': '1414',
                  'dest_addr_ton': 3, 'dest_addr_npi': 1}
        values.update(fields)
        return place.send(command, link, **values)

    def answers(self, place, number, since=0, seconds=10, parts=1):
        """What was submitted to this number and taken, part by part."""
        end = time.monotonic() + seconds
        while True:
            found = [e for e in place.all(since, ev='pdu', command='submit_sm')
                     if 'id' in e and
                     e['fields']['destination_addr'] == number[1:]]
            if len(found) >= parts or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def answered(self, place, number, text, since=0, packed=False,
                 seconds=10):
        """The right answer came, once, whole."""
        want, encoding, parts = self.expected(number, text)
        got = self.answers(place, number, since, seconds, parts)
        said, shape = joined(got, packed)
        self.eq(said, want, 'the answer to %r' % text[:24])
        self.eq(shape, (encoding, parts), 'its alphabet and parts')
        return got

    def asks(self, place, text, want='deliver_sm_resp', packed=False,
             **fields):
        """One PDU with a text: acknowledged, and answered right."""
        number, since = self.number(), self.peer.now()
        fields.setdefault('short_message', {'message': text})
        tag = self.say(place, number, **fields)
        self.eq(place.status(tag), (want, 0), 'acknowledged')
        return self.answered(place, number, text, since, packed)

    def refuses(self, place, status, reason, **fields):
        """One PDU that is acknowledged as failed, counted, not answered."""
        number, since = self.number(), self.peer.now()
        before = self.refused(place.name, reason)
        tag = self.say(place, number, **fields)
        self.eq(place.status(tag), ('deliver_sm_resp', status), 'its status')
        self.eq(self.refused(place.name, reason), before + 1,
                'counted as ' + reason)
        self.eq(self.answers(place, number, since, NO), [], 'no answer')

    def part(self, place, number, head, message, **fields):
        return self.say(place, number, esm_class=0x40, short_message={
            'udh': raw(head), 'message': message}, **fields)

    def lives(self, place, link=None):
        """Nothing was lost: the same link, and a text is answered."""
        if link is not None:
            self.ok(link in place.links(), 'the link lives')
        number, since = self.number(), self.peer.now()
        self.say(place, number, short_message={'message': 'lawyer'})
        self.answered(place, number, 'lawyer', since)


def joined(events, packed=False):
    """(text, (encoding, parts)) of submit_sm events; '' if one is missing."""
    if not events:
        return '', None
    coding = events[0]['fields']['data_coding']
    shape = ('ucs2' if coding == 8 else 'gsm7', len(events))
    texts = {}
    for event in events:
        fields = event['fields']
        number, total = 1, 1
        for element in fields['short_message'].get('udh', []):
            if element[0] in (0, 8):
                total, number = element[-2], element[-1]
        message = fields['short_message']['message']
        if packed:  # the package knows nothing of that
            message = smsc.Pdu(event['bytes']).text(packed=True)
        texts[number] = message
    if sorted(texts) != list(range(1, total + 1)):
        return '', shape
    return ''.join(texts[n] for n in sorted(texts)), shape


# bind --------------------------------------------------------------------

@row('bind_transceiver', 'accepted')
def bind_accepted(w):
    place = w.places['trx']
    bind = place.need('a bind', 15, ev='pdu', command='bind_transceiver')
    w.eq(bind['fields']['system_id'], 'safar', 'system_id')
    w.eq(bind['fields']['system_type'], 'SMPP', 'system_type')
    w.eq(bind['fields']['interface_version'], 0x34, 'version 3.4')
    kit.wait_for('the gateway', 10, lambda: w.gateway('trx')['up'])
    w.ok(True, 'the gateway is up')


@row('bind_transceiver', 'several at once')
def bind_several(w):
    place = w.places['three']
    got = place.wait(15, count=3, ev='pdu', command='bind_transceiver')
    w.eq(len({e['link'] for e in got}), 3, 'three links')
    for link in place.links():
        number, since = w.number(), w.peer.now()
        tag = w.say(place, number, link=link,
                    short_message={'message': 'lawyer'})
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'text on a link')
        w.answered(place, number, 'lawyer', since)


@row('bind_transmitter, bind_receiver', 'a link each way')
def bind_pair(w):
    place = w.places['pair']
    place.need('a receiver', 15, ev='pdu', command='bind_receiver')
    place.need('a transmitter', 15, ev='pdu', command='bind_transmitter')
    got = w.asks(place, 'lawyer')
    w.eq({e['link'] for e in got}, set(place.links('bind_transmitter')),
         'the answer goes by the transmitter')


@row('bind_transmitter, bind_receiver', 'a text on the wrong link')
def bind_wrong_way(w):
    place = w.places['pair']
    before = w.refused('pair', 'not_bound')
    tag = w.say(place, w.number(), link=place.links('bind_transmitter')[-1],
                short_message={'message': 'lawyer'})
    w.eq(place.status(tag), ('deliver_sm_resp', smsc.RINVBNDSTS), 'status')
    w.eq(w.refused('pair', 'not_bound'), before + 1, 'counted as not_bound')


@row('bind_transceiver', 'wrong password')
def bind_password(w):
    place = w.places['wrong']
    binds = place.wait(15, count=2, ev='pdu', command='bind_transceiver')
    w.ok(len(binds) >= 2, 'tried again')
    w.ok(binds[1]['at_s'] - binds[0]['at_s'] > 0.9, 'not at once')
    w.ok(w.refused('wrong', 'bind_refused') >= 1, 'counted as bind_refused')
    w.ok(not w.gateway('wrong')['up'], 'the gateway is down')


@row('bind_transceiver', 'refused, later accepted')
def bind_refused(w):
    place = w.places['late']
    kit.wait_for('two refusals', 20,
                 lambda: w.refused('late', 'bind_refused') >= 2)
    place.policy(bind=0)
    kit.wait_for('the gateway', 20, lambda: w.gateway('late')['up'])
    w.lives(place)


@row('bind_transceiver', 'nobody answers it')
def bind_silent(w):
    place = w.places['mute']
    kit.wait_for('bind_timeout', 20,
                 lambda: w.refused('mute', 'bind_timeout') >= 1)
    w.ok(place.wait(10, ev='closed'), 'the link is closed')
    w.ok(place.wait(10, count=2, ev='open'), 'and opened again')
    w.ok(not w.gateway('mute')['up'], 'the gateway is down')


@row('outbind', 'ignored')
def outbind(w):
    place = w.places['trx']
    link, before = place.receiver(), w.refused('trx', 'outbind')
    place.send('outbind', link, system_id='x', password='y')
    w.reaches(lambda: w.refused('trx', 'outbind'), before + 1, 'counted')
    w.lives(place, link)


# deliver_sm ---------------------------------------------------------------

@row('deliver_sm', 'GSM-7')
def deliver_gsm7(w):
    w.asks(w.places['trx'], 'lawyer Moscow', data_coding=0)


@row('deliver_sm', 'GSM-7, the extension table')
def deliver_extension(w):
    w.asks(w.places['trx'], '{lawyer} [Moscow] ~€^|\\', data_coding=0)


@row('deliver_sm', 'GSM-7, packed')
def deliver_packed(w):
    for text in ('lawyer', 'lawyer!', '[lawyer]', 'lawyer Moscow'):
        w.asks(w.places['packed'], text, packed=True, data_coding=0,
               short_message={'message': raw(
                   smsc.gsm7_pack(smsc.gsm7(text)))})


@row('deliver_sm', 'GSM-7, packed, in two parts')
def deliver_packed_parts(w):
    place, number, since = w.places['packed'], w.number(), w.peer.now()
    septets = smsc.gsm7(LONG)
    for at, size, head in ((0, 153, bytes((5, 0, 3, 9, 2, 1))),
                           (153, 153, bytes((5, 0, 3, 9, 2, 2)))):
        tag = w.part(place, number, head, raw(smsc.gsm7_pack(
            septets[at:at + size], 1)))
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, LONG, since, packed=True)


@row('deliver_sm', 'ASCII')
def deliver_ascii(w):
    w.asks(w.places['trx'], 'lawyer {Moscow} [now]', data_coding=1,
           short_message={'message': raw(b'lawyer {Moscow} [now]')})


@row('deliver_sm', 'Latin-1')
def deliver_latin1(w):
    w.asks(w.places['trx'], 'lawyer, café à Moscow', data_coding=3)


@row('deliver_sm', 'UCS-2, Cyrillic')
def deliver_ucs2(w):
    for text in ('нужен юрист Москва', 'ёрӣ', 'жардам керек', 'МЕНЮ'):
        w.asks(w.places['trx'], text, data_coding=8)


@row('deliver_sm', 'UCS-2, emoji')
def deliver_emoji(w):
    w.asks(w.places['trx'], '\U0001f64f юрист Москва \U0001f1f0\U0001f1ec',
           data_coding=8)


@row('deliver_sm', 'message classes')
def deliver_classes(w):
    for coding in (0x10, 0x13, 0xF0, 0xF1, 0xF3):
        w.asks(w.places['trx'], 'lawyer', data_coding=coding,
               short_message={'message': raw(b'lawyer')})
    for coding in (0x18, 0x1B):
        w.asks(w.places['trx'], 'юрист', data_coding=coding,
               short_message={'message': raw('юрист'.encode('utf-16-be'))})


@row('deliver_sm', 'binary is refused')
def deliver_binary(w):
    for coding in (0x02, 0x04, 0x14, 0xF4, 0xF5):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, 'binary',
                  data_coding=coding, short_message={'message': raw(b'ab')})


@row('deliver_sm', 'an alphabet nobody knows is refused')
def deliver_bad_coding(w):
    for coding in (0x05, 0x07, 0x0E, 0x40, 0xC0):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, 'bad_coding',
                  data_coding=coding, short_message={'message': raw(b'ab')})


@row('deliver_sm', 'bytes that are not in their alphabet')
def deliver_bad_bytes(w):
    for coding, data, reason in (
            (0, b'caf\xe9', 'bad_gsm7'), (1, b'caf\xe9', 'bad_ascii'),
            (3, b'a\0b', 'bad_text'), (8, b'\x04\x3c\x04', 'bad_utf16'),
            (8, b'\xd8\x3d\x00a', 'bad_utf16'),
            (8, b'\x00a\xde\x42', 'bad_utf16')):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, reason, data_coding=coding,
                  short_message={'message': raw(data)})


@row('deliver_sm', 'two parts, 8-bit reference')
def deliver_udh8(w):
    parts(w, (0, 1), bytes((5, 0, 3, 0x21)))


@row('deliver_sm', 'two parts, 16-bit reference')
def deliver_udh16(w):
    parts(w, (0, 1), bytes((6, 8, 4, 0x12, 0x34)))


@row('deliver_sm', 'two parts in reverse')
def deliver_reverse(w):
    parts(w, (1, 0), bytes((5, 0, 3, 0x22)))


@row('deliver_sm', 'two parts, each twice')
def deliver_twice(w):
    parts(w, (0, 0, 1, 1), bytes((5, 0, 3, 0x23)))


@row('deliver_sm', 'three Cyrillic parts, shuffled, a pair cut in two')
def deliver_three(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    data = LONG_RU.encode('utf-16-be')
    cuts = (0, 134, len(data) - 2, len(data))
    for at in (2, 0, 1):
        head = bytes((6, 8, 4, 0x77, 0x78, 3, at + 1))
        tag = w.part(place, number, head, raw(data[cuts[at]:cuts[at + 1]]),
                     data_coding=8)
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, LONG_RU, since)


def parts(w, order, head, place='trx', data=None, **fields):
    place, number, since = w.places[place], w.number(), w.peer.now()
    pieces = data or (LONG[:153], LONG[153:])
    for at in order:
        tag = w.part(place, number, head + bytes((len(pieces), at + 1)),
                     pieces[at], **fields)
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    got = w.answered(place, number, LONG, since)
    time.sleep(NO)
    w.eq(len(w.answers(place, number, since, 0)), len(got), 'answered once')


@row('deliver_sm', 'an escaped pair cut in two')
def deliver_cut_escape(w):
    at = smsc.gsm7(LONG).index(0x1B) + 1
    data = smsc.gsm7(LONG)
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    for index, piece in enumerate((data[:at - 100], data[at - 100:at],
                                   data[at:])):
        w.part(place, number, bytes((5, 0, 3, 0x24, 3, index + 1)), raw(piece))
    w.answered(place, number, LONG, since)


@row('deliver_sm', 'the same reference for another text')
def deliver_reused(w):
    place, number = w.places['trx'], w.number()
    for text in (LONG, 'And again: ' + LONG):
        since = w.peer.now()
        for at, piece in enumerate((text[:153], text[153:]), 1):
            w.part(place, number, bytes((5, 0, 3, 0x25, 2, at)), piece)
        w.ok(w.answers(place, number, since), 'answered')


@row('deliver_sm', 'sar_ parameters')
def deliver_sar(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    for at, piece in ((1, LONG[153:]), (0, LONG[:153])):
        tag = w.say(place, number, short_message={'message': piece},
                    sar_msg_ref_num=0x1234, sar_total_segments=2,
                    sar_segment_seqnum=at + 1)
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, LONG, since)


@row('deliver_sm', 'message_payload')
def deliver_payload(w):
    w.asks(w.places['trx'], LONG_RU, data_coding=8, short_message='',
           message_payload={'message': LONG_RU})
    w.asks(w.places['trx'], LONG, short_message='',
           message_payload={'message': LONG})


@row('deliver_sm', 'a payload too long for a text')
def deliver_long(w):
    w.refuses(w.places['trx'], smsc.RX_R_APPN, 'long_text', data_coding=8,
              short_message='', message_payload={'message': raw(
                  'ы'.encode('utf-16-be') * 6000)})


@row('deliver_sm', 'other elements in the header')
def deliver_elements(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    head = bytes((11, 5, 4, 11, 132, 0, 0, 0, 3, 0x26, 2))
    for at, piece in enumerate((LONG[:140], LONG[140:]), 1):
        w.part(place, number, head + bytes((at,)), piece)
    w.answered(place, number, LONG, since)


@row('deliver_sm', 'one part of one')
def deliver_one_of_one(w):
    w.asks(w.places['trx'], 'lawyer Moscow', esm_class=0x40, short_message={
        'udh': raw(bytes((5, 0, 3, 1, 1, 1))), 'message': 'lawyer Moscow'})


@row('deliver_sm', 'a header that breaks its form')
def deliver_bad_header(w):
    for data in (b'', b'\x09\0\3\1\2\1ab', b'\x05\0\4\1\2\1\1a',
                 b'\x06\0\4\1\2\1\1ab'):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, 'bad_udh', esm_class=0x40,
                  short_message=raw(data))


@row('deliver_sm', 'parameters of 5.0 and of vendors')
def deliver_tlvs(w):
    w.asks(w.places['trx'], 'lawyer', source_network_type=1,
           dest_bearer_type=1, user_message_reference=7,
           vendor_specific_source_msc_addr=raw(b'\1\1' + b'996'))


@row('deliver_sm', 'a sender without country')
def deliver_home(w):
    place, since = w.places['trx'], w.peer.now()
    tag = w.say(place, '+0555712999', source_addr_ton=2,
                short_message={'message': 'lawyer'})
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, '+996555712999', 'lawyer', since)


@row('deliver_sm', 'a sender that is a name')
def deliver_name(w):
    place, since = w.places['trx'], w.peer.now()
    tag = w.say(place, 'MEGACOM', source_addr_ton=5, source_addr_npi=0,
                short_message={'message': 'lawyer'})
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    time.sleep(NO)
    w.eq(place.all(since, command='submit_sm'), [], 'no answer')


@row('deliver_sm', 'a sender with its plus')
def deliver_plus(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    w.say(place, number, source_addr=number,
          short_message={'message': 'lawyer'})
    w.answered(place, number, 'lawyer', since)


@row('deliver_sm', 'the acknowledgement of a phone is no text')
def deliver_acknowledgement(w):
    place = w.places['trx']
    for esm_class in (0x08, 0x10, 0x20):
        number, since = w.number(), w.peer.now()
        tag = w.say(place, number, esm_class=esm_class,
                    short_message={'message': 'lawyer'})
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
        w.eq(w.answers(place, number, since, NO), [], 'no answer')


@row('data_sm', 'a text')
def data_text(w):
    for text, coding in ((LONG, 0), (LONG_RU, 8)):
        w.asks(w.places['trx'], text, 'data_sm_resp', command='data_sm',
               data_coding=coding, short_message='',
               message_payload={'message': text})


@row('data_sm', 'our number of 30 digits')
def data_receiver(w):
    place, before = w.places['trx'], w.refused('trx', 'bad_receiver')
    tag = w.say(place, w.number(), command='data_sm',
                destination_addr='1' * 30,
                message_payload={'message': 'lawyer'})
    w.eq(place.status(tag), ('data_sm_resp', smsc.RX_R_APPN), 'its status')
    w.eq(w.refused('trx', 'bad_receiver'), before + 1, 'counted')


# submit_sm ----------------------------------------------------------------

@row('submit_sm', 'its fields')
def submit_fields(w):
    got = w.asks(w.places['trx'], 'lawyer')[0]['fields']
    want = {'source_addr': '1414', 'source_addr_ton': 3, 'source_addr_npi': 0,
            'dest_addr_ton': 1, 'dest_addr_npi': 1, 'registered_delivery': 1,
            'data_coding': 0, 'esm_class': 0, 'service_type': ''}
    w.eq({key: got[key] for key in want}, want, 'by the settings')
    w.ok(got['validity_period'], 'a validity', got)


@row('submit_sm', 'no reports, no validity')
def submit_plain(w):
    got = w.asks(w.places['three'], 'lawyer')[0]['fields']
    w.eq((got['registered_delivery'], got['validity_period']), (0, ''),
         'none asked for')


@row('submit_sm', 'Cyrillic in parts, 16-bit reference')
def submit_parts(w):
    got = w.asks(w.places['trx'], 'МЕНЮ', data_coding=8)
    heads = [e['fields']['short_message']['udh'][0] for e in got]
    w.ok(len(got) > 1, 'several parts')
    w.eq([(h[0], h[1], h[4], h[5]) for h in heads],
         [(8, 4, len(got), at) for at in range(1, len(got) + 1)],
         'numbered in order')
    w.eq(len({h[2:4] for h in heads}), 1, 'one reference')
    w.eq([e['sequence'] for e in got],
         list(range(got[0]['sequence'], got[0]['sequence'] + len(got))),
         'sent together')
    w.ok(all(e['fields']['esm_class'] == 0x40 for e in got), 'esm_class')


@row('submit_sm', 'GSM-7, packed')
def submit_packed(w):
    got = w.asks(w.places['packed'], 'lawyer', packed=True,
                 short_message={'message': raw(smsc.gsm7_pack(b'lawyer'))})
    w.eq(got[0]['fields']['data_coding'], 0, 'data_coding')


def needless_cuts(pieces):
    """Numbers cut in two that would have fitted whole into the next part."""
    found = []
    for at in range(1, len(pieces)):
        head = re.search(r'\+?\d[\d ()-]*$', pieces[at - 1])
        if head is None or not re.match(r'\d', pieces[at]):
            continue
        rest = head.group() + ''.join(pieces[at:])
        room = (len(pieces) - at) * 66
        if len(rest.encode('utf-16-be')) // 2 <= room:
            found.append((pieces[at - 1][-20:], pieces[at][:20]))
    return found


@row('submit_sm', 'no number is cut in two where that is free')
def submit_numbers(w):
    for text in ('юрист Москва', 'нужен врач Казань', 'жумуш Екатеринбург',
                 'юрист Казань', 'ночлег Москва', 'мактаб Новосибирск'):
        got = w.asks(w.places['trx'], text, data_coding=8)
        w.eq(needless_cuts([e['fields']['short_message']['message']
                            for e in got]), [], 'the cuts of %r' % text)


@row('submit_sm', 'a window of one')
def submit_window(w):
    place, numbers = w.places['one'], [w.number() for _ in range(5)]
    since = w.peer.now()
    for number in numbers:
        w.say(place, number, short_message={'message': 'lawyer'})
    for number in numbers:
        w.answered(place, number, 'lawyer', since)


def tries(place, number, since):
    return [e for e in place.all(since, ev='pdu', command='submit_sm')
            if e['fields']['destination_addr'] == number[1:]]


def submit_answered_with(w, name, statuses, text='lawyer', **fields):
    """A text whose answer's submits get these statuses first."""
    place, number, since = w.places[name], w.number(), w.peer.now()
    place.policy(submit=list(statuses))
    fields.setdefault('short_message', {'message': text})
    w.say(place, number, **fields)
    return place, number, since


@row('submit_sm', 'throttled')
def submit_throttled(w):
    before = w.refused('slow', 'RTHROTTLED')
    place, number, since = submit_answered_with(
        w, 'slow', [smsc.RTHROTTLED] * 2)
    w.answered(place, number, 'lawyer', since, seconds=20)
    got = tries(place, number, since)
    w.eq(len(got), 3, 'tried three times')
    w.ok(got[1]['at_s'] - got[0]['at_s'] > 0.4, 'with a pause')
    w.ok(got[2]['at_s'] - got[1]['at_s'] > 0.8, 'and a longer one')
    w.eq(w.refused('slow', 'RTHROTTLED'), before + 2, 'counted')


@row('submit_sm', 'the queue is full: the link is quiet')
def submit_queue_full(w):
    place, number, since = submit_answered_with(w, 'slow', [smsc.RMSGQFUL])
    kit.wait_for('the refusal', 10, lambda: tries(place, number, since))
    other = w.number()
    w.say(place, other, short_message={'message': 'lawyer'})
    first = w.answered(place, other, 'lawyer', since, seconds=20)[0]
    w.ok(first['at_s'] - tries(place, number, since)[0]['at_s'] > 0.4,
         'another answer waits for the end of the pause')
    w.answered(place, number, 'lawyer', since, seconds=20)


@row('submit_sm', 'the second part throttled')
def submit_second_part(w):
    place, number, since = submit_answered_with(
        w, 'slow', [0, smsc.RTHROTTLED], 'МЕНЮ', data_coding=8)
    kit.wait_for('a new try', 20, lambda: len(tries(place, number, since)) > 3)
    got = tries(place, number, since)
    heads = {e['fields']['short_message']['udh'][0] for e in got}
    w.eq(len({h[2:4] for h in heads}), 1, 'the same reference again')
    want = w.expected(number, 'МЕНЮ')
    w.eq(joined(got[-want[2]:])[0], want[0], 'whole at last')


@row('submit_sm', 'failures that pass')
def submit_again(w):
    for status in (smsc.RSYSERR, smsc.RX_T_APPN, smsc.RSUBMITFAIL, 0x400):
        place, number, since = submit_answered_with(w, 'slow', [status])
        w.answered(place, number, 'lawyer', since, seconds=20)
        w.eq(len(tries(place, number, since)), 2, 'tried twice')


@row('submit_sm', 'failures that do not pass')
def submit_never(w):
    for status, name in ((smsc.RINVDSTADR, 'RINVDSTADR'),
                         (smsc.RX_P_APPN, 'RX_P_APPN')):
        before, failed = w.refused('slow', name), w.counter('failed')
        place, number, since = submit_answered_with(w, 'slow', [status])
        w.reaches(lambda name=name: w.refused('slow', name), before + 1,
                  'counted as ' + name)
        w.eq(w.counter('failed'), failed + 1, 'given up')
        time.sleep(2.5)
        w.eq(len(tries(place, number, since)), 1, 'tried once')


@row('submit_sm', 'answered by generic_nack')
def submit_nack(w):
    place, number, since = submit_answered_with(w, 'slow', ['silent'])
    kit.wait_for('a try', 10, lambda: tries(place, number, since))
    first = tries(place, number, since)[0]
    before = w.refused('slow', 'generic_nack')
    place.raw(smsc.pack(smsc.NACK, first['sequence'], smsc.RSYSERR),
              first['link'])
    w.answered(place, number, 'lawyer', since, seconds=20)
    w.eq(w.refused('slow', 'generic_nack'), before + 1, 'counted')


@row('submit_sm', 'the link dies before the response')
def submit_cut(w):
    place, number, since = submit_answered_with(w, 'slow', ['silent'])
    kit.wait_for('a try', 10, lambda: tries(place, number, since))
    w.peer.order('cut', link=tries(place, number, since)[0]['link'])
    w.answered(place, number, 'lawyer', since, seconds=20)
    w.eq(len(tries(place, number, since)), 2, 'sent again, once')


@row('submit_sm_resp', 'to nothing')
def submit_stray(w):
    place, before = w.places['trx'], w.refused('trx', 'stray_response')
    link = place.receiver()
    place.raw(smsc.pack(smsc.SUBMIT | smsc.RESP, 0x7000000, message_id='x'),
              link)
    place.raw(smsc.pack(smsc.DELIVER | smsc.RESP, 0x7000000), link)
    w.reaches(lambda: w.refused('trx', 'stray_response'), before + 2,
              'counted')
    w.lives(place, link)


@row('submit_sm_resp', 'never')
def submit_stalled(w):
    """Takes a minute: looked at when the other rows are done."""
    place, number, since = submit_answered_with(w, 'stall', ['silent'])
    kit.wait_for('a try', 10, lambda: tries(place, number, since))

    def later():
        kit.wait_for('stalled_peer', 80,
                     lambda: w.refused('stall', 'stalled_peer') == 1)
        w.answered(place, number, 'lawyer', since, seconds=30)
        w.eq(len(tries(place, number, since)), 2, 'sent again, once')

    w.late.append((w.name, later))


# receipts -----------------------------------------------------------------

def receipts(w, name, make, good=True, text='lawyer', **fields):
    """An answer whose parts are reported; make(id) gives a receipt's fields.
    The counter of answers delivered, or failed, goes up by one."""
    place, what = w.places[name], 'delivered' if good else 'failed'
    got = w.asks(place, text, **fields)
    time.sleep(0.05)
    before = w.counter(what)
    for event in got:
        for one in make(event['id']):
            tag = w.say(place, '+996700000000',
                        **dict({'esm_class': 0x04}, **one))
            w.eq(place.status(tag)[1], 0, 'acknowledged')
    w.reaches(lambda: w.counter(what), before + 1, 'counted as ' + what)


def in_text(ident, stat='DELIVRD', shape=None):
    shape = shape or ('id:%s sub:001 dlvrd:001 submit date:2611220414 done '
                      'date:2611220415 stat:%s err:000 text:Sign nothing')
    return {'short_message': {'message': shape % (ident, stat)}}


@row('receipts', 'in text')
def receipt_text(w):
    receipts(w, 'trx', lambda i: [in_text(i)])


@row('receipts', 'in text, as vendors write it')
def receipt_vendors(w):
    for shape in ('ID: %s SUB: 001 STAT: %s ERR: 0',
                  'id:%s\tstat:%s', 'id:%s, stat:%s, err:1',
                  'id:0000%s sub:001 stat:%s'):
        receipts(w, 'trx', lambda i, shape=shape: [
            in_text(i.lower(), 'DELIVERED', shape)])


@row('receipts', 'in parameters')
def receipt_tlv(w):
    receipts(w, 'trx', lambda i: [{'receipted_message_id': i,
                                   'message_state': 2}])


@row('receipts', 'in parameters, without esm_class')
def receipt_no_class(w):
    receipts(w, 'trx', lambda i: [{'receipted_message_id': i,
                                   'message_state': 2, 'esm_class': 0}])


@row('receipts', 'in both, by data_sm')
def receipt_data(w):
    receipts(w, 'trx', lambda i: [{
        'receipted_message_id': i, 'message_state': 2, 'command': 'data_sm',
        'message_payload': in_text(i)['short_message']}])


@row('receipts', 'not delivered')
def receipt_failed(w):
    for stat in ('UNDELIV', 'EXPIRED', 'DELETED', 'REJECTD'):
        receipts(w, 'trx', lambda i, stat=stat: [in_text(i, stat)], good=False)
    receipts(w, 'trx', lambda i: [{'receipted_message_id': i,
                                   'message_state': 5}], good=False)


@row('receipts', 'on the way, then delivered')
def receipt_enroute(w):
    receipts(w, 'trx', lambda i: [in_text(i, 'ENROUTE'),
                                  in_text(i, 'ACCEPTD'), in_text(i)])


@row('receipts', 'of all parts')
def receipt_parts(w):
    receipts(w, 'trx', lambda i: [in_text(i)], text='МЕНЮ', data_coding=8)


@row('receipts', 'of one part that failed')
def receipt_part_failed(w):
    first = []

    def make(ident):
        first.append(ident)
        return [in_text(ident, 'DELIVRD' if len(first) == 1 else 'UNDELIV')]

    receipts(w, 'trx', make, good=False, text='МЕНЮ', data_coding=8)


@row('receipts', 'ids given in hex, told in decimals')
def receipt_decimal(w):
    receipts(w, 'dec', lambda i: [in_text('%010d' % int(i, 16))])


@row('receipts', 'ids given in decimals, told in hex')
def receipt_hex(w):
    w.places['hex'].policy(id='decimal')
    receipts(w, 'hex', lambda i: [in_text('%X' % int(i))])


@row('receipts', 'for an id nobody knows')
def receipt_unknown(w):
    place = w.places['trx']
    tag = w.say(place, w.number(), esm_class=4, **in_text('ABCDEF01'))
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')


@row('receipts', 'that cannot be read')
def receipt_bad(w):
    place, before = w.places['trx'], w.refused('trx', 'bad_receipt')
    for text in ('', 'hello', 'id: stat:', 'id:7 stat:HAPPY',
                 'sub:001 stat:DELIVRD'):
        tag = w.say(place, w.number(), esm_class=4,
                    short_message={'message': text})
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.eq(w.refused('trx', 'bad_receipt'), before + 5, 'counted')


# the life of a link -------------------------------------------------------

@row('enquire_link', 'asked by the SMSC')
def enquire_answered(w):
    place = w.places['trx']
    tag = place.send('enquire_link')
    w.eq(place.status(tag), ('enquire_link_resp', 0), 'answered')


@row('enquire_link', 'asked by us')
def enquire_asked(w):
    place = w.places['quiet']
    link = place.receiver()
    got = place.wait(20, count=2, ev='pdu', command='enquire_link')
    w.ok(len(got) >= 2, 'on a quiet link')
    w.lives(place, link)


@row('enquire_link', 'nobody answers')
def enquire_silent(w):
    place = w.places['quiet']
    link = place.receiver()
    before = w.refused('quiet', 'silent_peer')
    place.policy(answers=False)
    place.need('the end of the link', 30, ev='closed', link=link)
    place.policy(answers=True)
    w.eq(w.refused('quiet', 'silent_peer'), before + 1, 'counted')
    kit.wait_for('a new link', 20, lambda: place.links() != [] and
                 w.gateway('quiet')['up'])
    w.lives(place)


@row('unbind', 'by the SMSC')
def unbind_theirs(w):
    place = w.places['trx']
    link = place.receiver()
    tag = place.send('unbind', link)
    w.eq(place.status(tag), ('unbind_resp', 0), 'answered')
    w.peer.order('end', link=link)
    place.need('the end of the link', 10, ev='closed', link=link)
    kit.wait_for('a new link', 20, lambda: link not in place.links() and
                 place.links())
    w.lives(place)


@row('generic_nack', 'of nothing')
def nack_stray(w):
    place, before = w.places['trx'], w.refused('trx', 'generic_nack')
    link = place.receiver()
    place.raw(smsc.pack(smsc.NACK, 0, smsc.RINVCMDLEN), link)
    w.reaches(lambda: w.refused('trx', 'generic_nack'), before + 1, 'counted')
    w.lives(place, link)


@row('alert_notification', 'passed over')
def alert(w):
    place = w.places['trx']
    link = place.receiver()
    place.send('alert_notification', link, source_addr='996555123456',
               esme_addr='1414')
    w.lives(place, link)


@row('reconnect', 'the SMSC goes away and comes back')
def reconnect(w):
    place = w.places['trx']
    number, since = w.number(), w.peer.now()
    for link in place.links():
        w.peer.order('cut', link=link)
    w.peer.order('unlisten', **{'as': 'trx'})
    kit.wait_for('the gateway down', 10, lambda: not w.gateway('trx')['up'])
    w.lives(w.places['pair'])
    time.sleep(2)
    w.peer.order('relisten', **{'as': 'trx'})
    kit.wait_for('the gateway up', 40, lambda: w.gateway('trx')['up'])
    w.say(place, number, short_message={'message': 'lawyer'})
    w.answered(place, number, 'lawyer', since)


# PDUs that break their form -----------------------------------------------

def mo_body(source=b'996555123456', dest=b'1414', service=b'', tail=None):
    return (service + b'\0\1\1' + source + b'\0\3\1' + dest +
            b'\0\0\0\0\0\0\0\0\0\0' + (tail if tail is not None else
                                       b'\6lawyer'))


def pdu(body, command=smsc.DELIVER, sequence=0x5A5A, length=None, status=0):
    return struct.pack('>IIII', 16 + len(body) if length is None else length,
                       command, status, sequence) + body


def broken(w, data, command, status, reason, sequence=0x5A5A):
    """Answered with this status, counted, passed over."""
    place = w.places['bad']
    link, since = place.receiver(), w.peer.now()
    before = w.refused('bad', reason)
    place.raw(data, link)
    got = place.wait(10, since, ev='pdu', sequence=sequence, command=command)
    w.eq([e['status'] for e in got], [status], '%s with status 0x%02x' % (
        command, status))
    w.eq(w.refused('bad', reason), before + 1, 'counted as ' + reason)
    tag = place.send('enquire_link', link)
    w.eq(place.status(tag), ('enquire_link_resp', 0), 'the link lives')


BROKEN = [
    ('unknown command', pdu(b'', 0x7777), 'generic_nack', smsc.RINVCMDID,
     'bad_command'),
    ('unknown command with a body', pdu(b'x' * 300, 0x31), 'generic_nack',
     smsc.RINVCMDID, 'bad_command'),
    ('a command that is ours', pdu(mo_body(), smsc.SUBMIT), 'generic_nack',
     smsc.RINVCMDID, 'bad_command'),
    ('no body', pdu(b''), 'deliver_sm_resp', smsc.RINVCMDLEN, 'cut_field'),
    ('cut within its numbers', pdu(mo_body()[:25]), 'deliver_sm_resp',
     smsc.RINVCMDLEN, 'cut_field'),
    ('missing NUL', pdu(b'\0\1\1' + b'996555'), 'deliver_sm_resp',
     smsc.RINVCMDLEN, 'no_nul'),
    ('a sender too long', pdu(mo_body(source=b'9' * 21)), 'deliver_sm_resp',
     0x0A, 'long_field'),
    ('a receiver too long', pdu(mo_body(dest=b'9' * 21)), 'deliver_sm_resp',
     0x0B, 'long_field'),
    ('a service type too long', pdu(mo_body(service=b'123456')),
     'deliver_sm_resp', 0x15, 'long_field'),
    ('sm_length past the end', pdu(mo_body(tail=b'\7lawyer')),
     'deliver_sm_resp', smsc.RINVMSGLEN, 'cut_message'),
    ('sm_length 255', pdu(mo_body(tail=b'\xff' + b'a' * 255)),
     'deliver_sm_resp', smsc.RINVMSGLEN, 'long_message'),
    ('a cut parameter', pdu(mo_body() + b'\4\x24\0\7abc'), 'deliver_sm_resp',
     smsc.RINVOPTPARSTREAM, 'cut_tlv'),
    ('bytes left over', pdu(mo_body() + b'xy'), 'deliver_sm_resp',
     smsc.RINVOPTPARSTREAM, 'cut_tlv'),
    ('a parameter of a wrong length', pdu(mo_body() + b'\4\x27\0\2\2\2'),
     'deliver_sm_resp', smsc.RINVPARLEN, 'bad_tlv'),
    ('data_sm without its fields', pdu(b'\0\1', smsc.DATA), 'data_sm_resp',
     smsc.RINVCMDLEN, 'cut_field'),
]

for _case in BROKEN:
    row('broken PDU', _case[0])(
        lambda w, case=_case: broken(w, *case[1:]))


def lost(w, data, reason, nack=True):
    """Where the next PDU begins nobody knows: the link is closed, its reason
    counted, and a new one works."""
    place = w.places['bad']
    link, since = place.receiver(), w.peer.now()
    before = w.refused('bad', reason)
    place.raw(data, link)
    if nack:
        got = place.wait(10, since, ev='pdu', command='generic_nack')
        w.eq([e['status'] for e in got], [smsc.RINVCMDLEN], 'generic_nack')
    w.ok(place.wait(15, since, ev='closed', link=link), 'the link is closed')
    w.eq(w.refused('bad', reason), before + 1, 'counted as ' + reason)
    w.lives(w.places['pair'])
    w.lives(place)


LOST = [
    ('length 0', struct.pack('>IIII', 0, 5, 0, 1), 'short_pdu'),
    ('length 15', struct.pack('>IIII', 15, 5, 0, 1), 'short_pdu'),
    ('length 1 MB', pdu(b'x' * 2000, length=1 << 20), 'big_pdu'),
    ('length 4 GB', pdu(b'x' * 2000, length=0xFFFFFFFF), 'big_pdu'),
    ('length 70,001', pdu(b'x' * 2000, length=70001), 'big_pdu'),
    ('not SMPP at all', b'GET / HTTP/1.1\r\nHost: safar\r\n\r\n', 'big_pdu'),
]

for _case in LOST:
    row('wrong length', _case[0])(lambda w, case=_case: lost(w, *case[1:]))


@row('wrong length', 'half a PDU, then the end')
def half_pdu(w):
    place = w.places['bad']
    link, number = place.receiver(), w.number()
    since = w.peer.now()
    place.raw(pdu(mo_body(number[1:].encode()))[:40], link)
    time.sleep(0.2)
    w.peer.order('cut', link=link)
    place.need('the end', 10, since, ev='closed', link=link)
    w.lives(place)
    w.eq(w.answers(place, number, since, 0), [], 'no answer to a half')


@row('framing', 'byte by byte')
def byte_by_byte(w):
    place, number, since = w.places['bad'], w.number(), w.peer.now()
    link = place.receiver()
    for byte in pdu(mo_body(number[1:].encode())):
        place.raw(bytes((byte,)), link)
    w.answered(place, number, 'lawyer', since)


@row('framing', 'many in one write, some broken')
def in_one_write(w):
    place, since = w.places['bad'], w.peer.now()
    numbers = [w.number() for _ in range(20)]
    data = b''
    for at, number in enumerate(numbers):
        data += pdu(mo_body(number[1:].encode()), sequence=0x6000 + at)
        data += pdu(b'', 0x7777, sequence=0x7000 + at)
    place.raw(data)
    for number in numbers:
        w.answered(place, number, 'lawyer', since)
    got = place.wait(5, since, count=20, ev='pdu', command='generic_nack')
    w.eq(len(got), 20, 'each broken one is refused')


# TLS ----------------------------------------------------------------------

@row('TLS', 'a certificate that is right')
def tls_right(w):
    place = w.places['tls']
    kit.wait_for('the gateway', 15, lambda: w.gateway('tls')['up'])
    w.asks(place, LONG_RU, data_coding=8, short_message='',
           message_payload={'message': LONG_RU})
    numbers, since = [w.number() for _ in range(200)], w.peer.now()
    for number in numbers:
        w.say(place, number, short_message={'message': 'lawyer'})
    got = place.wait(30, since, count=200, ev='pdu', command='submit_sm')
    w.eq(len({e['fields']['destination_addr'] for e in got}), 200,
         '200 texts at once')


@row('TLS', 'a certificate of nobody we know')
def tls_unknown(w):
    tls_refused(w, 'tls-unknown')


@row('TLS', 'a certificate of another name')
def tls_name(w):
    tls_refused(w, 'tls-name')


def tls_refused(w, name):
    with open(w.stage.path('safard.log'), encoding='utf-8') as log:
        lines = [line for line in log
                 if 'ev=link_down gw=%s ' % name in line]
    w.ok(lines, 'the link is not taken')
    w.ok(any(re.search('certificate|mismatch', line) for line in lines),
         'the log says why', *lines[:3])
    w.eq(w.places[name].all(ev='pdu'), [], 'no bind, no password')
    w.ok(not w.gateway(name)['up'], 'the gateway is down')


# --------------------------------------------------------------------------

def certificate(stage, name, *subject):
    """A key and a certificate of its own in one file."""
    path = stage.path(name + '.pem')
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout',
         path + '.key', '-out', path + '.crt', '-subj', '/CN=smsc',
         '-addext', 'subjectAltName = ' + ', '.join(subject)],
        check=True, timeout=60, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    with open(path, 'wb') as out:
        for end in ('.key', '.crt'):
            with open(path + end, 'rb') as file:
                out.write(file.read())
    return path


def build(w, stage):
    good = certificate(stage, 'good', 'IP:127.0.0.1')
    named = certificate(stage, 'named', 'DNS:smsc.example')
    w.place('trx', line_ton=3, line_npi=0, system_type='SMPP', country='kg',
            sms_valid_h=30)
    w.place('pair', bind='transmitter+receiver')
    w.place('three', binds=3, reports='no')
    w.place('packed', gsm7_packed='yes')
    w.place('one', window=1)
    w.place('slow')
    w.place('stall')
    w.place('dec', receipt_ids='decimal')
    w.place('hex', receipt_ids='hex')
    w.place('wrong', password='other')
    w.place('late').policy(bind=smsc.RBINDFAIL)
    w.place('mute').policy(bind='silent')
    w.place('quiet', enquire_s=5)
    w.place('bad')
    w.place('tls', certificate=good, tls='yes', tls_ca=good)
    w.place('tls-unknown', certificate=named, tls='yes', tls_ca=good,
            tls_name='smsc.example')
    w.safard.set('gateways', w.rows)
    w.safard.set('outbox', ['  retry_s: 1', '  retry_most_s: 2'])


def tls_rename(w, stage):
    """There may be 16 gateways: one is used twice."""
    w.safard.stop()
    w.place('tls-name', certificate=stage.path('good.pem'), tls='yes',
            tls_ca=stage.path('good.pem'), tls_name='smsc.example')
    w.rows = w.rows[-(len(w.rows) - last_start(w.rows)):]
    w.safard.set('gateways', w.rows)
    w.safard.start()
    time.sleep(2)


def last_start(rows):
    return max(at for at, line in enumerate(rows) if line.startswith('  - '))


def run_row(w, operation, case, function):
    w.name = '%s: %s' % (operation, case)
    w.failed[w.name] = False
    try:
        function(w)
    except (kit.TooLong, IndexError, KeyError, TypeError) as error:
        w.ok(False, 'runs to its end', repr(error))


def run(tap, stage):
    w = World(tap, stage)
    build(w, stage)
    w.safard.start()
    for operation, case, function in ROWS:
        if function is not tls_name:
            run_row(w, operation, case, function)
    for w.name, later in w.late:
        later()
    numbers = ['+9965557%05d' % n for n in range(1, w.count + 1)]
    since = w.peer.now()
    tap.eq(w.safard.stop(), 0, 'safard ends well')
    unbinds = w.places['trx'].wait(5, since, ev='pdu', command='unbind')
    tap.ok(unbinds, 'unbind: by us: said at the end')
    kit.expect_no_traces(tap, stage, w.safard.files(), numbers,
                         [LONG, LONG_RU])
    tls_rename(w, stage)
    run_row(w, *[r for r in ROWS if r[2] is tls_name][0])
    tap.eq(w.safard.stop(), 0, 'safard ends well again')
    tell(tap, w)


def tell(tap, w):
    """The table."""
    tap.note('conformance against npm smpp:')
    for operation, case, _function in ROWS:
        name = '%s: %s' % (operation, case)
        tap.note('  %-4s %-32s %s' % (
            'FAIL' if w.failed.get(name, True) else 'ok', operation, case))
    tap.note('%d rows, %d operations, %d checks' % (
        len(ROWS), len({r[0] for r in ROWS}), tap.run))
    tap.eq([n for n, bad in w.failed.items() if bad], [], 'every row holds')
    tap.eq(set(w.failed), {'%s: %s' % r[:2] for r in ROWS},
           'every row was run')


if __name__ == '__main__':
    kit.main(run, 600)
