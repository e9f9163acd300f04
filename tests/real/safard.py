"""safard.py - the daemon under test: a data folder of its own, its settings,
its databases read on copies, and the golden conversations.
"""

import collections
import glob
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

import kit

BIN = os.path.join(kit.ROOT, os.environ.get('SAFAR_BIN', 'build/release'))
GOLDEN = os.path.join(kit.ROOT, 'tests', 'golden', '*.txt')


def replace_section(text, name, lines):
    """Put lines in the place of a top-level section, or at the end."""
    pattern = r'(?m)^%s:.*\n(?:[ \t]+.*\n|\n)*' % re.escape(name)
    section = '%s:\n%s\n' % (name, '\n'.join(lines))
    if re.search(pattern, text):
        return re.sub(pattern, lambda _found: section, text, count=1)
    return text.rstrip('\n') + '\n' + section


class Safard:
    """One data folder and, at times, a safard that serves it, with a gateway
    for each of the ports."""

    under = ()  # the command that runs it

    def __init__(self, stage, *box_ports, name='data'):
        self.stage = stage
        self.name = name
        self.data = stage.path(name)
        self.process = None
        self.ctl('init', self.data)
        rows = []
        for at, port in enumerate(box_ports, 1):
            rows += ['  - name: kannel%d' % at, '    driver: kannel',
                     '    host: 127.0.0.1', '    port: %d' % port,
                     '    line: "1414"']
        if rows:
            self.set('gateways', rows)
        # A test says in a second what a person says in a day.
        self.set('limit', ['  per_sender: 1000', '  per_sender_s: 600',
                           '  global_per_s: 100000'])

    def set(self, section, lines):
        path = os.path.join(self.data, 'safar.yaml')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(replace_section(text, section, lines))

    def ctl(self, *args, seconds=30):
        """Run safarctl; returns what it printed."""
        done = subprocess.run([os.path.join(BIN, 'safarctl'), *args],
                              cwd=kit.ROOT, timeout=kit.patient(seconds), check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise RuntimeError('safarctl %s: exit %d: %s' % (
                args[0], done.returncode,
                (done.stdout + done.stderr).decode('utf-8', 'replace')))
        return done.stdout.decode('utf-8')

    def launch(self, env=None):
        self.process = kit.Process(
            self.stage, 'safard',
            [*self.under, os.path.join(BIN, 'safard'), '--data', self.data],
            cwd=kit.ROOT, env=env)

    def start(self, seconds=20):
        self.launch()
        self.process.wait_line(r'\bev=ready\b', seconds)

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()

    def query(self, sql, *values):
        """Ask a copy of hotline.db, so that the store is not disturbed.  Only
        while nobody writes: stopped, killed, or frozen by SIGSTOP."""
        folder = tempfile.mkdtemp(dir=self.stage.folder)
        for path in glob.glob(os.path.join(self.data, 'hotline.db*')):
            if not path.endswith('-shm'):
                shutil.copy(path, folder)
        base = sqlite3.connect(os.path.join(folder, 'hotline.db'))
        try:
            return base.execute(sql, values).fetchall()
        finally:
            base.close()
            shutil.rmtree(folder)

    def requests(self):
        """(log rows, different people in them)"""
        return self.query('SELECT count(*), count(DISTINCT person) FROM log')[0]

    def answers(self):
        """How many answers are in which state: {enum db_out_state: count}"""
        return collections.Counter(
            state for states, in self.query('SELECT states FROM outbox')
            for state in states)

    def sealed(self):
        """Batches of answers of which something is kept."""
        return self.query('SELECT count(*) FROM outbox WHERE sealed NOTNULL '
                          'OR people NOTNULL')[0][0]

    def files(self):
        """Everything a person could leave a trace in: all but the keys and
        the published words, which are everybody's."""
        apart = tuple(os.path.join(self.data, name, '')
                      for name in ('keys', 'editions'))
        for path in kit.files_under(self.data):
            if not path.startswith(apart):
                yield path
        yield self.stage.path('safard.log')


class Step:
    def __init__(self, number, text):
        self.number = number
        self.text = text
        self.replies = []  # [text, encoding or None, parts or None]


class Golden:
    """One conversation of tests/golden: see tests/README.md."""

    def __init__(self, path):
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.number = None
        self.steps = []
        self.waits = False  # until another person: minutes are not waited here
        with open(path, encoding='utf-8') as file:
            for at, line in enumerate(file.read().splitlines(), 1):
                try:
                    self._take(line)
                except (ValueError, IndexError):
                    raise ValueError('%s:%d: not a line of a conversation: %s'
                                     % (path, at, line)) from None
        if not self.steps:
            raise ValueError('%s: no conversation' % path)

    def _take(self, line):
        mark, rest = line[:1], line[2:]
        if mark in ('', '#'):
            return
        if line.startswith('from '):
            self.number = line[5:].strip()
            self.waits = False
        elif line.startswith('wait ') or self.waits:
            self.waits = True
        elif mark == '>' and self.number is not None:
            self.steps.append(Step(self.number, rest))
        elif mark == '<':
            self.steps[-1].replies.append([rest, None, None])
        elif mark == '|':
            self.steps[-1].replies[-1][0] += '\n' + rest
        elif mark == '=':
            encoding, parts = rest.split()
            self.steps[-1].replies[-1][1:] = [encoding, int(parts)]
        else:
            raise ValueError(line)


def goldens():
    """All but those that need an operator and a moved clock: test_golden.c
    plays them."""
    return [Golden(path) for path in sorted(glob.glob(GOLDEN))
            if not os.path.basename(path).startswith('consent-')]
