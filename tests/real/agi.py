"""agi.py - FastAGI: a server that plays a dialogue, and a go-between that
writes down what a gateway and safard say to each other.
"""

import os
import re
import select
import socket
import threading
import time

import kit

LINE_S = 60  # the longest any reply may take
END_MS, CHOOSE_MS = 6000, 1500


def waits(command, least=END_MS):
    """safard waits for a key, at least so long: at the end of all it says, or
    with CHOOSE_MS also between choices."""
    found = re.match(r'WAIT FOR DIGIT (\d+)', command)
    return found is not None and int(found.group(1)) >= least


class Gone(Exception):
    """The other side has closed the connection."""


class Call:
    """One call as its server sees it: commands out, replies in."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b''
        self.env = {}
        self.notices = 0  # lines HANGUP
        while True:
            line = self._line(LINE_S)
            if not line:
                break
            name, _colon, value = line.partition(': ')
            self.env[name.rstrip(':')] = value

    def _line(self, seconds):
        end = time.monotonic() + kit.patient(seconds)
        while b'\n' not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                raise kit.TooLong('a line of AGI: not within %g s' % seconds)
            try:
                data = self.sock.recv(65536)
            except OSError:
                data = b''
            if not data:
                raise Gone
            self.buffer += data
        line, _end, self.buffer = self.buffer.partition(b'\n')
        return line.decode('utf-8', 'replace')

    def reply(self, seconds=LINE_S):
        """The next reply; of one of several lines, the first and the last."""
        lines = []
        while True:
            line = self._line(seconds)
            if line == 'HANGUP':
                self.notices += 1
                continue
            lines.append(line)
            if not lines[0].startswith('520-') or line.startswith('520 '):
                return lines[0] if len(lines) == 1 else '%s ... %s' % (
                    lines[0], lines[-1])

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            raise Gone from None

    def ask(self, command):
        self.send(command.encode() + b'\n')
        return self.reply()

    def wait_end(self, seconds=20):
        """Until the other side closes; what it still says is thrown away but
        for its notices."""
        try:
            while True:
                if self._line(seconds) == 'HANGUP':
                    self.notices += 1
        except Gone:
            pass

    def close(self):
        self.sock.close()


class Server:
    """Every connection is a Call, handled in a thread of its own."""

    def __init__(self, stage, handle):
        self.handle = handle
        self.sock = socket.socket()
        self.sock.bind(('127.0.0.1', 0))
        self.sock.listen(256)
        self.port = self.sock.getsockname()[1]
        self.faults = []
        threading.Thread(target=self._serve, daemon=True).start()
        stage.closers.append(self.close)

    def close(self):
        self.sock.close()

    def _serve(self):
        while True:
            try:
                sock = self.sock.accept()[0]
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._one, args=(sock,),
                             daemon=True).start()

    def _one(self, sock):
        try:
            self.handle(Call(sock))
        except Gone:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.faults.append(repr(error))
        finally:
            sock.close()


class Record:
    """What was said in one call."""

    def __init__(self):
        self.env = {}
        self.lines = []  # (when, True if from safard, line)
        self.over = False

    def commands(self):
        return [line for _at, ours, line in self.lines if ours]

    def keys(self):
        """How many keys safard was told of and has gone on after: those it
        has acknowledged."""
        count, told = 0, False
        for _at, ours, line in self.lines:
            if ours:
                count += told
                told = False
            else:
                found = re.match(r'200 result=(\d+)', line)
                told = found is not None and int(found.group(1)) >= 35
        return count

    def prompts(self):
        """The names of the prompts in the order they were asked for."""
        names = []
        for line in self.commands():
            words = line.split()
            if words[:2] in (['STREAM', 'FILE'], ['GET', 'DATA'],
                             ['GET', 'OPTION']):
                names.append(words[2].strip('"'))
        return names


class Between:
    """Stands between a gateway and safard and writes down every line."""

    def __init__(self, stage, port):
        self.port_behind = port
        self.records = []
        self.on_line = None  # told (record, line) of every line of safard
        self.news = threading.Condition()
        self.sock = socket.socket()
        self.sock.bind(('127.0.0.1', 0))
        self.sock.listen(256)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        stage.closers.append(self.sock.close)

    def _serve(self):
        while True:
            try:
                sock = self.sock.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._one, args=(sock,),
                             daemon=True).start()

    def _one(self, near):
        record = Record()
        try:
            far = socket.create_connection(('127.0.0.1', self.port_behind), 5)
        except OSError:
            near.close()
            return
        with self.news:
            self.records.append(record)
            self.news.notify_all()
        for sock in (near, far):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pieces = {near: b'', far: b''}
        other = {near: far, far: near}
        while len(pieces) == 2:
            for sock in select.select(list(pieces), [], [])[0]:
                try:
                    data = sock.recv(65536)
                    other[sock].sendall(data)
                except OSError:
                    data = b''
                if not data:
                    pieces.pop(sock, None)
                    continue
                pieces[sock] += data
                *lines, pieces[sock] = pieces[sock].split(b'\n')
                for line in lines:
                    self._line(record, sock is far, line)
        near.close()
        far.close()
        with self.news:
            record.over = True
            self.news.notify_all()

    def _line(self, record, ours, line):
        text = line.decode('utf-8', 'replace').rstrip('\r')
        with self.news:
            if text.startswith('agi_') and not record.lines:
                name, _colon, value = text.partition(':')
                record.env[name] = value.strip()
            elif text:
                record.lines.append((time.monotonic(), ours, text))
            self.news.notify_all()
        if ours and self.on_line is not None:
            self.on_line(record, text)

    def wait(self, what, check, seconds=20):
        """Until check(records) gives something true; returns it."""
        with self.news:
            found = self.news.wait_for(lambda: check(self.records),
                                       kit.patient(seconds))
        if not found:
            raise kit.TooLong('%s: not within %g s' % (what, seconds))
        return found

    def of(self, number, seconds=20):
        """The record of the newest call from this number, None: withheld."""
        names = ('anonymous', 'unknown') if number is None else (number,)
        return self.wait('a call of safard', lambda records: next(
            (record for record in reversed(records)
             if record.env.get('agi_callerid') in names), None), seconds)


class Line:
    """A gateway of our own: one call to safard, without any sound."""

    def __init__(self, port, number='+996555123456', dialled='1414', more=()):
        self.sock = socket.create_connection(('127.0.0.1', port), 10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(kit.patient(20))
        self.buffer = b''
        self.commands = []
        self.prompts = []  # names asked for, without their folder
        rows = ['network: yes', 'network_script: hotline',
                'request: agi://127.0.0.1:%d/hotline' % port,
                'channel: PJSIP/line-%08x' % id(self), 'language: en',
                'type: PJSIP', 'uniqueid: %d.%d' % (time.time(), id(self)),
                'version: 22', 'callerid: ' + number, 'calleridname: x',
                'callingpres: 0', 'dnid: ' + dialled, 'rdnis: unknown',
                'context: hotline', 'extension: ' + dialled, 'priority: 1',
                'enhanced: 0.0', 'accountcode: ', *more]
        self.send(''.join('agi_%s\n' % row for row in rows) + '\n')

    def send(self, text):
        self.sock.sendall(text.encode() if isinstance(text, str) else text)

    def next(self):
        """The next command; None if safard has closed."""
        while b'\n' not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except socket.timeout:
                raise kit.TooLong('a command of safard') from None
            except OSError:
                data = b''
            if not data:
                return None
            self.buffer += data
        line, _end, self.buffer = self.buffer.partition(b'\n')
        command = line.decode('utf-8')
        self.commands.append(command)
        if command.startswith(('STREAM FILE', 'GET DATA', 'GET OPTION')):
            self.prompts.append(os.path.basename(
                command.split()[2].strip('"')))
        return command

    def until(self, verb, result='0 endpos=8000'):
        """Answer what comes until a command begins so; that one waits."""
        while True:
            command = self.next()
            if command is None or command.startswith(verb):
                return command
            self.answer(command, result)

    def answer(self, command, played='0 endpos=8000'):
        if command.startswith('STREAM FILE'):
            self.send('200 result=%s\n' % played)
        elif command.startswith(('HANGUP', 'SET VARIABLE')):
            self.send('200 result=1\n')
        else:
            self.send('200 result=0\n')

    def press(self, key):
        """Hear all that is said, then press a key."""
        command = self.wait()
        if command is not None:
            self.send('200 result=%d\n' % ord(key))
        return command

    def wait(self):
        """Hear all that is said, until a key is waited for."""
        while True:
            command = self.next()
            if command is None or waits(command):
                return command
            self.answer(command)

    def close(self):
        self.sock.close()
