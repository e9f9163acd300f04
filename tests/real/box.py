"""box.py - Kannel's box protocol and a bearerbox of our own, which does what
no real one can be made to do on command.

A frame is a uint32 length and a packed message: int32 type, then its fields.
int: int32, -1 unset; string: int32 length (-1 NULL) and bytes.
"""

import select
import socket
import struct
import time
import uuid

import kit

HEARTBEAT, ADMIN, SMS, ACK = range(4)
MO, MT_REPLY, MT_PUSH, REPORT_MO, REPORT_MT = range(5)
ACK_SUCCESS, ACK_FAILED, ACK_FAILED_TMP, ACK_BUFFERED = range(4)
IDENTIFY = 3
DELIVERED = 1

FIELDS = {
    HEARTBEAT: ['load:i'],
    ADMIN: ['command:i', 'boxc_id:s'],
    SMS: ['sender:s', 'receiver:s', 'udhdata:s', 'msgdata:s', 'time:i',
          'smsc_id:s', 'smsc_number:s', 'foreign_id:s', 'service:s',
          'account:s', 'id:s', 'sms_type:i', 'mclass:i', 'mwi:i', 'coding:i',
          'compress:i', 'validity:i', 'deferred:i', 'dlr_mask:i', 'dlr_url:s',
          'pid:i', 'alt_dcs:i', 'rpi:i', 'charset:s', 'boxc_id:s', 'binfo:s',
          'msg_left:i', 'priority:i', 'resend_try:i', 'resend_time:i',
          'meta_data:s'],
    ACK: ['nack:i', 'time:i', 'id:s'],
}


def pack(kind, **values):
    body = [struct.pack('>i', kind)]
    for field in FIELDS[kind]:
        name, form = field.split(':')
        value = values.pop(name, None)
        if form == 'i':
            body.append(struct.pack('>i', -1 if value is None else value))
        elif value is None:
            body.append(struct.pack('>i', -1))
        else:
            data = value if isinstance(value, bytes) else value.encode()
            body.append(struct.pack('>i', len(data)) + data)
    assert not values, values
    data = b''.join(body)
    return struct.pack('>I', len(data)) + data


def unpack(data):
    """One message without its length, as a dict with its 'kind'."""
    kind, = struct.unpack_from('>i', data)
    message, at = {'kind': kind}, 4
    for field in FIELDS[kind]:
        name, form = field.split(':')
        value, = struct.unpack_from('>i', data, at)
        at += 4
        if form == 's':
            size = value
            value = None
            if size >= 0:
                value = data[at:at + size]
                assert len(value) == size, 'field %s past the end' % name
                at += size
        message[name] = value
    assert at == len(data), 'bytes left over'
    return message


def mo(sender, receiver, text, **more):
    """A text on its way in, as bearerbox packs it."""
    gsm = all(ord(c) < 128 for c in text)
    values = {
        'sender': sender, 'receiver': receiver, 'sms_type': MO,
        'msgdata': text if gsm else text.encode('utf-16-be'),
        'coding': 0 if gsm else 2, 'id': str(uuid.uuid4()),
        'time': int(time.time()), 'smsc_id': 'TEST',
    }
    values.update(more)
    return pack(SMS, **values)


def text_of(message):
    """The text of an SMS message, by its coding and charset."""
    data = message['msgdata'] or b''
    charset = (message['charset'] or b'').decode().upper()
    if charset:
        return data.decode(charset)
    return data.decode('utf-16-be' if message['coding'] == 2 else 'utf-8')


class Link:
    """One connection of a box, seen from bearerbox."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''
        self.ready = []
        self.closed = False

    def send(self, data):
        self.sock.settimeout(kit.patient(10))
        self.sock.sendall(data)

    def send_in_pieces(self, data, size, pause=0.002):
        for at in range(0, len(data), size):
            self.send(data[at:at + size])
            time.sleep(pause)

    def _read(self, seconds):
        if not select.select([self.sock], [], [], max(0, seconds))[0]:
            return
        try:
            data = self.sock.recv(65536)
        except ConnectionError:
            data = b''
        if not data:
            self.closed = True
            return
        self.buffer += data
        while len(self.buffer) >= 4:
            size, = struct.unpack_from('>I', self.buffer)
            if len(self.buffer) < 4 + size:
                break
            self.ready.append((time.monotonic(),
                               unpack(self.buffer[4:4 + size])))
            self.buffer = self.buffer[4 + size:]

    def next(self, seconds, *kinds):
        """The next message of these kinds, or None; others are passed over."""
        end = time.monotonic() + kit.patient(seconds)
        while True:
            while self.ready:
                at, message = self.ready.pop(0)
                if not kinds or message['kind'] in kinds:
                    message['at'] = at
                    return message
            left = end - time.monotonic()
            if self.closed or left < 0:
                return None
            self._read(left)

    def wait_closed(self, seconds):
        end = time.monotonic() + kit.patient(seconds)
        while not self.closed and time.monotonic() < end:
            self._read(end - time.monotonic())
        return self.closed

    def accept_mt(self, message, nack=ACK_SUCCESS):
        self.send(pack(ACK, nack=nack, time=message['time'],
                       id=message['id']))

    def close(self):
        self.sock.close()


class Bearerbox:
    """Listens where safard connects."""

    def __init__(self, stage):
        self.port = kit.free_port()
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(('127.0.0.1', self.port))
        self.server.listen(8)
        stage.closers.append(self.server.close)
        self.stage = stage

    def accept(self, seconds=20):
        """The next box that connects, after it has said who it is."""
        self.server.settimeout(kit.patient(seconds))
        try:
            link = Link(self.server.accept()[0])
        except socket.timeout:
            raise kit.TooLong('no box connected within %g s' %
                              seconds) from None
        self.stage.closers.append(link.close)
        hello = link.next(5, ADMIN)
        if hello is None or hello['command'] != IDENTIFY:
            raise kit.TooLong('the box did not identify itself')
        return link
