"""peers.py - gateways of our own, all in one loop without threads: each hands
texts over until they are acknowledged, as a real one does, takes answers, and
reports them delivered.
"""

import collections
import heapq
import itertools
import os
import selectors
import socket
import time
import uuid

import box
import smsc

AGAIN_S = 0.2  # before a text that was put off is handed over again
NOTICED_S = 0.05  # both ends see the end of a link before texts take another
LINE = '1414'


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.timers = []
        self.order = itertools.count()

    def later(self, seconds, call, *args):
        heapq.heappush(self.timers, (time.monotonic() + seconds,
                                     next(self.order), call, args))

    def watch(self, sock, call):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, call)

    def forget(self, sock):
        self.selector.unregister(sock)
        sock.close()

    def run(self, seconds, until=lambda: False):
        """Returns whether it came true in that time."""
        end = time.monotonic() + seconds
        while not until():
            now = time.monotonic()
            if now >= end:
                return False
            while self.timers and self.timers[0][0] <= now:
                _at, _order, call, args = heapq.heappop(self.timers)
                call(*args)
            left = min(self.timers[0][0] if self.timers else end, end,
                       now + 0.02) - time.monotonic()
            for key, _mask in self.selector.select(max(0, left)):
                key.data()
        return True


class Link:
    """One connection from safard; whole frames are given to take()."""

    def __init__(self, loop, sock, cut, take, closed):
        self.loop = loop
        self.sock = sock
        self.cut = cut  # bytes -> length of the first frame, or None
        self.take = take
        self.closed = closed
        self.open = True
        self.buffer = bytearray()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop.watch(sock, self._read)

    def _read(self):
        try:
            data = self.sock.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b''
        if not data:
            self.close()
            return
        self.buffer += data
        while self.open:
            size = self.cut(self.buffer)
            if size is None or len(self.buffer) < size:
                return
            frame = bytes(self.buffer[:size])
            del self.buffer[:size]
            self.take(self, frame)

    def send(self, data):
        """Loopback takes what a window allows; else the link is no good."""
        if not self.open:
            return
        try:
            sent = self.sock.send(data)
        except OSError:
            sent = -1
        if sent != len(data):
            self.close()

    def close(self):
        if self.open:
            self.open = False
            self.loop.forget(self.sock)
            self.closed(self)


class Message:
    """What a gateway keeps until it is acknowledged: a text, a part of one, or
    a report.  make(ident) gives its frame."""

    def __init__(self, make, said=None, part=1):
        self.make = make
        self.said = said
        self.part = part
        self.link = None


