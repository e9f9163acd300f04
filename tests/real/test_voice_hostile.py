#!/usr/bin/env python3
"""What strangers and broken telephones send to safar-voice: malformed SIP, SDP
and RTP, mutations of them, and INVITE, BYE and RTP from where no trunk is.  It
goes on, and somebody who is in a call never notices."""

import os
import random
import socket
import struct
import time

import agi
import gateways
import kit
import uac
import voice

STRANGER = '127.0.0.9'
MUTATIONS = 5000
SDP = uac.SDP % {'id': 1, 'port': 40000}


def message(method='INVITE', uri='sip:1414@127.0.0.1', body=SDP, more='',
            tag='', kind='application/sdp', cseq=None, port=9):
    """A whole request; what makes it bad is put in by who asks for it."""
    ident = '%x' % random.getrandbits(60)
    return ('%s %s SIP/2.0\r\n'
            'Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bK%s\r\n'
            'Max-Forwards: 70\r\n'
            'From: "a" <sip:+996555@127.0.0.1>;tag=%s\r\n'
            'To: <sip:1414@127.0.0.1>%s\r\n'
            'Call-ID: bad%s\r\nCSeq: %s\r\n'
            'Contact: <sip:x@127.0.0.1:%d>\r\n%s%s'
            'Content-Length: %d\r\n\r\n%s' % (
                method, uri, port, ident, ident[:6], tag, ident,
                cseq or '1 ' + method, port, more,
                'Content-Type: %s\r\n' % kind if body else '', len(body),
                body)).encode()


def swapped(old, new, **values):
    return message(**values).replace(old.encode('latin-1'),
                                     new.encode('latin-1'), 1)


def sdp(*lines):
    return '\r\n'.join(('v=0', 'o=x 1 1 IN IP4 127.0.0.1', 's=-',
                        'c=IN IP4 127.0.0.1', 't=0 0') + lines) + '\r\n'


# After the ideas of RFC 4475, in messages of our own: (what, bytes, the status
# it must get, or None if all that matters is that nothing breaks)
BAD = [
    ('an address of no known scheme', message(uri='tel-x:1414'), 416),
    ('an extension nobody has', message(more='Require: teleport\r\n'), 420),
    ('reliable provisional answers', message(more='Require: 100rel\r\n'), 420),
    ('a body of another kind', message(kind='text/plain'), 415),
    ('no codec in common', message(body=sdp('m=audio 40000 RTP/AVP 18')), 488),
    ('two methods at once', message(cseq='1 OPTIONS'), 400),
    ('no Contact', swapped('Contact: ', 'X-Contact: '), 400),
    ('two lengths', message(more='Content-Length: 3\r\n'), 400),
    ('two calls at once', message(more='Call-ID: b\r\nCSeq: 9 INVITE\r\n'),
     400),
    ('a BYE of no call', message('BYE', body='', tag=';tag=x'), 481),
    ('an UPDATE', message('UPDATE', body='', tag=';tag=x'), 405),
    ('a REFER', message('REFER', body='', tag=';tag=x',
                        more='Refer-To: <sip:x@192.0.2.1>\r\n'), None),
    ('a SUBSCRIBE', message('SUBSCRIBE', body='', more='Event: x\r\n'), None),
    ('a REGISTER', message('REGISTER', body=''), None),
    ('a method of strange letters', swapped('INVITE', "!Odd'~%`+"), None),
    ('short names and folded lines', swapped('Via: ', 'v :\r\n '), None),
    ('a name with a zero byte', swapped('"a"', '"a\0b"'), None),
    ('a quote without its end', swapped('"a"', '"a'), None),
    ('a header of 30 kB', message(more='X: %s\r\n' % ('x' * 30000)), None),
    ('400 headers', message(more='X: y\r\n' * 400), None),
    ('300 Via', message(more='Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n' * 300),
     None),
    ('a length of -1', swapped('Content-Length: ', 'Content-Length: -'), None),
    ('a length past the end', swapped('Content-Length: ',
                                      'Content-Length: 9'), None),
    ('a CSeq of 80 bits', message(cseq='1208925819614629174706175 INVITE'),
     None),
    ('SIP 7', swapped('SIP/2.0\r\n', 'SIP/7.0\r\n'), None),
    ('no Via, From, To and Call-ID',
     b'INVITE sip:x@127.0.0.1 SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n', None),
    ('a branch of nothing', swapped(';branch=', ';;,;,,branch='), None),
    ('an answer nobody asked for', swapped(
        'INVITE sip:1414@127.0.0.1 SIP/2.0', 'SIP/2.0 200 OK'), None),
    ('an answer of status 4294967496', swapped(
        'INVITE sip:1414@127.0.0.1 SIP/2.0', 'SIP/2.0 4294967496 x'), None),
    ('an answer without words', swapped(
        'INVITE sip:1414@127.0.0.1 SIP/2.0', 'SIP/2.0 603'), None),
    ('no hops left', swapped('Max-Forwards: 70', 'Max-Forwards: 0'), None),
    ('an address with % in it', message(uri='sip:%00%ff%@127.0.0.1'), None),
    ('speech to everybody', message(body=sdp(
        'm=audio 40000 RTP/AVP 8').replace('IP4 127.0.0.1\r\nt',
                                           'IP4 255.255.255.255\r\nt')), None),
    ('speech to port 0', message(body=sdp('m=audio 0 RTP/AVP 8')), None),
    ('speech to port 99999999', message(body=sdp('m=audio 99999999 RTP/AVP 8')),
     None),
    ('1,000 media', message(body=sdp(*['m=audio 4000 RTP/AVP 8'] * 1000)),
     None),
    ('4,000 formats', message(body=sdp('m=audio 4000 RTP/AVP ' + ' '.join(
        map(str, range(4000))))), None),
    ('attributes cut short', message(body=sdp(
        'm=audio 4000/2 RTP/AVP 8 101', 'a=rtpmap:8', 'a=rtpmap:', 'a=fmtp:',
        'a=rtpmap:101 /', 'a=ptime:0', 'a=ptime:-7')), None),
    ('SDP of one line', message(body='v=0'), None),
    ('SDP that is none', message(body='\0' * 900), None),
    ('half a STUN packet', bytes.fromhex('000100082112a442') + bytes(12) +
     b'\0\6\xff\xffxxxx', None),
    ('line ends', b'\r\n\r\n', None),
    ('nothing', b'', None),
    ('zero bytes', bytes(1400), None),
    ('one word', b'INVITE', None),
]
PIECES = [b'\r\n', b'\0', b'<', b'>', b'"', b';', b',', b':', b'@', b'%s%n',
          b'A' * 300, b'-1', b'4294967296', b'\xff\xfe', b' ', b'[::1]',
          b'SIP/2.0', b'm=audio 1 RTP/AVP 8\r\n']


