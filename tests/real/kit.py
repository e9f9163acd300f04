"""kit.py - what every suite with real parts needs: TAP, time limits, processes
that always end, traces of people in files.

Nothing here waits without a limit, and everything a Stage started is dead when
it is left, whatever happened.
"""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PR_SET_PDEATHSIG = 1
PATIENCE = 10  # a busy machine may take so many times longer than ours


class Tap:
    """TAP on stdout, read by prove."""

    def __init__(self):
        self.run = 0
        self.bad = 0

    def ok(self, good, name, *notes):
        """What fails is told on stderr, too: prove shows nothing else of it."""
        self.run += 1
        print('%sok %d - %s' % ('' if good else 'not ', self.run, name),
              flush=True)
        if not good:
            self.bad += 1
            for text in notes:
                self.note(text)
            print('\nFAILED: %s\n%s' % (name, '\n'.join(map(str, notes))),
                  file=sys.stderr, flush=True)
        return bool(good)

    def eq(self, got, want, name):
        return self.ok(got == want, name, 'got  %r' % (got,),
                       'want %r' % (want,))

    def skip(self, name, why):
        """Also on stderr: prove does not show a test that skips in part."""
        self.run += 1
        print('ok %d - %s # SKIP %s' % (self.run, name, why), flush=True)
        print('SKIPPED: %s: %s' % (name, why), file=sys.stderr, flush=True)

    def note(self, text):
        for line in str(text).splitlines() or ['']:
            print('# ' + line, flush=True)

    def done(self):
        print('1..%d' % self.run, flush=True)
        return 1 if self.bad or not self.run else 0


class TooLong(Exception):
    """Something did not happen in its time."""


def patient(seconds):
    """How long to wait at most, where a quiet machine needs so long: a limit
    ends what hangs, it asserts nothing.  Less than five seconds are for what
    must not come."""
    return seconds * PATIENCE if seconds >= 5 else seconds


def wait_for(what, seconds, check, pause=0.02):
    """Call check() until it gives something true, and return that."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise TooLong('%s: not within %g s' % (what, seconds))
        time.sleep(pause)


_given = set()


def free_port():
    """A loopback port nobody uses, never the same twice in this process."""
    while True:
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def is_listening(port):
    """Asked of the kernel: a connection to try it could be taken for a peer."""
    want = ':%04X' % port
    for path in ('/proc/net/tcp', '/proc/net/tcp6'):
        try:
            with open(path, encoding='ascii') as table:
                rows = [line.split() for line in table]
        except OSError:
            continue
        if any(row[3] == '0A' and row[1].endswith(want) for row in rows):
            return True
    return False


def _die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One program we started, known by its pid; output goes to NAME.log."""

    def __init__(self, stage, name, argv, cwd=None, env=None):
        self.name = name
        self.log = stage.path(name + '.log')
        self.seen = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, 'ab') as out:
            self.popen = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                cwd=cwd, env=env, preexec_fn=_die_with_parent)
        stage.processes.append(self)

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def wait_line(self, pattern, seconds=10):
        """The first line since the start (or the last found) that matches."""
        regex = re.compile(pattern)

        def look():
            with open(self.log, 'rb') as log:
                log.seek(self.seen)
                for line in log:
                    if not line.endswith(b'\n'):
                        break
                    self.seen += len(line)
                    text = line.decode('utf-8', 'replace').rstrip('\n')
                    if regex.search(text):
                        return text
            if not self.alive():
                raise TooLong('%s ended (%d) before it said %s' % (
                    self.name, self.popen.returncode, pattern))
            return None

        return wait_for('%s: line %s' % (self.name, pattern), seconds, look)

    def signal(self, number):
        if self.alive():
            self.popen.send_signal(number)

    def stop(self, seconds=10):
        """Ask it to end; returns its exit status."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.popen.wait(patient(seconds))
        except subprocess.TimeoutExpired:
            self.kill()
            raise TooLong('%s did not end within %g s of SIGTERM' % (
                self.name, seconds)) from None

    def kill(self):
        """kill -9, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self.popen.wait(patient(10))


