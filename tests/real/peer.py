"""peer.py - the npm package "smpp" as an SMSC, written by others.

It is installed by npm into build/smpp from tests/real/smpp, started here and
led by lines of JSON; see tests/real/smpp/smsc.js.
"""

import json
import os
import shutil
import subprocess
import threading
import time

import kit

SOURCE = os.path.join(kit.ROOT, 'tests', 'real', 'smpp')
FOLDER = os.path.join(kit.ROOT, 'build', 'smpp')


def install():
    """Once for each lock file; says why if it cannot be done."""
    os.makedirs(FOLDER, exist_ok=True)
    mark = os.path.join(FOLDER, 'installed.json')
    with open(os.path.join(SOURCE, 'package-lock.json'), 'rb') as file:
        lock = file.read()
    if os.path.exists(mark):
        with open(mark, 'rb') as file:
            if file.read() == lock:
                return
    for name in ('package.json', 'package-lock.json'):
        shutil.copy(os.path.join(SOURCE, name), FOLDER)
    done = subprocess.run(
        ['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'],
        cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=600, check=False)
    if done.returncode != 0:
        raise RuntimeError('npm ci: ' + done.stdout.decode('utf-8', 'replace'))
    with open(mark, 'wb') as file:
        file.write(lock)


def raw(data):
    return {'hex': data.hex()}


def unraw(value):
    """Bytes again where the script wrote hex."""
    if isinstance(value, dict):
        if set(value) == {'hex'}:
            return bytes.fromhex(value['hex'])
        return {key: unraw(one) for key, one in value.items()}
    if isinstance(value, list):
        return [unraw(one) for one in value]
    return value


class Peer:
    """All SMSCs of one node process; what they say is kept in order."""

    def __init__(self, stage):
        install()
        script = os.path.join(SOURCE, 'smsc.js')
        env = dict(os.environ, NODE_PATH=os.path.join(FOLDER, 'node_modules'))
        with open(stage.path('peer.log'), 'ab') as log:
            self.process = subprocess.Popen(
                ['node', script], env=env, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log)
        self.news = threading.Condition()
        self.events = []
        self.tags = 0
        self.ended = False
        threading.Thread(target=self._read, daemon=True).start()
        stage.closers.append(self.close)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(kit.patient(10))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(kit.patient(10))

    def _read(self):
        for line in self.process.stdout:
            event = unraw(json.loads(line))
            with self.news:
                self.events.append(event)
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def order(self, do, **values):
        self.process.stdin.write(
            json.dumps(dict(values, do=do)).encode() + b'\n')
        self.process.stdin.flush()

    def now(self):
        """A place in the events, to wait for later ones."""
        return len(self.events)

    def all(self, since=0, **wanted):
        """The events since then that have these values."""
        return [event for event in self.events[since:]
                if all(event.get(key) == one for key, one in wanted.items())]

    def wait(self, seconds, since=0, count=1, **wanted):
        """So many such events; those there are when time is over."""
        end = time.monotonic() + kit.patient(seconds)
        with self.news:
            while True:
                found = self.all(since, **wanted)
                left = end - time.monotonic()
                if len(found) >= count or left <= 0 or self.ended:
                    return found
                self.news.wait(left)

    def need(self, what, seconds, since=0, **wanted):
        found = self.wait(seconds, since, **wanted)
        if not found:
            raise kit.TooLong('%s: not within %g s' % (what, seconds))
        return found[-1]


class Place:
    """One SMSC of a peer, for one gateway."""

    def __init__(self, peer, name, tls=None):
        self.peer = peer
        self.name = name
        since = peer.now()
        peer.order('listen', **{'as': name, 'tls': tls})
        self.port = self.need('a port', 10, since, ev='listening')['port']

    def need(self, what, seconds, since=0, **wanted):
        return self.peer.need('%s: %s' % (self.name, what), seconds, since,
                              **dict(wanted, **{'as': self.name}))

    def wait(self, seconds, since=0, count=1, **wanted):
        return self.peer.wait(seconds, since, count,
                              **dict(wanted, **{'as': self.name}))

    def all(self, since=0, **wanted):
        return self.peer.all(since, **dict(wanted, **{'as': self.name}))

    def policy(self, **values):
        since = self.peer.now()
        self.peer.order('policy', set=values, **{'as': self.name})
        self.need('its policy', 10, since, ev='policy')

    def links(self, *commands):
        """Links bound by these commands that still are, oldest first."""
        closed = {event['link'] for event in self.all(ev='closed')}
        return [event['link'] for event in self.all(ev='pdu')
                if event['command'].startswith('bind_') and
                not event['command'].endswith('_resp') and
                (not commands or event['command'] in commands) and
                event['link'] not in closed]

    def receiver(self, seconds=40):
        return kit.wait_for(
            self.name + ': a link to deliver by', seconds,
            lambda: self.links('bind_transceiver', 'bind_receiver'))[-1]

    def send(self, command, link=None, **fields):
        """Send a PDU; returns a tag for status()."""
        self.peer.tags += 1
        self.peer.order('send', link=link or self.receiver(), tag=self.peer.tags,
                        command=command, fields=fields)
        return self.peer.tags

    def status(self, tag, seconds=10):
        """(command, status) of the response."""
        found = self.peer.wait(seconds, ev='resp', tag=tag)
        return (found[0]['command'], found[0]['status']) if found else None

    def raw(self, data, link=None):
        self.peer.order('raw', link=link or self.receiver(), hex=data.hex())