def mutated(dice, data):
    """Some bytes of it changed, doubled, cut out or put in."""
    data = bytearray(data)
    for _turn in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(data) + 1)
        what = dice.randrange(5)
        if what == 0:
            data[at:at + 1] = bytes((dice.randrange(256),))
        elif what == 1:
            data[at:at] = dice.choice(PIECES)
        elif what == 2:
            del data[at:at + dice.randrange(40)]
        elif what == 3:
            other = dice.randrange(len(data) + 1)
            data[at:at] = data[other:other + dice.randrange(60)]
        else:
            lines = bytes(data).split(b'\r\n')
            lines.insert(dice.randrange(len(lines)), dice.choice(lines))
            data = bytearray(b'\r\n'.join(lines))
    return bytes(data[:8000])


class Sender:
    """Sends datagrams from an address, and sees what is answered."""

    def __init__(self, port, host='127.0.0.1'):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.to = ('127.0.0.1', port)

    def send(self, data):
        port = self.sock.getsockname()[1]
        try:
            self.sock.sendto(data.replace(b':9;rport', b':%d;rport' % port),
                             self.to)
        except OSError:
            pass  # too long for a datagram

    def status(self, seconds):
        """The status of the last answer, 0 if there is none."""
        end, last = time.monotonic() + seconds, 0
        while last < 200 and time.monotonic() < end:
            self.sock.settimeout(max(0.01, end - time.monotonic()))
            try:
                answer = uac.Message(self.sock.recv(65536))
            except OSError:
                break
            last = answer.status or last
        return last

    def drain(self):
        self.sock.setblocking(False)
        count = 0
        try:
            while self.sock.recv(65536):
                count += 1
        except OSError:
            pass
        return count


class Victim:
    """Somebody in a call who presses keys and must be heard, all along."""

    def __init__(self, air, gateway):
        self.phone = uac.Phone(air, '+996555100077')
        self.phone.call(gateway.sip_port, '1414')
        self.phone.wait_up()
        self.keys = ''

    def presses(self, tap, heard, what):
        """A key is heard, and the prompt goes on without a gap."""
        key = random.choice('13579')
        before = len(heard)
        self.phone.press(key)
        try:
            kit.wait_for('the key', 5, lambda: len(heard) > before)
        except kit.TooLong:
            pass
        tap.ok(heard[before:] == [key] and not self.phone.over,
               'somebody in a call never noticed: ' + what, heard[before:])


def torture(tap, gateway, victim, heard):
    for what, data, want in BAD:
        sender = Sender(gateway.sip_port)
        sender.send(data)
        if want is not None:
            tap.eq(sender.status(3), want, what)
    victim.presses(tap, heard, '%d malformed messages' % len(BAD))


