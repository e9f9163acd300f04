#!/usr/bin/env python3
"""A backup of a safard that is answering, what --check finds wrong with one,
and a data folder made of it that answers again."""

import os
import shutil
import signal
import subprocess
import threading

import box
import kit
from safard import BIN, Safard

CTL = os.path.join(BIN, 'safarctl')
WORDS = ['юрист Москва зябликова', 'lawyer Moscow quokkaish', 'menu']


def ctl(*args, seconds=60):
    """(exit code, both outputs)"""
    done = subprocess.run([CTL, *args], check=False, timeout=seconds,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode('utf-8')


class Talk(threading.Thread):
    """Texts of ever new people through a bearerbox of ours, until told."""

    def __init__(self, link, first):
        super().__init__(daemon=True)
        self.link = link
        self.first = first
        self.numbers = []
        self.answered = {}
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            self.say('+99655%07d' % (self.first + len(self.numbers)),
                     WORDS[len(self.numbers) % len(WORDS)])

    def say(self, number, text):
        """One text; waits for its acknowledgement and its answer."""
        self.numbers.append(number)
        self.link.send(box.mo(number, '1414', text))
        acked = False
        while number not in self.answered or not acked:
            message = self.link.next(20, box.SMS, box.ACK)
            if message is None:
                raise kit.TooLong('no answer')
            if message['kind'] == box.ACK:
                acked = message['nack'] == box.ACK_SUCCESS
            else:
                self.link.accept_mt(message)
                self.answered[message['receiver'].decode()] = \
                    box.text_of(message)
        return self.answered[number]

    def stop(self):
        self.ended.set()
        self.join(kit.patient(30))


def run_busy(tap, stage, safard, talk, target):
    kit.wait_for('some answers', 20, lambda: len(talk.answered) > 20)
    before = len(talk.answered)
    code, out = ctl('--data', safard.data, 'backup', target)
    tap.ok(code == 0 and 'edition 1' in out, 'backup of a busy safard', out)
    at_end = len(talk.numbers)
    kit.wait_for('the talk to go on', 20,
                 lambda: len(talk.answered) > at_end)
    tap.ok(talk.is_alive(), 'which answers meanwhile and afterwards')
    code, out = ctl('restore', '--check', target)
    tap.ok(code == 0 and 'is whole' in out and 'keys' in out,
           'restore --check says what it gives', out)
    tap.eq(ctl('restore', '--check', target + '/')[0], 0,
           'a shell that appends a / does not damage it')
    rows = int(out.split(' log rows')[0].split()[-1])
    tap.ok(before <= rows <= at_end,
           'every text answered before it began: %d, %d, %d'
           % (before, rows, at_end))
    tap.eq(sorted(os.listdir(target)),
           ['directory.db', 'editions', 'hotline.db', 'manifest.json',
            'safar.yaml'], 'no keys, no lock, no journal')
    tap.ok(all(os.stat(p).st_mode & 0o77 == 0
               for p in list(kit.files_under(target)) + [target]),
           'for its owner only')
    code, out = ctl('--data', safard.data, 'backup', target)
    tap.ok(code == 1 and 'there already' in out, 'never written over', out)
    code, out = ctl('--data', safard.data, 'check', '--store')
    tap.ok(code == 0 and 'are sound' in out, 'check --store', out)
    return rows


def run_cut(tap, stage, safard):
    """kill -9 of safarctl wherever it is: no TARGET, and the next one works."""
    target = stage.path('cut')
    whole = 0
    for wait_ms in range(0, 60, 3):
        with subprocess.Popen([CTL, '--data', safard.data, 'backup', target],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            try:
                process.wait(wait_ms / 1000)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        if os.path.exists(target):
            whole += ctl('restore', '--check', target)[0] == 0
            break
    else:
        whole = ctl('--data', safard.data, 'backup', target)[0] == 0
    tap.ok(whole, 'killed on its way there is no backup, or a whole one')
    tap.eq([n for n in os.listdir(stage.folder) if 'unfinished' in n], [],
           'and nothing half-made in the end')


def run_full(tap, stage, safard):
    """No room: told, and nothing left behind."""
    target = stage.path('small')
    done = subprocess.run(['sh', '-c', 'ulimit -f 16; exec "$@"', 'sh', CTL,
                           '--data', safard.data, 'backup', target],
                          check=False, stdout=subprocess.PIPE, timeout=kit.patient(60),
                          stderr=subprocess.STDOUT)
    tap.ok(done.returncode != 0, 'no room for a backup',
           done.stdout.decode())
    done = subprocess.run(['sh', '-c', 'ulimit -f 16; trap "" XFSZ; exec "$@"',
                           'sh', CTL, 'restore', stage.path('backup'), '--to',
                           target], check=False, stdout=subprocess.PIPE,
                          timeout=60, stderr=subprocess.STDOUT)
    tap.ok(done.returncode == 1 and b'make room' in done.stdout,
           'nor for what is made of one', done.stdout.decode())
    ctl('--data', safard.data, 'backup', target)
    tap.eq(ctl('restore', '--check', target)[0], 0, 'with room there is one')


def run_damaged(tap, stage, target):
    """Whatever is wrong with a backup is found and named."""
    for name in ('hotline.db', 'directory.db', 'safar.yaml',
                 'editions/0001/menus/main.yaml', 'manifest.json'):
        for how in ('changed', 'cut', 'gone'):
            copy = stage.path('damaged')
            shutil.copytree(target, copy)
            path = os.path.join(copy, name)
            if how == 'gone':
                os.unlink(path)
            else:
                with open(path, 'r+b') as file:
                    data = bytearray(file.read())
                    data[len(data) // 2] ^= 0x20
                    file.seek(0)
                    file.truncate()
                    file.write(data[:-1] if how == 'cut' else data)
            code, out = ctl('restore', '--check', copy)
            tap.ok(code == 1 and 'damaged/' in out and
                   len(out.strip().splitlines()) == 1,
                   '%s is %s' % (name, how), out)
            shutil.rmtree(copy)
    copy = stage.path('damaged')
    shutil.copytree(target, copy)
    with open(os.path.join(copy, 'more'), 'w', encoding='utf-8'):
        pass
    tap.ok('more does not belong' in ctl('restore', '--check', copy)[1],
           'one file too many')
    code, out = ctl('restore', copy, '--to', stage.path('never'))
    tap.ok(code == 1 and not os.path.exists(stage.path('never')),
           'nothing is made of a damaged one', out)


def run_arguments(tap, stage, safard, target):
    for args, code, pattern in (
            (('backup',), 2, 'TARGET'),
            (('backup', ''), 2, 'name a folder'),
            (('restore', target), 2, '--check or --to'),
            (('restore', '--check', target, '--to', 'x'), 2, '--check or'),
            (('restore', '--check', stage.path('none')), 1, 'no backup'),
            (('restore', target, '--to', safard.data), 1, 'there already'),
            (('restore', target, '--to', stage.path('a', 'b')), 1, 'a/b'),
            (('backup', stage.path('a', 'b')), 1, 'a/b')):
        got = ctl('--data', safard.data, *args)
        tap.ok(got[0] == code and pattern in got[1], ' '.join(args[:2]),
               got[1])


def restored(stage, safard, name):
    """A Safard on a folder that restore made."""
    other = Safard.__new__(Safard)
    other.stage, other.name, other.process = stage, name, None
    other.data = stage.path(name)
    return other


def run_restored(tap, stage, bearer, safard, target, rows):
    """It starts, answers as before, and goes on counting."""
    other = restored(stage, safard, 'restored')
    code, out = ctl('restore', target + '/', '--to', other.data + '/')
    tap.ok(code == 0 and 'new keys' in out, 'restore --to', out)
    tap.eq(os.listdir(os.path.join(other.data, 'keys')), ['vault.key'],
           'with a key of its own')
    other.start()
    talk = Talk(bearer.accept(), 7000000)
    tap.ok(talk.say('+996557000000', 'menu'), 'safard answers from it')
    talk.link.close()
    other.stop()
    tap.eq(other.requests()[0], rows + 1, 'its log goes on')


def run_old_keys(tap, stage, bearer, safard, target, number):
    """With the keys that were kept a person can still be taken out."""
    other = restored(stage, safard, 'with-keys')
    tap.eq(ctl('restore', target, '--to', other.data)[0], 0, 'restore again')
    keys = os.path.join(other.data, 'keys')
    shutil.rmtree(keys)
    shutil.copytree(os.path.join(safard.data, 'keys'), keys)
    other.start()
    before = other_linked(other)
    talk = Talk(bearer.accept(), 7000001)
    talk.say(number, '000')
    talk.link.close()
    other.stop()
    linked, = other.query('SELECT count(person) FROM log')[0]
    tap.eq(linked, before - 1, 'who forgets is forgotten in the old rows')


def other_linked(other):
    other.process.signal(signal.SIGSTOP)
    linked, = other.query('SELECT count(person) FROM log')[0]
    other.process.signal(signal.SIGCONT)
    return linked


def run(tap, stage):
    bearer = box.Bearerbox(stage)
    safard = Safard(stage, bearer.port)
    safard.start()
    talk = Talk(bearer.accept(), 1000000)
    talk.start()
    target = stage.path('backup')
    rows = run_busy(tap, stage, safard, talk, target)
    run_cut(tap, stage, safard)
    run_full(tap, stage, safard)
    talk.stop()
    talk.link.close()
    safard.stop()
    run_arguments(tap, stage, safard, target)
    run_damaged(tap, stage, target)
    run_restored(tap, stage, bearer, safard, target, rows)
    run_old_keys(tap, stage, bearer, safard, target, talk.numbers[0])
    kit.expect_no_traces(tap, stage, kit.files_under(target), talk.numbers,
                         ['зябликова', 'quokkaish'])


if __name__ == '__main__':
    kit.main(run, 180)
