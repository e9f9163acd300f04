"""uac.py - telephones: SIP over UDP, G.711 A-law, keys by RFC 4733.

An Air carries all telephones of a test in one thread: it reads their sockets
and sends what has its time.  A Phone calls and is called.  What is heard is
kept by its RTP time stamps, so that it can be compared with a prompt.
"""

import heapq
import itertools
import operator
import os
import random
import re
import selectors
import socket
import struct
import threading
import time
import wave

import kit

FRAME = 160  # samples of 20 ms
EVENTS = '0123456789*#ABCD'
PT_ALAW, PT_KEYS = 8, 101
KEY_UPDATES = 5  # packets of 20 ms, then three times the end
SILENCE = b'\xd5' * FRAME
ALIVE_S = 5
REACTION_S = 0.15  # nobody presses in the moment that a prompt ends


def _alaw_value(code):
    """ITU-T G.711: the 16 bit sample of one A-law byte."""
    code ^= 0x55
    low, segment = code & 0x0F, code >> 4 & 7
    value = (low << 4) + 8
    if segment:
        value = (value + 0x100) << (segment - 1)
    return value if code & 0x80 else -value


ALAW = [_alaw_value(code) for code in range(256)]


def alaw_code(sample):
    """ITU-T G.711: the A-law byte of a 16 bit sample."""
    sign, size = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    size = min(size, 32767) >> 4
    segment = max(0, size.bit_length() - 4)
    low = size & 0x0F if segment == 0 else size >> (segment - 1) & 0x0F
    return (sign | segment << 4 | low) ^ 0x55


