"""smsc.py - SMPP 3.4, and an SMSC of our own, which does what no real one can
be made to do on command.

A PDU is four uint32: length, command, status, sequence; then the fields of the
command, then optional parameters as tag, length, value.  A thread reads; what
is asked of it by `on_bind`, `on_submit` and so on runs in that thread.
"""

import itertools
import os
import select
import socket
import ssl
import struct
import threading
import time

import kit

RESP = 0x80000000
NACK = 0x80000000
BIND_RX, BIND_TX, BIND_TRX = 0x01, 0x02, 0x09
SUBMIT, DELIVER, UNBIND, OUTBIND = 0x04, 0x05, 0x06, 0x0B
ENQUIRE, ALERT, DATA = 0x15, 0x102, 0x103

ROK, RINVMSGLEN, RINVCMDLEN, RINVCMDID, RINVBNDSTS = range(5)
RSYSERR, RINVDSTADR, RBINDFAIL, RINVPASWD = 0x08, 0x0B, 0x0D, 0x0E
RMSGQFUL, RSUBMITFAIL, RTHROTTLED = 0x14, 0x45, 0x58
RX_T_APPN, RX_P_APPN, RX_R_APPN = 0x64, 0x65, 0x66
RINVOPTPARSTREAM, RINVPARLEN = 0xC0, 0xC2

RECEIPTED_ID, STATE, PAYLOAD = 0x001E, 0x0427, 0x0424
SAR_REF, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F
STATES = {'ENROUTE': 1, 'DELIVRD': 2, 'EXPIRED': 3, 'DELETED': 4,
          'UNDELIV': 5, 'ACCEPTD': 6, 'UNKNOWN': 7, 'REJECTD': 8}

_SM = ('service_type:s source_ton:b source_npi:b source:s dest_ton:b '
       'dest_npi:b dest:s esm_class:b protocol_id:b priority:b schedule:s '
       'validity:s registered:b replace:b data_coding:b default_id:b '
       'short_message:o').split()
_BIND = ('system_id:s password:s system_type:s interface_version:b ton:b '
         'npi:b range:s').split()
_ID = ['message_id:s']
FIELDS = {
    BIND_RX: _BIND, BIND_TX: _BIND, BIND_TRX: _BIND,
    BIND_RX | RESP: ['system_id:s'], BIND_TX | RESP: ['system_id:s'],
    BIND_TRX | RESP: ['system_id:s'],
    SUBMIT: _SM, DELIVER: _SM, SUBMIT | RESP: _ID, DELIVER | RESP: _ID,
    DATA: ('service_type:s source_ton:b source_npi:b source:s dest_ton:b '
           'dest_npi:b dest:s esm_class:b registered:b data_coding:b').split(),
    DATA | RESP: _ID,
    OUTBIND: ['system_id:s', 'password:s'],
    ALERT: ('source_ton:b source_npi:b source:s esme_ton:b esme_npi:b '
            'esme:s').split(),
    UNBIND: [], UNBIND | RESP: [], ENQUIRE: [], ENQUIRE | RESP: [], NACK: [],
}

