"""kannel.py - a real bearerbox on ports and folders of its own, and phones at
its fake SMSC.

The fake SMSC is a TCP server in bearerbox.  A phone writes lines
`FROM TO TYPE DATA`; what is written to it are texts on their way out.
"""

import os
import re
import select
import socket
import struct
import threading
import time
import urllib.parse

import box
import kit

# The alphabet of GSM 03.38 with its extension table.
GSM7 = set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?'
           '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
           '\f^{}\\[~]|€')


def bearerbox_path():
    for folder in ('/usr/sbin', '/usr/local/sbin'):
        if os.access(folder + '/bearerbox', os.X_OK):
            return folder + '/bearerbox'
    raise FileNotFoundError('bearerbox: install the package kannel')


class Kannel:
    """bearerbox with conf/kannel.conf as we ship it, but for ports, folders
    and the pauses that would only make a test slow."""

    def __init__(self, stage, **settings):
        self.stage = stage
        self.box_port = kit.free_port()
        self.phone_port = kit.free_port()
        self.spool = stage.path('spool')
        os.makedirs(self.spool)
        self.conf = stage.path('kannel.conf')
        with open(os.path.join(kit.ROOT, 'conf', 'kannel.conf'),
                  encoding='utf-8') as file:
            conf = file.read()
        changes = {
            'admin-port': kit.free_port(),
            'smsbox-port': self.box_port,
            'port': self.phone_port,
            'store-location': '"%s"' % self.spool,
            'log-file': '"%s"' % stage.path('kannel.err'),
            'sms-resend-freq': 1,
        }
        changes.update((key.replace('_', '-'), value)
                       for key, value in settings.items())
        for key, value in changes.items():
            conf, count = re.subn('(?m)^%s = .*$' % re.escape(key),
                                  '%s = %s' % (key, value), conf)
            assert count == 1, 'conf/kannel.conf has %d lines %s' % (count, key)
        with open(self.conf, 'w', encoding='utf-8') as file:
            file.write(conf)
        self.process = None

    def start(self):
        self.process = kit.Process(
            self.stage, 'bearerbox', [bearerbox_path(), '-v', '2', self.conf],
            cwd=self.stage.folder)
        for port in (self.box_port, self.phone_port):
            kit.wait_for('bearerbox on port %d' % port, 10,
                         lambda port=port: kit.is_listening(port))

    def spooled(self):
        """How many texts it has on disk: (in, out, unreadable).

        A file is unreadable while it is being written, and for good if
        bearerbox was killed then: nobody was told that it had that text.
        """
        count = {'in': 0, 'out': 0, 'bad': 0}
        for path in kit.files_under(self.spool):
            try:
                with open(path, 'rb') as file:
                    kind = box.unpack(file.read())['sms_type']
                count['out' if kind in (box.MT_REPLY, box.MT_PUSH)
                      else 'in'] += 1
            except FileNotFoundError:
                pass  # handed over this very moment
            except (struct.error, AssertionError, KeyError):
                count['bad'] += 1
        return count['in'], count['out'], count['bad']


class Reply:
    """One text that reached a phone, long ones joined."""

    def __init__(self, at, number, text, encoding, parts):
        self.at = at
        self.number = number
        self.text = text
        self.encoding = encoding
        self.parts = parts


def _bytes(field):
    return urllib.parse.unquote_to_bytes(field.replace(b'+', b' '))


def _decode(data):
    """The line does not say which alphabet a part with a header has.  No
    Latin text holds bytes 0x00 or 0x04, and our UCS-2 texts all do."""
    if len(data) % 2 == 0 and (b'\0' in data or b'\4' in data):
        return data.decode('utf-16-be'), 'ucs2'
    return data.decode('utf-8'), 'gsm7'


def concat_of(header):
    """(reference, total, number) of a user data header, or None."""
    at = 1
    while at + 2 <= len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2:at + 2 + size]
        if kind == 0x00 and size == 3:
            return value[0], value[1], value[2]
        if kind == 0x08 and size == 4:
            return value[0] * 256 + value[1], value[2], value[3]
        at += 2 + size
    return None