def read_wav(path):
    """The samples of a prompt: 8 kHz, mono, 16 bit."""
    with wave.open(path, 'rb') as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        if shape != (8000, 1, 2):
            raise ValueError('%s: %r' % (os.path.basename(path), shape))
        data = file.readframes(file.getnframes())
    return list(struct.unpack('<%dh' % (len(data) // 2), data))


def write_wav(path, samples):
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack('<%dh' % len(samples), *samples))


PLACES = 8  # where a prompt may lie that are looked at whole


def likeness(heard, prompt, probe=400):
    """How well a prompt is heard somewhere: correlation of the whole prompt,
    1.0 if it is all there undisturbed.  Returns (correlation, at sample)."""
    if not any(prompt):
        return 0.0, 0
    heard = heard + [0] * len(prompt)  # its last samples may be cut off
    # The loudest stretch of the prompt says where it lies.
    at = max(range(0, len(prompt) - probe, probe), key=lambda n: sum(
        map(abs, prompt[n:n + probe])))
    piece = prompt[at:at + probe]
    found = []
    for start in range(at, len(heard) - len(prompt) + at + 1):
        window = heard[start:start + probe]
        if window[0] == 0 and not any(window):
            continue
        alike = sum(map(operator.mul, piece, window))
        if alike > 0:
            size = sum(map(operator.mul, window, window))
            found.append((alike / size ** 0.5, start - at))
    # Another prompt may have the same note, so the first is not always it.
    best, where, tried = 0.0, 0, []
    for _score, start in sorted(found, reverse=True):
        if len(tried) == PLACES:
            break
        if any(abs(start - other) < probe for other in tried):
            continue
        tried.append(start)
        alike = correlation(heard[start:start + len(prompt)], prompt)
        if alike > best:
            best, where = alike, start
    return best, where


def correlation(got, prompt):
    power = sum(map(operator.mul, got, got)) * sum(
        map(operator.mul, prompt, prompt))
    return sum(map(operator.mul, got, prompt)) / power ** 0.5 if power else 0.0


class Air:
    """The thread that carries sockets and clocks of all telephones."""

    def __init__(self, stage):
        self.selector = selectors.DefaultSelector()
        self.jobs = []
        self.order = itertools.count()
        self.lock = threading.Lock()
        self.ended = False
        self.wake_in, self.wake_out = os.pipe()
        os.set_blocking(self.wake_in, False)
        self.selector.register(self.wake_in, selectors.EVENT_READ, self._woken)
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()
        stage.closers.append(self.close)

    def close(self):
        self.ended = True
        os.write(self.wake_out, b'.')
        self.thread.join(5)

    def _woken(self):
        os.read(self.wake_in, 4096)

    def listen(self, sock, callback):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, callback)

    def at(self, when, job):
        """Call job() in the thread at that time of the monotonic clock."""
        with self.lock:
            heapq.heappush(self.jobs, (when, next(self.order), job))
        os.write(self.wake_out, b'.')

    def _due(self):
        now = time.monotonic()
        with self.lock:
            if not self.jobs:
                return None, 1.0
            if self.jobs[0][0] > now:
                return None, self.jobs[0][0] - now
            return heapq.heappop(self.jobs)[2], 0

    def _carry(self):
        while not self.ended:
            job, pause = self._due()
            if job is not None:
                job()
                continue
            for key, _mask in self.selector.select(pause):
                key.data()


class Media:
    """One end of RTP: G.711 A-law and keys."""

    def __init__(self, air):
        self.air = air
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('127.0.0.1', 0))
        self.port = self.sock.getsockname()[1]
        self.peer = None
        self.ssrc = random.getrandbits(32)
        self.seq = random.getrandbits(15)
        self.stamp = random.getrandbits(30)
        self.started = time.monotonic()
        self.keys_until = self.speech_until = 0.0
        self.packets = []  # (arrival, time stamp, payload type, payload)
        self.heads = []  # of each packet: (number, marker, time stamp)
        self.pressed = []  # when each key was pressed
        self.keys = []  # heard as RFC 4733
        self.key_stamp = None
        self.open = True
        air.listen(self.sock, self._on_packets)

    def close(self):
        if self.open:
            self.open = False
            self.air.at(0, self._unlisten)

    def _unlisten(self):
        self.air.selector.unregister(self.sock)
        self.sock.close()

    def connect(self, peer):
        """RTP goes there from now on; a little silence, so that it is known
        where it comes from."""
        self.peer = peer
        for n in range(3):
            self.air.at(time.monotonic() + n * 0.02, self._silence)
        self.air.at(time.monotonic() + ALIVE_S, self._alive)

    def _alive(self):
        if self.open:
            if time.monotonic() > max(self.keys_until, self.speech_until):
                self._silence()
            self.air.at(time.monotonic() + ALIVE_S, self._alive)

    def _silence(self):
        self._send(PT_ALAW, self._now(), SILENCE)

    def _now(self):
        return self.stamp + int((time.monotonic() - self.started) * 8000)

    def _send(self, kind, stamp, payload, mark=False):
        if not self.open:
            return
        self.seq += 1
        head = struct.pack('>BBHII', 0x80, kind | (0x80 if mark else 0),
                           self.seq & 0xFFFF, stamp & 0xFFFFFFFF, self.ssrc)
        try:
            self.sock.sendto(head + payload, self.peer)
        except OSError:
            pass  # refused: the other side has gone

    def press(self, keys, pause=0.25):
        """Press keys one after the other, each for 100 ms."""
        when = max(time.monotonic() + REACTION_S, self.keys_until)
        for key in keys:
            self._press(key, when)
            when += 0.02 * (KEY_UPDATES + 3) + pause
        self.keys_until = when

    def _press(self, key, when):
        event = EVENTS.index(key)
        stamp = self.stamp + int((when - self.started) * 8000)
        self.air.at(when, lambda: self.pressed.append(time.monotonic()))
        for n in range(KEY_UPDATES + 3):
            end = n >= KEY_UPDATES
            payload = struct.pack('>BBH', event, 10 | (0x80 if end else 0),
                                  FRAME * min(n + 1, KEY_UPDATES))
            self.air.at(when + 0.02 * n, lambda p=payload, m=n == 0:
                        self._send(PT_KEYS, stamp, p, m))

    def speak(self, samples):
        """Say samples of 16 bit, in real time."""
        codes = bytes(map(alaw_code, samples))
        when = max(time.monotonic(), self.speech_until)
        stamp = self.stamp + int((when - self.started) * 8000)
        for n in range(0, len(codes) - FRAME + 1, FRAME):
            self.air.at(when + n / 8000, lambda n=n: self._send(
                PT_ALAW, stamp + n, codes[n:n + FRAME], n == 0))
        self.speech_until = when + len(codes) / 8000

    def _on_packets(self):
        while True:
            try:
                data = self.sock.recv(2048)
            except OSError:
                return
            if len(data) < 12:
                continue
            kind = data[1] & 0x7F
            number, stamp = struct.unpack_from('>HI', data, 2)
            self.packets.append((time.monotonic(), stamp, kind, data[12:]))
            self.heads.append((number, data[1] >> 7, stamp))
            if kind == PT_KEYS and stamp != self.key_stamp:
                self.key_stamp = stamp
                self.keys.append(EVENTS[data[12] & 15])

    def heard(self, since=0.0):
        """The samples heard since a time, laid out by their time stamps."""
        rows = [(stamp, payload) for at, stamp, kind, payload in self.packets
                if kind == PT_ALAW and at >= since]
        samples, start = [], None
        for stamp, payload in rows:
            if start is None or not 0 <= stamp - start <= 8000 * 600:
                start = stamp - len(samples)  # another stream begins
            at = stamp - start
            if at > len(samples):
                samples += [0] * (at - len(samples))
            samples[at:at + len(payload)] = [ALAW[code] for code in payload]
        return samples

    def gaps(self, since=0.0):
        """Seconds between packets that followed each other."""
        times = [row[0] for row in self.packets if row[0] >= since]
        return [later - sooner for sooner, later in zip(times, times[1:])]


