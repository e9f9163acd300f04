"""smpp_rows_link.py - rows of the table of SMPP: the life of a link, PDUs that
break their form, TLS."""

import re
import struct
import time

import kit
import smsc
from smpp_world import LONG_RU, row, submit_answered_with, tries

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
