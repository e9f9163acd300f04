#!/usr/bin/env python3
"""Every byte that a thief could read, while safard is busy, after kill -9,
after an abort that would leave a core, in a backup, and after a panic: none of
the numbers and words that people sent."""

import json
import os
import resource
import signal
import subprocess
import threading

import box
import kit
from safard import BIN, Safard

CTL = os.path.join(BIN, 'safarctl')
WORDS = ['юрист Москва зябликова', 'lawyer Moscow quokkaish', 'menu',
         'зябликова пхнглуи', 'zzqq 89261230077 me@blarghs.org hallo']
ODD = ['зябликова', 'quokkaish', 'zzqq']


def ctl(safard, *args, said=None):
    """(exit code, both outputs)"""
    done = subprocess.run([CTL, '--data', safard.data, *args], check=False,
                          timeout=kit.patient(60), input=(said or '').encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode('utf-8')


class Crowd(threading.Thread):
    """Ever new people; every third answer is never confirmed, so that some
    are always on their way.  Some texts come in two pieces, some of them
    without the second."""

    def __init__(self, link, first):
        super().__init__(daemon=True)
        self.link = link
        self.first = first
        self.numbers = []
        self.acked = 0
        self.ended = threading.Event()

    def run(self):
        try:
            while not self.ended.is_set():
                self.say()
        except OSError:
            pass  # it was killed

    def say(self):
        at = len(self.numbers)
        number = '+99655%07d' % (self.first + at)
        self.numbers.append(number)
        more = {}
        if at % 5 == 4:
            more['udhdata'] = bytes([5, 0, 3, at % 256, 2, 1])
        self.link.send(box.mo(number, '1414', WORDS[at % len(WORDS)], **more))
        while True:
            message = self.link.next(0.2, box.SMS, box.ACK)
            if message is None:
                return
            if message['kind'] == box.ACK:
                self.acked += 1
                return
            if at % 3:
                self.link.accept_mt(message)

    def stop(self):
        self.ended.set()
        self.join(kit.patient(30))


def evidence(safard, stage):
    """Every file of the test but the keys and what everybody may read."""
    yield from safard.files()
    for path in kit.files_under(stage.folder):
        if not path.startswith(safard.data):
            yield path


def expect_none(tap, stage, safard, numbers, when):
    tap.note(when)
    paths = [path for path in evidence(safard, stage)]
    kit.expect_no_traces(tap, stage, sorted(set(paths)), numbers, ODD)


def wait_busy(crowd):
    kit.wait_for('some texts', 30, lambda: crowd.acked >= 25)


def allow_core():
    """For safard to turn off again."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def run_load(tap, stage, bearer, safard):
    crowd = Crowd(bearer.accept(), 1000000)
    crowd.start()
    wait_busy(crowd)
    safard.process.signal(signal.SIGSTOP)
    expect_none(tap, stage, safard, crowd.numbers, 'while it is busy')
    sealed = safard.answers()[0]
    tap.ok(sealed > 0, 'with %d answers on their way' % sealed)
    safard.process.signal(signal.SIGCONT)
    code, out = ctl(safard, 'backup', stage.path('backup'))
    tap.ok(code == 0, 'a backup of it', out)
    safard.kill()
    crowd.stop()
    expect_none(tap, stage, safard, crowd.numbers, 'killed; with a backup')
    return crowd.numbers


def run_abort(tap, stage, bearer, safard, numbers):
    safard.start()
    limit = '/proc/%d/limits' % safard.process.pid
    with open(limit, encoding='ascii') as file:
        core = [line.split() for line in file if 'core file' in line][0]
    tap.eq(core[4:6], ['0', '0'], 'no core, whatever the limit was before')
    crowd = Crowd(bearer.accept(), 2000000)
    crowd.start()
    wait_busy(crowd)
    before = set(kit.files_under(stage.folder, kit.ROOT))
    safard.process.signal(signal.SIGABRT)
    safard.process.popen.wait(kit.patient(20))
    crowd.stop()
    left = [path for path in kit.files_under(stage.folder, kit.ROOT)
            if path not in before and 'core' in os.path.basename(path)]
    tap.eq(left, [], 'an abort leaves no core')
    expect_none(tap, stage, safard, numbers + crowd.numbers, 'aborted')
    return numbers + crowd.numbers


def run_erase(tap, stage, bearer, safard):
    """By its number, which stands on no command line."""
    safard.start()
    link = bearer.accept()
    link.send(box.mo('+996553000000', '1414', 'menu'))
    kit.wait_for('the text', 20, lambda: link.next(1, box.ACK))
    code, out = ctl(safard, 'erase', '--number', said='+996553000000\n')
    tap.ok(code == 0 and 'Erased' in out, 'erase', out)
    code, out = ctl(safard, 'erase', '--number', said='tulip\n')
    tap.ok(code == 1 and "nobody's number" in out, 'of nobody', out)
    code, out = ctl(safard, 'audit')
    tap.ok(code == 0 and 'erase a number' in out and '3000000' not in out,
           'it is noted, without the number', out)
    return link


def run_panic(tap, stage, safard, numbers):
    code, out = ctl(safard, 'panic', said='no\n')
    tap.ok(code == 1 and 'nothing was done' in out, 'panic is asked for', out)
    tap.ok(safard.process.alive(), 'and safard runs on')
    code, out = ctl(safard, 'panic', said='PANIC\n')
    tap.ok(code == 0 and 'destroyed' in out, 'panic', out)
    safard.process.popen.wait(kit.patient(20))
    tap.eq(os.listdir(os.path.join(safard.data, 'keys')), [],
           'no key is there')
    tap.eq(safard.query('SELECT (SELECT count(*) FROM outbox), (SELECT '
                        'count(*) FROM inbox), (SELECT count(*) FROM part)'),
           [(0, 0, 0)], 'nothing is on its way')
    got = json.loads(ctl(safard, 'what-would-they-get', '--json',
                         stage.path('safard.log'))[1])
    tap.ok(got['without']['numbers'] == 0 and got['without']['texts'] == 0 and
           'with' not in got, 'nobody gets a number or a text', got)
    expect_none(tap, stage, safard, numbers, 'after a panic')


def run_panic_hung(tap, stage, bearer):
    """One that hangs is killed, so that it makes no new keys."""
    safard = Safard(stage, bearer.port, name='hung')
    safard.start()
    bearer.accept()
    spool = os.path.join(safard.data, 'spool')
    with open(os.path.join(spool, 'safar-1.wav'), 'wb') as f:
        f.write(b'speech' * 100)
    safard.process.signal(signal.SIGSTOP)
    code, out = ctl(safard, 'panic', '--yes')
    tap.ok(code == 0 and 'it is killed' in out, 'panic with one that hangs',
           out)
    tap.eq(safard.process.popen.wait(kit.patient(20)), -signal.SIGKILL, 'it was killed')
    tap.eq(os.listdir(os.path.join(safard.data, 'keys')), [],
           'no key is there')
    tap.eq(os.listdir(spool), [], 'no recording is there')


def run_outside(tap, stage):
    """Keys in another folder; production does it by itself."""
    data = stage.path('far')
    done = subprocess.run([CTL, 'init', data, '--production'], check=False,
                          stdout=subprocess.PIPE, cwd=kit.ROOT, timeout=kit.patient(60))
    tap.eq(done.returncode, 0, 'init --production')
    tap.eq(os.readlink(os.path.join(data, 'keys')), data + '-keys',
           'the keys lie outside the data folder')
    tap.eq(os.stat(data + '-keys').st_mode & 0o777, 0o700, 'for one user')
    tap.eq(os.listdir(data + '-keys'), ['vault.key'], 'and are there')


def run(tap, stage):
    allow_core()
    bearer = box.Bearerbox(stage)
    safard = Safard(stage, bearer.port)
    safard.ctl('--data', safard.data, 'unmatched', '--new-key',
               stage.path('reviewers.key'))
    safard.start()
    numbers = run_load(tap, stage, bearer, safard)
    numbers = run_abort(tap, stage, bearer, safard, numbers)
    link = run_erase(tap, stage, bearer, safard)
    code, out = ctl(safard, 'unmatched', '--key', stage.path('reviewers.key'))
    tap.ok(code == 0 and 'зябликова' in out and 'zzqq hallo\n' in out,
           'reviewers read texts, without numbers and addresses', out)
    run_panic(tap, stage, safard, numbers)
    link.close()
    run_panic_hung(tap, stage, bearer)
    run_outside(tap, stage)


if __name__ == '__main__':
    kit.main(run, 240)