SDP = '''v=0
o=- %(id)d 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio %(port)d RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
'''.replace('\n', '\r\n')


class Message:
    """One SIP message, read."""

    def __init__(self, data):
        head, _gap, self.body = data.decode('utf-8', 'replace').partition(
            '\r\n\r\n')
        self.first, *lines = head.split('\r\n')
        self.headers = {}
        for line in lines:
            name, _colon, value = line.partition(':')
            self.headers.setdefault(name.strip().lower(), []).append(
                value.strip())

    def get(self, name):
        return self.headers.get(name, [''])[0]

    @property
    def status(self):
        return int(self.first.split()[1]) if self.first.startswith(
            'SIP/2.0 ') else None

    @property
    def method(self):
        return (self.get('cseq').split() or [''])[-1]

    def media(self):
        port = re.search(r'(?m)^m=audio (\d+)', self.body)
        host = re.search(r'(?m)^c=IN IP4 (\S+)', self.body)
        if port is None or host is None:
            return None
        return host.group(1), int(port.group(1))


class Phone:
    """A telephone with one line: call() from it, or ring it."""

    def __init__(self, air, number='+996555000001', ring=None, talk=None,
                 refuse=None):
        """Rung, it answers after `ring` seconds and hangs up after `talk`, or
        refuses with that status; with nothing said it only rings."""
        self.air = air
        self.number = number
        self.ring, self.talk, self.refuse = ring, talk, refuse
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('127.0.0.1', 0))
        self.port = self.sock.getsockname()[1]
        self.media = Media(air)
        self.news = threading.Condition()
        self.status = None  # of the last answer to our INVITE
        self.up = self.over = False
        self.up_at = self.over_at = None
        self.over_by = None  # 'us' or 'them'
        self.calls_in = []  # INVITEs that reached us
        self.referred = None  # the call made because a REFER asked for it
        self.on_final = None  # told the final answer to our INVITE
        self.dialog = None
        self.cseq = 1
        air.listen(self.sock, self._on_packets)

    def close(self):
        self.media.close()
        self.air.at(0, self._unlisten)

    def _unlisten(self):
        self.air.selector.unregister(self.sock)
        self.sock.close()

    # as a caller

    def call(self, port, dialled):
        """Call that number there.  A phone without a number withholds it, as
        RFC 3323 section 4.1.1.3 has it."""
        self.remote = ('127.0.0.1', port)
        self.uri = 'sip:%s@127.0.0.1:%d' % (dialled, port)
        ident = '%x' % random.getrandbits(64)
        self.dialog = {
            'call-id': ident + '@phone',
            'from': ('"caller" <sip:%s@127.0.0.1>' % self.number
                     if self.number else
                     '"Anonymous" <sip:anonymous@anonymous.invalid>') +
                    ';tag=' + ident[:8],
            'to': '<%s>' % self.uri,
        }
        self.branch = 'z9hG4bK' + ident
        self.invite = self._request('INVITE', self._sdp(), self.branch)
        self._send(self.invite)
        self._again(0.5)

    def _again(self, pause):
        def job():
            if self.status is None and not self.over and pause < 8:
                self._send(self.invite)
                self._again(pause * 2)
        self.air.at(time.monotonic() + pause, job)

    def wait_up(self, seconds=10):
        self.wait('an answer', lambda: self.up or self.over, seconds)
        return self.up

    def wait_over(self, seconds=20):
        self.wait('the end of the call', lambda: self.over, seconds)

    def wait(self, what, check, seconds=10):
        with self.news:
            if not self.news.wait_for(check, kit.patient(seconds)):
                raise kit.TooLong('%s: not within %g s' % (what, seconds))

    def press(self, keys, pause=0.25):
        self.media.press(keys, pause)

    def hang_up(self):
        if self.up and not self.over:
            self.cseq += 1
            self._send(self._request('BYE'))
            self._over('us')

    def cancel(self):
        self._send(self._request('CANCEL', '', self.branch))

    def _request(self, method, body='', branch=None):
        lines = self._lines(method, branch)
        if body:
            lines.append('Content-Type: application/sdp')
        return self._whole(lines, body)

    def _lines(self, method, branch=None):
        lines = ['%s %s SIP/2.0' % (method, self.uri),
                 'Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=%s' % (
                     self.port, branch or 'z9hG4bK%x' % random.getrandbits(64)),
                 'Max-Forwards: 70', 'From: ' + self.dialog['from'],
                 'To: ' + self.dialog['to'],
                 'Call-ID: ' + self.dialog['call-id'],
                 'CSeq: %d %s' % (self.cseq, method),
                 'Contact: <sip:phone@127.0.0.1:%d>' % self.port]
        if self.number is None:
            lines.append('Privacy: id')
        return lines

    @staticmethod
    def _whole(lines, body):
        lines = lines + ['Content-Length: %d' % len(body)]
        return ('\r\n'.join(lines) + '\r\n\r\n' + body).encode()

    def _sdp(self):
        return SDP % {'id': self.port, 'port': self.media.port}

    def _send(self, data):
        try:
            self.sock.sendto(data, self.remote)
        except OSError:
            pass

    def _over(self, by):
        with self.news:
            if not self.over:
                self.over, self.over_by = True, by
                self.over_at = time.monotonic()
                self.media.close()
                if self.referred is not None and not self.referred.up:
                    self.referred.cancel()
            self.news.notify_all()

    # what comes

    def _on_packets(self):
        while True:
            try:
                data, sender = self.sock.recvfrom(16384)
            except OSError:
                return
            if not data.strip():
                continue
            message = Message(data)
            if message.status is not None:
                self._on_response(message)
            else:
                self.remote = sender
                self._on_request(message)

    def _on_response(self, message):
        if message.method != 'INVITE':
            return
        self.status = message.status
        if self.status >= 200 and self.on_final is not None:
            self.on_final(message)
        if self.status >= 200:
            self.dialog['to'] = message.get('to')
            if self.status < 300:
                contact = re.search(r'<([^>]*)>', message.get('contact'))
                self.uri = contact.group(1) if contact else self.uri
                self._send(self._request('ACK'))
            else:
                self._send(self._request('ACK', '', self.branch))
                self._over('them')
        if self.status == 200 and not self.up and not self.over:
            self.media.connect(message.media())
            with self.news:
                self.up, self.up_at = True, time.monotonic()
                self.news.notify_all()

    def _on_request(self, message):
        method = message.method
        if method == 'BYE':
            self._answer(message, '200 OK')
            self._over('them')
        elif method == 'INVITE':
            self._on_invite(message)
        elif method == 'CANCEL':
            self._answer(message, '200 OK')
            self._answer(self.calls_in[-1], '487 Request Terminated')
            self._over('them')
        elif method == 'REFER':
            self._on_refer(message)
        elif method != 'ACK':
            self._answer(message, '200 OK')

    def _on_refer(self, message):
        """As a trunk does it: calls there itself, and tells how that went.
        RFC 3515; whoever asked ends the call with us once it is answered."""
        self._answer(message, '202 Accepted')
        uri = re.search(r'sip:([^@>]*)@[^:>]*:(\d+)', message.get('refer-to'))
        self._notify('100 Trying', 'active;expires=60')
        self.referred = Phone(self.air, self.number)
        self.referred.on_final = self._on_referred
        self.referred.call(int(uri.group(2)), uri.group(1))

    def _on_referred(self, message):
        if not self.over:
            self._notify(message.first[8:], 'terminated;reason=noresource')

    def _notify(self, status, state):
        self.cseq += 1
        lines = self._lines('NOTIFY') + [
            'Event: refer', 'Subscription-State: ' + state,
            'Content-Type: message/sipfrag;version=2.0']
        self._send(self._whole(lines, 'SIP/2.0 %s\r\n' % status))

    def _on_invite(self, message):
        if any(message.get('call-id') == old.get('call-id')
               for old in self.calls_in) and not self.up:
            return
        with self.news:
            self.calls_in.append(message)
            self.news.notify_all()
        if self.up:
            self._answer(message, '200 OK', self._sdp())
        elif self.refuse is not None:
            self._answer(message, self.refuse)
            self._over('us')
        else:
            self._answer(message, '180 Ringing')
            if self.ring is not None:
                self.air.at(time.monotonic() + self.ring,
                            lambda: self._pick_up(message))

    def _pick_up(self, message):
        if self.over:
            return
        self._answer(message, '200 OK', self._sdp())
        contact = re.search(r'<([^>]*)>', message.get('contact'))
        self.uri = contact.group(1)
        self.dialog = {'call-id': message.get('call-id'),
                       'from': message.get('to') + ';tag=%x' % self.port,
                       'to': message.get('from')}
        self.media.connect(message.media())
        with self.news:
            self.up, self.up_at = True, time.monotonic()
            self.news.notify_all()
        if self.talk is not None:
            self.air.at(time.monotonic() + self.talk, self.hang_up)

    def _answer(self, message, status, body=''):
        to = message.get('to')
        if 'tag=' not in to:
            to += ';tag=%x' % self.port
        lines = ['SIP/2.0 ' + status]
        lines += ['Via: ' + via for via in message.headers.get('via', [])]
        lines += ['Record-Route: ' + route for route in message.headers.get(
            'record-route', [])]
        lines += ['From: ' + message.get('from'), 'To: ' + to,
                  'Call-ID: ' + message.get('call-id'),
                  'CSeq: ' + message.get('cseq'),
                  'Contact: <sip:phone@127.0.0.1:%d>' % self.port]
        if body:
            lines.append('Content-Type: application/sdp')
        self._send(self._whole(lines, body))