class Stage:
    """A folder and the processes and connections of one test."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='safar-test-')
        self.processes = []
        self.closers = []
        return self

    def __exit__(self, kind, error, trace):
        for process in reversed(self.processes):
            process.signal(signal.SIGCONT)
            process.kill()
        for close in reversed(self.closers):
            close()
        if kind is not None:
            self.tell_logs()
        shutil.rmtree(self.folder, ignore_errors=True)
        return False

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def tell_logs(self, lines=15):
        for name in sorted({p.name for p in self.processes}):
            with open(self.path(name + '.log'), 'rb') as log:
                tail = log.read()[-4000:].decode('utf-8', 'replace')
            for line in tail.splitlines()[-lines:]:
                print('# %s| %s' % (name, line), flush=True)


def main(run, seconds):
    """Run one test program: run(tap, stage), which takes at most so many
    seconds on a quiet machine."""
    tap = Tap()

    def on_alarm(_number, _frame):
        raise TooLong('the whole test: not within %g s' % seconds)

    def on_term(_number, _frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, on_alarm)
    signal.signal(signal.SIGTERM, on_term)
    signal.alarm(seconds * PATIENCE)
    try:
        with Stage() as stage:
            run(tap, stage)
    except Exception:  # pylint: disable=broad-except
        tap.ok(False, 'runs to its end', traceback.format_exc())
    signal.alarm(0)
    sys.exit(tap.done())


def median(values):
    row = sorted(values)
    return row[len(row) // 2]


def quantile(values, share):
    row = sorted(values)
    return row[min(len(row) - 1, int(len(row) * share))]


# What must never be found in a file --------------------------------------

def number_search(numbers):
    """Finds numbers as they might be written: whole or their last digits, also
    in UTF-16 and, as Kannel names some files, in hex."""
    ends = {number[-9:].encode() for number in numbers}
    digits = re.compile(b'[0-9](?:\\0?[0-9]){8,}')
    in_hex = re.compile(b'(?=((?:3[0-9]){9}))')

    def search(data):
        runs = [run.replace(b'\0', b'') for run in digits.findall(data)]
        runs += [bytes.fromhex(run.decode()) for run in in_hex.findall(data)]
        return {run[at:at + 9] for run in runs
                for at in range(len(run) - 8)} & ends

    return search


def text_needles(texts):
    needles = set()
    for text in texts:
        for coding in ('utf-8', 'utf-16-be', 'utf-16-le'):
            needles.add(text.encode(coding))
    return needles


def files_under(*roots):
    for root in roots:
        if os.path.isfile(root):
            yield root
        for folder, _names, files in os.walk(root):
            for name in files:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    yield path


def written(path):
    """What is in a file, without pages that are all zeros."""
    with open(path, 'rb') as file:
        return b''.join(page for page in iter(lambda: file.read(4096), b'')
                        if page.count(0) != len(page))


def find_traces(paths, numbers, texts):
    """{path: [what was found in it]}"""
    search, needles = number_search(numbers), text_needles(texts)
    found = {}
    for path in paths:
        data = written(path)
        hits = [needle for needle in needles if needle in data]
        hits += search(data)
        if hits:
            found[path] = hits
    return found


def expect_no_traces(tap, stage, paths, numbers, texts):
    """No number and no text of a test sender in any of the files; and a proof
    that the search can find each of them."""
    paths = list(paths)
    planted, missed = stage.path('planted'), []
    for what in (([numbers[0]], []), ([], [texts[0]])):
        for coding in ('utf-8', 'utf-16-be', 'utf-16-le'):
            with open(planted, 'wb') as file:
                file.write(b'\0\x01%b\xff' % ''.join(sum(what, [])).encode(
                    coding))
            if not find_traces([planted], *what):
                missed.append((what, coding))
    os.unlink(planted)
    tap.eq(missed, [], 'the search finds what is there')
    found = find_traces(paths, numbers, texts)
    tap.ok(not found, 'no number and no text of %d senders in %d files' % (
        len(set(numbers)), len(paths)),
        *['%s: %r' % (os.path.basename(path), hits[:5])
          for path, hits in found.items()])