def mutations(tap, gateway, victim, heard):
    seed = int(os.environ.get('SEED', random.randrange(1 << 30)))
    dice = random.Random(seed)
    sender = Sender(gateway.sip_port)
    dialog = [victim.phone._request(method, body)  # pylint: disable=W0212
              for method, body in (('INVITE', SDP), ('INFO', ''), ('ACK', ''),
                                   ('NOTIFY', ''))]
    samples = [data for _what, data, _want in BAD if len(data) < 4000]
    for number in range(MUTATIONS):
        sender.send(mutated(dice, dice.choice(
            dialog if dice.random() < 0.3 else samples)))
        if number % 50 == 0:
            time.sleep(0.02)
            sender.drain()
    tap.ok(gateway.process.alive(), 'it outlives %d mutations (SEED=%d)' % (
        MUTATIONS, seed))


def rtp(kind, number, payload):
    return struct.pack('>BBHII', 0x80, kind, number & 0xFFFF, number * 160,
                       0xBAD) + payload


def strangers(tap, gateway, victim, heard):
    stranger = Sender(gateway.sip_port, STRANGER)
    for method in ('INVITE', 'OPTIONS', 'REGISTER'):
        stranger.send(message(method))
    stranger.send(victim.phone._request('BYE'))  # pylint: disable=W0212
    tap.eq(stranger.status(2), 0, 'strangers get no answer')
    victim.presses(tap, heard, "a stranger's BYE for that very call")
    peer = victim.phone.media.peer
    for host in (STRANGER, '127.0.0.1'):
        other = Sender(peer[1], host)
        other.to = peer
        before = len(heard)
        for number in range(30):
            other.send(rtp(uac.PT_KEYS, number, struct.pack(
                '>BBH', 9, 0x8A, 800)))
            other.send(rtp(uac.PT_ALAW, number, uac.SILENCE))
        time.sleep(0.3)
        tap.eq((heard[before:], other.drain()), ([], 0),
               'keys and speech from %s are not taken, and nothing is sent '
               'there' % ('another address' if host == STRANGER
                          else 'another port'))
    victim.presses(tap, heard, 'speech and keys of strangers')


def bad_rtp(tap, victim, heard):
    media = victim.phone.media
    dice = random.Random(1)
    for number in range(500):
        data = bytes(dice.randrange(256) for _n in range(dice.randrange(80)))
        if number % 2:
            data = bytes((0x80 | dice.randrange(64),
                          dice.choice((8, 0x88, 101, 0xE5)))) + data
        media.sock.sendto(data, media.peer)
    time.sleep(1)
    del heard[:]
    victim.presses(tap, heard, '500 broken packets of its own')


def fast_speech(tap, gateway, air, spool):
    """Who sends speech faster than time goes by fills no disk."""
    phone = uac.Phone(air, '+996555100078')
    phone.call(gateway.sip_port, '1414')
    phone.wait_up()
    for number in range(2000):
        phone.media.sock.sendto(
            struct.pack('>BBHII', 0x80, uac.PT_ALAW, number,
                        number * 960000 & 0xFFFFFFFF, 0xBAD) + b'x' * 960,
            phone.media.peer)
        if number % 10 == 0:
            time.sleep(0.01)
    path = os.path.join(spool, 'fast.wav')
    phone.wait_over()
    tap.ok(0 < os.path.getsize(path) < 16000 * 6,
           'speech faster than time is not kept', os.path.getsize(path))


def run(tap, stage):
    sounds = stage.path('sounds')
    os.makedirs(sounds)
    os.makedirs(stage.path('spool'))
    uac.write_wav(os.path.join(sounds, 'long.wav'), voice.melody('x', 60))
    heard = []

    def handle(call):
        call.ask('ANSWER')
        mine = call.env['agi_callerid'].endswith('100077')
        if call.env['agi_callerid'].endswith('100078'):
            call.ask('RECORD FILE %s wav "" 4000' % os.path.join(
                stage.path('spool'), 'fast'))
            call.ask('HANGUP')
            return
        while True:
            reply = call.ask('STREAM FILE %s "0123456789*#"' % os.path.join(
                sounds, 'long'))
            code = int(reply.split('=')[1].split()[0])
            if code < 0:
                return
            if mine and code:
                heard.append(chr(code))

    server = agi.Server(stage, handle)
    gateway = gateways.start_safar_voice(stage, server.port, sounds,
                                         stage.path('spool'), {})
    victim = Victim(uac.Air(stage), gateway)
    victim.presses(tap, heard, 'nothing yet')
    torture(tap, gateway, victim, heard)
    strangers(tap, gateway, victim, heard)
    bad_rtp(tap, victim, heard)
    gaps = victim.phone.media.gaps()
    tap.note('longest gap in what they heard: %.0f ms' % (max(gaps) * 1000))
    fast_speech(tap, gateway, uac.Air(stage), stage.path('spool'))
    mutations(tap, gateway, victim, heard)
    again = Victim(uac.Air(stage), gateway)
    del heard[:]
    again.presses(tap, heard, 'somebody who calls after all that')
    tap.eq(gateway.process.stop(), 0, 'safar-voice ends well')


if __name__ == '__main__':
    kit.main(run, 120)
