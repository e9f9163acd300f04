"""sipp.py - callers and counsellors by SIPp, a SIP implementation of others.

SIPp does the signalling, from sipp/*.xml; the RTP of its calls is a Media of
uac.py, so that a test can press keys when a prompt is heard.  SIPp tells in its
log what happens, and hangs up a call when it gets a MESSAGE for it.
"""

import os
import shutil
import socket
import threading
import time

import asterisk
import kit
import uac

SCENARIOS = os.path.join(kit.ROOT, 'tests', 'real', 'sipp')
WITHHELD = '"Anonymous" <sip:anonymous@anonymous.invalid>'


def why_not():
    return None if shutil.which('sipp') else 'install the package sip-tester'


class Call:
    """One call of a SIPp."""

    def __init__(self, sipp, at, number, rtp=None):
        self.sipp = sipp
        self.at = at
        self.number = number
        self.media = uac.Media(sipp.air) if rtp is None else None
        self.rtp = self.media.port if rtp is None else rtp
        self.up_at = self.over_at = None
        self.over_by = None  # 'us' or 'them'
        self.ident = '%d-%s' % (at, sipp.name)  # the Call-ID
        self.seen_from = None  # by a counsellor: the From header
        self.refer_to = None  # where this call was to be put through to

    @property
    def up(self):
        return self.up_at is not None

    @property
    def over(self):
        return self.over_at is not None

    def wait_up(self, seconds=15):
        self.sipp.wait('an answer', lambda: self.up or self.over, seconds)
        return self.up

    def wait_over(self, seconds=20):
        self.sipp.wait('the end of the call', lambda: self.over, seconds)

    def press(self, keys, pause=0.25):
        self.media.press(keys, pause)

    def hang_up(self):
        self.sipp.hang_up(self)


class Sipp:
    """One SIPp process: so many callers of a line, or one counsellor."""

    _count = 0

    def __init__(self, stage, air):
        self.stage = stage
        self.air = air
        Sipp._count += 1
        self.name = 'sipp%d' % Sipp._count
        self.port = None
        self.calls = []
        self.process = None
        self.news = threading.Condition()

    def call(self, port, dialled, numbers, rate=50, rtp=None):
        """Call that number at that port, once from each of the numbers; None
        is a caller who withholds it.  Somebody else has the RTP if its ports
        are given."""
        self.calls = [Call(self, at, number, rtp and rtp[at - 1])
                      for at, number in enumerate(numbers, 1)]
        rows = self.stage.path(self.name + '.csv')
        with open(rows, 'w', encoding='ascii') as file:
            file.write('SEQUENTIAL\n')
            for call in self.calls:
                file.write('%s;%d\n' % (
                    '<sip:%s@127.0.0.1>' % call.number if call.number
                    else WITHHELD, call.rtp))
        self._start('caller.xml', '127.0.0.1:%d' % port, '-s', dialled,
                    '-inf', rows, '-r', str(rate), '-l', str(len(numbers)),
                    '-m', str(len(numbers)))
        return self.calls

    def desk(self):
        """A counsellor who answers once."""
        self.calls = [Call(self, 1, 'desk')]
        self._start('counsellor.xml', '-m', '1', '-key', 'rtp',
                    str(self.calls[0].media.port))
        return self.calls[0]

    def _start(self, scenario, *args):
        self.log = self.stage.path(self.name + '.events')
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        # not of those that telephones get: they may have hundreds by now
        own = asterisk.free_range(4)
        self.process = kit.Process(
            self.stage, self.name,
            ['sipp', *args, '-sf', os.path.join(SCENARIOS, scenario),
             '-i', '127.0.0.1', '-p', str(self.port), '-mp', str(own),
             '-cp', str(own + 3),
             '-cid_str', '%u-' + self.name, '-nostdin', '-trace_logs',
             '-log_file', self.log, '-trace_err', '-error_file',
             self.stage.path(self.name + '.errors')], cwd=self.stage.folder,
            env=dict(os.environ, TERM='dumb'))
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        seen = 0
        while True:
            alive = self.process.alive()
            if os.path.exists(self.log):
                with open(self.log, 'rb') as file:
                    file.seek(seen)
                    data = file.read()
                whole = data.rpartition(b'\n')[0]
                seen += len(whole) + (1 if whole else 0)
                for line in whole.decode('utf-8', 'replace').splitlines():
                    self._event(*line.strip().split(' ', 2))
            if not alive:
                break
            time.sleep(0.02)
        with self.news:  # what did not end well has ended too
            for call in self.calls:
                if not call.over:
                    self._over(call, 'failed')
            self.news.notify_all()

    def _event(self, at, what, value):
        call = self.calls[int(at) - 1]
        with self.news:
            if what == 'up':
                call.up_at = time.monotonic()
                if call.media is not None:
                    call.media.connect(('127.0.0.1', int(value)))
            elif what == 'over':
                self._over(call, value)
            elif what == 'from':
                call.seen_from = value
            elif what == 'refer':
                call.refer_to = value
            elif what == 'ident':
                call.ident = value
            self.news.notify_all()

    @staticmethod
    def _over(call, who):
        call.over_at = time.monotonic()
        call.over_by = who
        if call.media is not None:
            call.media.close()

    def hang_up(self, call):
        text = '\r\n'.join([
            'MESSAGE sip:x@127.0.0.1 SIP/2.0',
            'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKgo%d' % call.at,
            'From: <sip:test@127.0.0.1>;tag=go', 'To: <sip:x@127.0.0.1>',
            'Call-ID: %s' % call.ident, 'CSeq: 1 MESSAGE',
            'Content-Length: 0', '', ''])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(text.encode(), ('127.0.0.1', self.port))

    def wait(self, what, check, seconds):
        with self.news:
            if not self.news.wait_for(check, kit.patient(seconds)):
                raise kit.TooLong('%s: not within %g s' % (what, seconds))

    def errors(self):
        path = self.stage.path(self.name + '.errors')
        if not os.path.exists(path):
            return ''
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()[:2000]