class Phones:
    """All phones at one fake SMSC: one connection, read by a thread."""

    def __init__(self, stage, port, line='1414'):
        self.port = port
        self.line = line
        self.replies = []
        self.on_reply = None  # called in the reader's thread
        self.header = re.compile(
            rb'(?:^|\n)%s (\+?\d+) (text|data|ucs-2|udh) ' % line.encode())
        self.parts = {}
        self.news = threading.Condition()
        self.ended = False
        self.sock = None
        self.thread = None
        stage.closers.append(self.close)

    def connect(self, seconds=10):
        def attempt():
            try:
                return socket.create_connection(('127.0.0.1', self.port), 2)
            except OSError:
                return None

        self.sock = kit.wait_for('the fake SMSC', seconds, attempt)
        self.ended = False
        self.thread = threading.Thread(target=self._read, args=(self.sock,),
                                       daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        if self.thread is not None:
            self.thread.join(5)
        if self.sock is not None:
            self.sock.close()
        self.sock = None

    # out of the phone

    def _line(self, number, kind, data):
        self.sock.settimeout(kit.patient(20))
        self.sock.sendall(b'%s %s %s %s\n' % (
            number.encode(), self.line.encode(), kind, data))

    def send(self, number, text):
        if set(text) <= GSM7 and '\n' not in text:
            self._line(number, b'text', text.encode())
        else:
            self._line(number, b'ucs2', urllib.parse.quote_from_bytes(
                text.encode('utf-16-be')).encode())

    def send_parts(self, number, texts, reference):
        for at, text in enumerate(texts, 1):
            header = bytes((5, 0, 3, reference, len(texts), at))
            quoted = ''.join('%%%02x' % byte for byte in header)
            self._line(number, b'udh-text', quoted.encode() + b' ' +
                       text.encode())

    # into the phone

    def _read(self, sock):
        buffer, came = b'', 0.0
        while not self.ended:
            if not select.select([sock], [], [], 0.05)[0]:
                # A text in Latin letters may hold line ends of its own: it is
                # over when the next begins, or when nothing follows.
                if buffer.endswith(b'\n'):
                    buffer = self._take(buffer, came, True)
                continue
            try:
                data = sock.recv(65536)
            except OSError:
                break
            if not data:
                break
            came = time.monotonic()
            buffer = self._take(buffer + data, came, False)
        self._take(buffer, came, True)

    def _take(self, buffer, came, all_of_it):
        while True:
            head = self.header.match(buffer)
            if head is None:
                return buffer
            following = self.header.search(buffer, head.end())
            if following is not None:
                end = following.start()
            elif buffer.endswith(b'\n') and (all_of_it or
                                             head.group(2) != b'text'):
                end = len(buffer) - 1
            else:
                return buffer
            self._message(came, head.group(1).decode(), head.group(2),
                          buffer[head.end():end])
            buffer = buffer[end + 1:]

    def _message(self, came, number, kind, data):
        if kind == b'udh':
            header, _word, body = data.split(b' ', 2)
            place = concat_of(_bytes(header))
            text, encoding = _decode(_bytes(body))
            if place is None:
                self._keep(Reply(came, number, text, encoding, 1))
                return
            key = (number, place[0], place[1])
            got = self.parts.setdefault(key, {})
            got[place[2]] = (text, encoding)
            if len(got) == place[1]:
                del self.parts[key]
                self._keep(Reply(
                    came, number, ''.join(got[n][0] for n in sorted(got)),
                    got[1][1], place[1]))
        elif kind == b'ucs-2':
            self._keep(Reply(came, number, _bytes(data).decode('utf-16-be'),
                             'ucs2', 1))
        elif kind == b'text':
            self._keep(Reply(came, number, data.decode('utf-8', 'replace'),
                             'gsm7', 1))
        else:
            self._keep(Reply(came, number, repr(data), 'data', 1))

    def _keep(self, reply):
        with self.news:
            self.replies.append(reply)
            self.news.notify_all()
        if self.on_reply is not None:
            self.on_reply(len(self.replies))

    def of(self, number):
        with self.news:
            return [r for r in self.replies if r.number == number]

    def wait(self, seconds, check):
        """Until check(replies) is true; returns whether it became so."""
        end = time.monotonic() + kit.patient(seconds)
        with self.news:
            while not check(self.replies):
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self.news.wait(left)
        return True