class Peer:
    """What gateways of all kinds have in common."""

    window = 100  # what it hands over without an acknowledge
    names_texts = True  # else equal texts about a cut cannot be told apart
    binds = 1  # links that texts go out by

    def __init__(self, name, loop, crowd, rng):
        self.name = name
        self.loop = loop
        self.crowd = crowd
        self.rng = rng
        self.links = []
        self.receivers = []  # those that texts go out by
        self.waiting = collections.deque()
        self.under_way = collections.OrderedDict()  # by id
        self.coming_back = 0  # of a link that was lost
        self.counts = collections.Counter()
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(('127.0.0.1', 0))
        self.server.listen(8)
        self.port = self.server.getsockname()[1]
        loop.watch(self.server, self._accept)

    def _accept(self):
        try:
            sock, _addr = self.server.accept()
        except OSError:
            return
        self.links.append(Link(self.loop, sock, self.cut, self.take,
                               self._closed))

    @property
    def up(self):
        return len(self.receivers) == self.binds

    def _closed(self, link):
        self.links.remove(link)
        if link not in self.receivers:
            return
        self.receivers.remove(link)
        lost = [ident for ident, message in self.under_way.items()
                if message.link is link]
        back = [self.under_way.pop(ident) for ident in lost]
        self.coming_back += len(back)
        self.loop.later(NOTICED_S, self._come_back, back)

    def _come_back(self, messages):
        self.coming_back -= len(messages)
        self.waiting.extendleft(reversed(messages))
        self.flush()

    def hand_over(self, message):
        self.waiting.append(message)
        self.flush()

    def flush(self):
        while (self.receivers and self.waiting and
               len(self.under_way) < self.window):
            message = self.waiting.popleft()
            ident = self.ident(message)
            self.under_way[ident] = message
            if message.said is not None:
                message.said.sent += 1
            message.link = self.rng.choice(self.receivers)
            message.link.send(message.make(ident))

    def acknowledged(self, ident, good, again):
        message = self.under_way.pop(ident, None)
        if message is None:
            self.counts['acknowledged again'] += 1
        elif good:
            self.crowd.on_ack(message)
        elif again:
            self.counts['put off'] += 1
            self.loop.later(AGAIN_S, self.hand_over, message)
        else:
            self.crowd.on_refused(message)
        self.flush()

    def puts_off(self):
        """Now and then a gateway cannot take an answer."""
        if self.crowd.calm or self.rng.random() > 0.01:
            return False
        self.counts['answers put off'] += 1
        return True

    def soon(self, call, *args):
        pause = 0 if self.crowd.calm else self.rng.random() * 0.015
        self.loop.later(pause, call, *args)

    def drop_links(self, torn):
        """Cut what there is, half of a frame said."""
        for link in list(self.links):
            if torn and self.waiting and link in self.receivers:
                frame = self.waiting[0].make(1)
                link.send(frame[:self.rng.randrange(1, len(frame))])
            link.close()

    @property
    def idle(self):
        return not (self.waiting or self.under_way or self.coming_back)

    def close(self):
        for link in list(self.links):
            link.close()
        self.loop.forget(self.server)

    # Each kind has:
    #   settings()       its lines in safar.yaml
    #   cut(buffer)      length of the first frame in it
    #   take(link, frame)
    #   say(said)        hand over a text
    #   ident(message)   what its acknowledge will name


class Bearerbox(Peer):
    def settings(self):
        return ['  - name: %s' % self.name, '    driver: kannel',
                '    host: 127.0.0.1', '    port: %d' % self.port,
                '    line: "%s"' % LINE]

    @staticmethod
    def cut(buffer):
        return (4 + int.from_bytes(buffer[:4], 'big') if len(buffer) >= 4
                else None)

    def say(self, said):
        ident = str(uuid.uuid4())
        message = Message(lambda _: box.mo(said.person.number, LINE,
                                           said.text, id=ident), said)
        message.id = ident
        self.hand_over(message)

    def ident(self, message):
        return message.id

    def take(self, link, frame):
        message = box.unpack(frame[4:])
        if message['kind'] == box.ADMIN and not self.receivers:
            self.receivers.append(link)
            self.flush()
        elif message['kind'] == box.ACK:
            nack = message['nack']
            self.acknowledged(message['id'].decode(), nack == box.ACK_SUCCESS,
                              nack == box.ACK_FAILED_TMP)
        elif message['kind'] == box.SMS and self.puts_off():
            self.soon(self._ack, link, message, box.ACK_FAILED_TMP)
        elif message['kind'] == box.SMS:
            self.crowd.on_answer(message['receiver'].decode(),
                                 box.text_of(message))
            self.soon(self._ack, link, message, box.ACK_SUCCESS)

    def _ack(self, link, message, nack):
        link.send(box.pack(box.ACK, nack=nack, time=message['time'],
                           id=message['id']))
        if nack == box.ACK_SUCCESS and link.open and message['dlr_mask'] & 1:
            self._report(message)

    def _report(self, message):
        ident = str(uuid.uuid4())
        report = Message(lambda _: box.pack(
            box.SMS, sms_type=box.REPORT_MO, id=ident,
            sender=message['receiver'], receiver=message['sender'],
            dlr_url=message['dlr_url'], dlr_mask=1, time=message['time']))
        report.id = ident
        self.hand_over(report)


