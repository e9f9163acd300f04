"""peers.py - gateways of our own, all in one loop without threads: each hands
texts over until they are acknowledged, as a real one does, takes answers, and
reports them delivered.
"""

import collections
import heapq
import itertools
import selectors
import socket
import time
import uuid

import box

AGAIN_S = 0.2  # before a text that was put off is handed over again
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
    """What a gateway keeps until it is acknowledged."""

    def __init__(self, said=None, frame=b''):
        self.said = said
        self.frame = frame


class Peer:
    """What gateways of all kinds have in common."""

    window = 100  # what it hands over without an acknowledge
    driver = ''

    def __init__(self, name, loop, crowd, rng):
        self.name = name
        self.loop = loop
        self.crowd = crowd
        self.rng = rng
        self.up = None  # the link that texts go out by
        self.links = []
        self.waiting = collections.deque()
        self.under_way = collections.OrderedDict()  # by id
        self.counts = collections.Counter()
        self.paused = False
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

    def _closed(self, link):
        self.links.remove(link)
        if link is self.up:
            self.up = None
            self.waiting.extendleft(reversed(self.under_way.values()))
            self.under_way.clear()

    def hand_over(self, message):
        self.waiting.append(message)
        self.flush()

    def flush(self):
        while (self.up and self.waiting and not self.paused and
               len(self.under_way) < self.window):
            message = self.waiting.popleft()
            self.under_way[self.stamp(message)] = message
            if message.said is not None:
                message.said.sent += 1
            self.up.send(message.frame)

    def acknowledged(self, ident, good, again):
        message = self.under_way.pop(ident, None)
        if message is None:
            self.counts['acknowledged again'] += 1
        elif good:
            self.crowd.on_ack(self, message)
        elif again:
            self.counts['put off'] += 1
            self.loop.later(AGAIN_S, self.hand_over, message)
        else:
            self.crowd.on_refused(self, message)
        self.flush()

    def drop_links(self, torn):
        """Cut what there is, half of a frame said."""
        for link in list(self.links):
            if torn and self.waiting and link is self.up:
                frame = self.waiting[0].frame
                link.send(frame[:self.rng.randrange(1, len(frame))])
            link.close()

    @property
    def idle(self):
        return not self.waiting and not self.under_way

    def close(self):
        for link in list(self.links):
            link.close()
        self.loop.forget(self.server)

    # Each kind has:
    #   settings()       its lines in safar.yaml
    #   cut(buffer)      length of the first frame in it
    #   take(link, frame)
    #   say(said)        hand over a text
    #   stamp(message)   make its frame ready for this link; returns its id


class Bearerbox(Peer):
    driver = 'kannel'

    def settings(self):
        return ['  - name: %s' % self.name, '    driver: kannel',
                '    host: 127.0.0.1', '    port: %d' % self.port,
                '    line: "%s"' % LINE]

    @staticmethod
    def cut(buffer):
        return (4 + int.from_bytes(buffer[:4], 'big') if len(buffer) >= 4
                else None)

    def say(self, said):
        message = Message(said, box.mo(said.person.number, LINE, said.text,
                                       id=said.id))
        message.id = said.id
        self.hand_over(message)

    def stamp(self, message):
        return message.id

    def take(self, link, frame):
        message = box.unpack(frame[4:])
        if message['kind'] == box.ADMIN and self.up is None:
            self.up = link
            self.flush()
        elif message['kind'] == box.ACK:
            nack = message['nack']
            self.acknowledged(message['id'].decode(), nack == box.ACK_SUCCESS,
                              nack == box.ACK_FAILED_TMP)
        elif message['kind'] == box.SMS:
            self._take_answer(link, message)

    def _take_answer(self, link, message):
        nack = box.ACK_SUCCESS
        if self.rng.random() < 0.01 and not self.crowd.calm:
            nack = box.ACK_FAILED_TMP
            self.counts['answers put off'] += 1
        else:
            self.crowd.on_answer(self, message['receiver'].decode(),
                                 box.text_of(message))
        pause = 0 if self.crowd.calm else self.rng.random() * 0.015
        self.loop.later(pause, self._ack, link, message, nack)

    def _ack(self, link, message, nack):
        link.send(box.pack(box.ACK, nack=nack, time=message['time'],
                           id=message['id']))
        if (nack == box.ACK_SUCCESS and link.open and
                message['dlr_mask'] > 0 and message['dlr_mask'] & 1):
            report = Message()
            report.id = str(uuid.uuid4())
            report.frame = box.pack(
                box.SMS, sms_type=box.REPORT_MO, id=report.id,
                sender=message['receiver'], receiver=message['sender'],
                dlr_url=message['dlr_url'], dlr_mask=1, time=message['time'])
            self.hand_over(report)