# 3GPP TS 23.038 table 6.2.1 and its extension table.
GSM7 = ('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?'
        '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
ESCAPED = {'\f': 0x0A, '^': 0x14, '{': 0x28, '}': 0x29, '\\': 0x2F, '[': 0x3C,
           '~': 0x3D, ']': 0x3E, '|': 0x40, '€': 0x65}


def gsm7(text):
    """Septets, one in a byte."""
    out = bytearray()
    for c in text:
        if c in ESCAPED:
            out += bytes((0x1B, ESCAPED[c]))
        else:
            out.append(GSM7.index(c))
    return bytes(out)


def from_gsm7(data):
    back = {code: c for c, code in ESCAPED.items()}
    out, escaped = [], False
    for byte in data:
        if escaped:
            out.append(back.get(byte, GSM7[byte]))
        elif byte != 0x1B:
            out.append(GSM7[byte])
        escaped = not escaped and byte == 0x1B
    return ''.join(out)


def gsm7_pack(septets, fill=0):
    bits = fill + 7 * len(septets)
    value = sum(s << (fill + 7 * at) for at, s in enumerate(septets))
    return value.to_bytes((bits + 7) // 8, 'little')


def gsm7_unpack(data, fill=0):
    value = int.from_bytes(data, 'little') >> fill
    count = (8 * len(data) - fill) // 7
    septets = bytes(value >> (7 * at) & 0x7F for at in range(count))
    # seven bits to spare are a CR by TS 23.038 section 6.1.2.3.1
    if (8 * len(data) - fill) % 7 == 0 and septets.endswith((b'\r', b'\0')):
        return septets[:-1]
    return septets


def is_gsm7(text):
    return all((c in GSM7 and c != '\x1b') or c in ESCAPED for c in text)


def tlv(tag, value):
    if isinstance(value, int):
        value = bytes((value,))
    return struct.pack('>HH', tag, len(value)) + value


def pack(command, sequence=0, status=0, tlvs=(), **values):
    body = b''
    if not (command & RESP and status):
        for field in FIELDS.get(command, []):
            name, form = field.split(':')
            value = values.pop(name, 0 if form == 'b' else b'')
            if isinstance(value, str):
                value = value.encode('latin-1')
            if form == 'b':
                body += bytes((value,))
            elif form == 's':
                body += value + b'\0'
            else:
                body += bytes((len(value),)) + value
        assert not values, values
        body += b''.join(tlv(tag, value) for tag, value in tlvs)
    return struct.pack('>IIII', 16 + len(body), command, status,
                       sequence) + body


class Pdu:
    """One PDU: command, status, sequence, tlvs {tag: bytes}, its fields."""

    def __init__(self, data):
        self.raw = data
        _n, self.command, self.status, self.sequence = struct.unpack_from(
            '>IIII', data)
        self.at_s = time.monotonic()
        self.tlvs = {}
        body = data[16:]
        if self.command & RESP and (self.status or not body):
            return
        for field in FIELDS[self.command]:
            name, form = field.split(':')
            if form == 'b':
                value, body = body[0], body[1:]
            elif form == 's':
                value, _nul, body = body.partition(b'\0')
                assert _nul, 'no NUL behind %s' % name
                value = value.decode('latin-1')
            else:
                value, body = body[1:1 + body[0]], body[1 + body[0]:]
            setattr(self, name, value)
        while body:
            tag, size = struct.unpack_from('>HH', body)
            self.tlvs[tag] = body[4:4 + size]
            assert len(self.tlvs[tag]) == size, 'a cut parameter'
            body = body[4 + size:]

    def content(self):
        """(header elements {id: bytes}, text bytes, fill bits)"""
        data = self.tlvs.get(PAYLOAD) or self.short_message
        if not self.esm_class & 0x40:
            return {}, data, 0
        size, at, elements = data[0], 1, {}
        while at <= size:
            elements[data[at]] = data[at + 2:at + 2 + data[at + 1]]
            at += 2 + data[at + 1]
        return elements, data[size + 1:], -(size + 1) * 8 % 7

    def place(self):
        """(reference, total, number) or None."""
        elements = self.content()[0]
        if 0x08 in elements:
            return struct.unpack('>HBB', elements[0x08])
        if 0x00 in elements:
            return tuple(elements[0x00])
        if SAR_REF in self.tlvs:
            return (struct.unpack('>H', self.tlvs[SAR_REF])[0],
                    self.tlvs[SAR_TOTAL][0], self.tlvs[SAR_NUMBER][0])
        return None

    def data(self, packed=False):
        """The text's bytes; septets one in a byte."""
        _elements, data, fill = self.content()
        if packed and self.data_coding == 0:
            return gsm7_unpack(data, fill)
        return data

    def text(self, packed=False):
        return decode(self.data(packed), self.data_coding)


def decode(data, coding):
    if coding == 8:
        return data.decode('utf-16-be')
    return from_gsm7(data) if coding == 0 else data.decode('latin-1')


class Text:
    """One answer that came, its parts joined."""

    def __init__(self, number, text, encoding, ids, at_s):
        self.number = number
        self.text = text
        self.encoding = encoding
        self.parts = len(ids)
        self.ids = ids  # of the parts, in their order
        self.at_s = at_s


class Joiner:
    """Submitted parts in, whole texts out; a repeated part counts once."""

    def __init__(self, packed=False):
        self.packed = packed
        self.waiting = {}

    def take(self, pdu, message_id):
        """The text this part completes, or None."""
        place = pdu.place() or (None, 1, 1)
        key = (pdu.dest, pdu.source, place[0], place[1])
        got = self.waiting.setdefault(key, {})
        got[place[2]] = (pdu, message_id)
        if len(got) < place[1]:
            return None
        del self.waiting[key]
        row = [got[n] for n in sorted(got)]
        data = b''.join(p.data(self.packed) for p, _ in row)
        dest = ('+' if pdu.dest_ton == 1 else '') + pdu.dest
        return Text(dest, decode(data, pdu.data_coding),
                    'ucs2' if pdu.data_coding == 8 else 'gsm7',
                    [i for _, i in row], pdu.at_s)


def mo(sender, text, line='1414', coding=None, concat=None, ref=1, size=None,
       **more):
    """A text as deliver_sm PDUs without sequence, a function of it each.

    coding  0, 1, 3 or 8; None: what holds the text
    concat  'udh8', 'udh16', 'sar' or 'payload'; None: one PDU
    size    bytes of text in each part
    """
    if coding is None:
        coding = 0 if is_gsm7(text) else 8
    data = (gsm7(text) if coding == 0 else text.encode('utf-16-be')
            if coding == 8 else text.encode('latin-1'))
    base = {'source': sender.lstrip('+'), 'dest': line, 'source_npi': 1,
            'source_ton': 1 if sender.startswith('+') else 0, 'dest_ton': 3,
            'dest_npi': 1, 'data_coding': coding}
    base.update(more)
    if concat in (None, 'payload'):
        part = dict(base, **({'tlvs': [(PAYLOAD, data)]} if concat else
                             {'short_message': data}))
        return [lambda seq: pack(DELIVER, seq, **part)]
    size = size or (134 if coding == 8 else 153)
    chunks = [data[at:at + size] for at in range(0, len(data), size)]

    def make(number, chunk):
        fields = dict(base)
        total = len(chunks)
        if concat == 'sar':
            fields.update(short_message=chunk, tlvs=[
                (SAR_REF, struct.pack('>H', ref)), (SAR_TOTAL, total),
                (SAR_NUMBER, number)])
        else:
            head = (bytes((5, 0, 3, ref & 0xFF, total, number))
                    if concat == 'udh8' else
                    struct.pack('>BBBHBB', 6, 8, 4, ref, total, number))
            fields.update(short_message=head + chunk,
                          esm_class=base.get('esm_class', 0) | 0x40)
        return lambda seq: pack(DELIVER, seq, **fields)

    return [make(number, chunk) for number, chunk in enumerate(chunks, 1)]


class Link:
    """One connection of an ESME."""

    def __init__(self, smsc, sock):
        self.smsc = smsc
        self.sock = sock
        self.lock = threading.RLock()
        self.sequence = itertools.count(1)
        self.buffer = b''
        self.bound = None  # the command it bound by
        self.silent = False  # reads on, but answers nothing
        self.closed = False
        self.ready = []  # what came and next() has not given

    def send(self, data):
        with self.lock:
            try:
                self.sock.sendall(data)
            except (OSError, ValueError):
                self.close()

    def request(self, make):
        """Send a PDU made by make(sequence); returns the sequence."""
        with self.lock:
            sequence = next(self.sequence)
            self.send(make(sequence))
            return sequence

    def answer(self, pdu, status=ROK, **values):
        self.send(pack(pdu.command | RESP, pdu.sequence, status, **values))

    def next(self, seconds, *commands, sequence=None):
        """The next PDU of these commands, or None; others stay."""
        end = time.monotonic() + kit.patient(seconds)
        with self.smsc.news:
            while True:
                for pdu in self.ready:
                    if (not commands or pdu.command in commands) and (
                            sequence in (None, pdu.sequence)):
                        self.ready.remove(pdu)
                        return pdu
                left = end - time.monotonic()
                if left <= 0 or self.closed:
                    return None
                self.smsc.news.wait(left)

    def call(self, make, seconds=10):
        """Send a request and give its response, a generic_nack too."""
        sequence = self.request(make)
        return self.next(seconds, *[c for c in FIELDS if c & RESP],
                         sequence=sequence)

    def wait_closed(self, seconds):
        with self.smsc.news:
            self.smsc.news.wait_for(lambda: self.closed, kit.patient(seconds))
        return self.closed

    def close(self):
        """Cut it, without a word."""
        with self.smsc.news:
            self.closed = True
            self.smsc.news.notify_all()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Smsc:
    """Listens where safard connects; answers binds, submits and enquiries.

    on_bind(link, pdu)         -> status
    on_submit(link, pdu)       -> (status, message id), or None: no answer
    on_text(text)              a whole answer came (class Text)
    on_resp(link, pdu)         safard answered something of ours
    on_pdu(link, pdu)          -> True: handled, nothing more is done
    All may be set; they run in the reader's thread.  receipts: a state such as
    'DELIVRD', sent for each part that asks for it.
    """

    def __init__(self, stage, port=None, password='secret', packed=False,
                 certificate=None):
        self.port = port or kit.free_port()
        self.password = password
        self.links = []
        self.texts = []
        self.submits = []  # (pdu, status, message id)
        self.resps = []
        self.news = threading.Condition()
        self.receipts = None
        self.on_bind = self.on_submit = self.on_text = None
        self.on_resp = self.on_pdu = None
        self.ids = itertools.count(1000)
        self.joiner = Joiner(packed)
        self.tls = None
        if certificate is not None:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.server = None
        self.ended = False
        self.listen()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        if stage is not None:
            stage.closers.append(self.close)

    # the listening end

    def listen(self):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(('127.0.0.1', self.port))
        server.listen(16)
        self.server = server

    def unlisten(self):
        """Nobody is there any more: connections are refused."""
        server, self.server = self.server, None
        if server is not None:
            server.close()

    def cut(self):
        """Every link dies without a word."""
        for link in list(self.links):
            link.close()

    def close(self):
        self.ended = True
        self.thread.join(10)
        self.unlisten()
        self.cut()
        for link in list(self.links):
            link.sock.close()

    # what a test asks for

    def bound(self, *commands):
        return [link for link in list(self.links)
                if link.bound is not None and not link.closed and
                (not commands or link.bound in commands)]

    def wait_bound(self, seconds=20, count=1, commands=()):
        """The first link bound, when so many are."""
        return kit.wait_for('%d bound links' % count, seconds, lambda: (
            len(self.bound(*commands)) >= count and
            self.bound(*commands)))[0]

    def receiver(self):
        links = self.bound(BIND_TRX, BIND_RX)
        return links[-1] if links else None

    def deliver(self, sender, text, link=None, order=None, **how):
        """Hand a text over, see mo(); order: which parts, in what order,
        counted from 0.  Returns [(link, sequence)], [] if no link is bound."""
        link = link or self.receiver()
        if link is None:
            return []
        parts = mo(sender, text, **how)
        return [(link, link.request(parts[at]))
                for at in (order if order is not None else range(len(parts)))]

    def wait_texts(self, seconds, check):
        """Wait until check(texts) is true; returns whether it is."""
        with self.news:
            return self.news.wait_for(lambda: check(self.texts),
                                      kit.patient(seconds))

    def receipt(self, message_id, state='DELIVRD', form='both', link=None,
                line='1414', sender='996555000000', seen=None):
        """Send a delivery receipt; form: 'text', 'tlv' or 'both'."""
        link = link or self.receiver()
        if link is None:
            return None
        text = seen if seen is not None else (
            'id:%s sub:001 dlvrd:%s submit date:2611220414 done '
            'date:2611220415 stat:%s err:000 text:Salom' % (
                message_id, '001' if state == 'DELIVRD' else '000', state))
        fields = {'source': sender, 'source_ton': 1, 'source_npi': 1,
                  'dest': line, 'esm_class': 0x04}
        if form != 'tlv':
            fields['short_message'] = text
        if form != 'text':
            fields['tlvs'] = [(RECEIPTED_ID, message_id.encode() + b'\0'),
                              (STATE, STATES[state])]
        return link, link.request(lambda seq: pack(DELIVER, seq, **fields))

    # the reader's thread

    def _run(self):
        while not self.ended:
            server = self.server
            row = {link.sock: link for link in self.links}
            try:
                pending = [s for s, link in row.items()
                           if isinstance(s, ssl.SSLSocket) and s.pending()]
                ready = pending or select.select(
                    list(row) + ([server] if server is not None else []),
                    [], [], 0.05)[0]
            except (OSError, ValueError):
                ready = []
                time.sleep(0.01)
            for sock in ready:
                if sock is server:
                    self._accept(server)
                else:
                    self._read(row[sock])
            for link in [one for one in self.links if one.closed]:
                self.links.remove(link)
                link.sock.close()

    def _accept(self, server):
        try:
            sock = server.accept()[0]
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(kit.patient(20))
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
        except OSError:
            return
        with self.news:
            self.links.append(Link(self, sock))
            self.news.notify_all()

    def _read(self, link):
        try:
            data = link.sock.recv(262144)
        except OSError:
            data = b''
        if not data:
            link.close()
            return
        link.buffer += data
        at = 0
        while len(link.buffer) - at >= 16:
            size, = struct.unpack_from('>I', link.buffer, at)
            if len(link.buffer) - at < size:
                break
            self._take(link, Pdu(link.buffer[at:at + size]))
            at += size
        link.buffer = link.buffer[at:]

    def _take(self, link, pdu):
        handled = link.silent or (self.on_pdu is not None and
                                  self.on_pdu(link, pdu))
        if not handled:
            if pdu.command in (BIND_RX, BIND_TX, BIND_TRX):
                self._bind(link, pdu)
            elif pdu.command == SUBMIT:
                self._submit(link, pdu)
            elif pdu.command in (ENQUIRE, UNBIND):
                link.answer(pdu)
            elif pdu.command & RESP:
                self.resps.append((link, pdu))
                if self.on_resp is not None:
                    self.on_resp(link, pdu)
        with self.news:
            link.ready.append(pdu)
            del link.ready[:-10000]
            self.news.notify_all()

    def _bind(self, link, pdu):
        if self.on_bind is not None:
            status = self.on_bind(link, pdu)
        else:
            status = ROK if pdu.password == self.password else RINVPASWD
        if status == ROK:
            link.bound = pdu.command
        if status is not None:
            link.answer(pdu, status, **(
                {} if status else {'system_id': 'SMSC'}))

    def _submit(self, link, pdu):
        if self.on_submit is not None:
            said = self.on_submit(link, pdu)
            if said is None:
                return
            status, message_id = said
        else:
            status, message_id = ROK, '%x' % next(self.ids)
        link.answer(pdu, status, **(
            {} if status else {'message_id': message_id}))
        self.submits.append((pdu, status, message_id))
        if status != ROK:
            return
        text = self.joiner.take(pdu, message_id)
        if text is not None:
            with self.news:
                self.texts.append(text)
                self.news.notify_all()
            if self.on_text is not None:
                self.on_text(text)
        if self.receipts is not None and pdu.registered & 3:
            self.receipt(message_id, self.receipts)


def gateway(safard, smsc, name='smpp1', password='secret', **settings):
    """The settings of a gateway at this SMSC, for safard.set('gateways', ...);
    its password goes into its file."""
    path = os.path.join(safard.data, 'keys', name + '.password')
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              'w', encoding='ascii') as file:
        file.write(password + '\n')
    values = {'driver': 'smpp', 'host': '127.0.0.1', 'port': smsc.port,
              'line': '"1414"', 'system_id': 'safar'}
    values.update(settings)
    return ['  - name: ' + name] + ['    %s: %s' % row
                                    for row in values.items()]