def password_write(safard, name):
    path = os.path.join(safard.data, 'keys', name + '.password')
    with open(path, 'w', encoding='ascii') as file:
        file.write('secret')
    os.chmod(path, 0o600)


class Smsc(Peer):
    """SMPP; longer texts in parts, shuffled, some said twice."""

    names_texts = False

    window = 20

    def __init__(self, name, loop, crowd, rng, bind):
        self.bind = bind
        self.binds = 2 if bind == 'transceiver' else 1
        self.sequence = itertools.count(1)
        self.message_id = itertools.count(1)
        self.joiner = smsc.Joiner()
        self.references = collections.Counter()
        super().__init__(name, loop, crowd, rng)

    def settings(self):
        return ['  - name: %s' % self.name, '    driver: smpp',
                '    host: 127.0.0.1', '    port: %d' % self.port,
                '    line: "%s"' % LINE, '    system_id: safar',
                '    bind: %s' % self.bind, '    binds: %d' % self.binds]

    @staticmethod
    def cut(buffer):
        return int.from_bytes(buffer[:4], 'big') if len(buffer) >= 4 else None

    def say(self, said):
        septets = smsc.is_gsm7(said.text)
        size = len(said.text) * (1 if septets else 2)
        short, long = (160, 153) if septets else (140, 134)
        concat, cut = None, long
        if size > short or self.rng.random() < 0.3:
            concat = self.rng.choice(['udh8', 'udh16', 'sar'])
            if size <= short:
                cut = (size // 4 + 1) * 2
        makes = smsc.mo(said.person.number, said.text, LINE, concat=concat,
                        ref=self.reference(said.person.number), size=cut)
        said.parts = len(makes)
        parts = [Message(make, said, at) for at, make in enumerate(makes, 1)]
        if len(parts) > 1:
            self.counts['texts in parts'] += 1
            self.rng.shuffle(parts)
            if self.rng.random() < 0.1:
                parts.append(self.rng.choice(parts))
                parts[-1] = Message(parts[-1].make, said, parts[-1].part)
        for part in parts:
            self.hand_over(part)

    def reference(self, number):
        """A phone counts its longer texts."""
        self.references[number] += 1
        return self.references[number]

    def ident(self, message):
        return next(self.sequence)

    def take(self, link, frame):
        pdu = smsc.Pdu(frame)
        if pdu.command == smsc.DELIVER | smsc.RESP:
            self.acknowledged(pdu.sequence, pdu.status == smsc.ROK,
                              pdu.status == smsc.RX_T_APPN)
        elif pdu.command == smsc.SUBMIT:
            self._take_part(link, pdu)
        elif not pdu.command & smsc.RESP:
            link.send(smsc.pack(pdu.command | smsc.RESP, pdu.sequence))
            if pdu.command in (smsc.BIND_TRX, smsc.BIND_RX):
                self.receivers.append(link)
                self.flush()

    def _take_part(self, link, pdu):
        # one part put off would make all the others come twice
        if pdu.place() is None and self.puts_off():
            self.soon(self._respond, link, pdu, smsc.RSYSERR, '')
            return
        ident = '%x' % next(self.message_id)
        answer = self.joiner.take(pdu, ident)
        if answer is not None:
            self.counts['answers in parts'] += answer.parts > 1
            self.crowd.on_answer(answer.number, answer.text)
        self.soon(self._respond, link, pdu, smsc.ROK, ident)

    def _respond(self, link, pdu, status, ident):
        link.send(smsc.pack(pdu.command | smsc.RESP, pdu.sequence, status,
                            **({} if status else {'message_id': ident})))
        if status == smsc.ROK and link.open and pdu.registered & 1:
            self.hand_over(Message(lambda sequence: smsc.pack(
                smsc.DELIVER, sequence, source=pdu.dest, source_ton=1,
                dest=LINE, esm_class=4, short_message=b'', tlvs=[
                    (smsc.RECEIPTED_ID, ident.encode() + b'\0'),
                    (smsc.STATE, smsc.STATES['DELIVRD'])])))
