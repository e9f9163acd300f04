#!/usr/bin/env python3
"""A key folder with a passphrase: from a terminal, a descriptor, a systemd
credential; what is said without it; and that who takes data and keys, but not
the passphrase, gets nothing of people."""

import json
import os
import pty
import select
import shutil
import subprocess
import time

import box
import kit
from safard import BIN, Safard
from test_safety_memory import memory

CTL = os.path.join(BIN, 'safarctl')
WORDS = 'river copper lantern ninety'
OTHER = 'a teapot full of yellow rain'
NUMBER = '+996555777001'


def ctl(data, *args, lines=None, said=None):
    """(exit code, both outputs); lines: what the descriptor gives"""
    env, fds, ends = kit_env(), (), None
    if lines is not None:
        ends = os.pipe()
        os.write(ends[1], ''.join(line + '\n' for line in lines).encode())
        os.close(ends[1])
        env['SAFAR_PASSPHRASE_FD'] = str(ends[0])
        fds = (ends[0],)
    done = subprocess.run([CTL, '--data', data, *args], check=False,
                          timeout=kit.patient(60), input=(said or '').encode(), env=env,
                          pass_fds=fds, start_new_session=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ends is not None:
        os.close(ends[0])
    return done.returncode, done.stdout.decode('utf-8')


def kit_env(**more):
    env = {name: value for name, value in os.environ.items()
           if name not in ('SAFAR_PASSPHRASE_FD', 'CREDENTIALS_DIRECTORY')}
    env.update(more)
    return env


def at_terminal(argv, answers, seconds=40):
    """Run it at a terminal; each answer is typed when it asks (": ").
    (exit code, all that the terminal showed)"""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(argv[0], argv, kit_env())
    shown, seen, end = b'', 0, time.monotonic() + seconds
    answers = list(answers)
    while time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                got = os.read(fd, 4096)
            except OSError:
                break
            if not got:
                break
            shown += got
        if answers and shown.endswith(b': ') and len(shown) > seen:
            seen = len(shown)
            os.write(fd, answers.pop(0))
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), \
        shown.decode('utf-8', 'replace')


def sizes(data):
    keys = os.path.join(data, 'keys')
    return {name: os.path.getsize(os.path.join(keys, name))
            for name in os.listdir(keys) if name.endswith('.key')}


def all_sealed(data):
    got = sizes(data)
    return 'wrap.key' in got and all(
        size == 145 for name, size in got.items() if name != 'wrap.key')


def run_set(tap, safard):
    """While it runs nothing is changed; then from a descriptor."""
    code, out = ctl(safard.data, 'keys', '--passphrase', lines=[WORDS])
    tap.ok(code == 1 and 'another' in out and not all_sealed(safard.data),
           'no passphrase is set while safard runs', out)
    safard.stop()
    code, out = ctl(safard.data, 'keys')
    tap.ok(code == 0 and 'has no passphrase' in out, 'none yet', out)
    code, out = ctl(safard.data, 'keys', '--passphrase')
    tap.ok(code == 1 and 'SAFAR_PASSPHRASE_FD' in out and
           'safar.passphrase' in out, 'it says how to give one', out)
    code, out = ctl(safard.data, 'keys', '--passphrase', lines=['too short'])
    tap.ok(code == 1 and '12 to 1000 bytes' in out, 'how long it must be', out)
    tap.ok(not all_sealed(safard.data), 'nothing was changed by all that')
    code, out = ctl(safard.data, 'keys', '--passphrase', lines=[WORDS])
    tap.ok(code == 0 and 'has a passphrase' in out, 'it is set', out)
    tap.ok(all_sealed(safard.data), 'every key is sealed', sizes(safard.data))


def ended(safard, env):
    safard.launch(env)
    code = safard.process.popen.wait(kit.patient(30))
    with open(safard.process.log, encoding='utf-8') as log:
        return code, log.read().splitlines()[-1]


def credential(stage, name, text):
    folder = stage.path(name)
    os.mkdir(folder)
    with open(os.path.join(folder, 'safar.passphrase'), 'w',
              encoding='utf-8') as file:
        file.write(text)
    return {'CREDENTIALS_DIRECTORY': folder}


def run_start(tap, stage, bearer, safard):
    """What safard says without it; then somebody writes."""
    code, said = ended(safard, kit_env(
        CREDENTIALS_DIRECTORY=stage.path('nothing')))
    tap.ok(code == 3 and 'none was given' in said and
           'safar.passphrase' in said, 'no start without: exit code 3', said)
    code, said = ended(safard, kit_env(**credential(stage, 'wrong', OTHER)))
    tap.ok(code == 3 and 'not the passphrase' in said,
           'nor with another one: exit code 3', said)
    safard.launch(kit_env(**credential(stage, 'right', WORDS + '\n')))
    safard.process.wait_line(r'\bev=ready\b', 30)
    link = bearer.accept()
    link.send(box.mo(NUMBER, '1414', 'menu'))
    kit.wait_for('the answer', 20, lambda: link.next(1, box.SMS))
    tap.ok(True, 'with the credential it answers')
    code, out = ctl(safard.data, 'status')
    tap.ok(code == 0, 'status needs no passphrase', out)
    second = subprocess.run(
        [os.path.join(BIN, 'safard'), '--data', safard.data], check=False,
        timeout=kit.patient(30), env=kit_env(**credential(stage, 'second', OTHER)),
        cwd=kit.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    tap.ok(second.returncode != 0 and b'another safard' in second.stdout,
           'a second one does not come as far as the keys', second.stdout)
    try:
        found = [name for name, data in memory(safard.process.pid)
                 if WORDS.encode() in data]
        tap.eq(found, [], 'the words are nowhere in its memory any more')
    except PermissionError:
        tap.ok(True, 'the words in its memory # SKIP not root')
    safard.kill()
    link.close()
    tap.ok(all_sealed(safard.data), "the new epoch's key is sealed, too",
           sizes(safard.data))


def run_taken(tap, stage, safard):
    """A thief copies data and keys: the answer is still on its way."""
    stolen = stage.path('stolen')
    shutil.copytree(safard.data, stolen,
                    ignore=shutil.ignore_patterns('*.sock'))
    code, out = ctl(stolen, 'what-would-they-get')
    tap.ok(code == 0 and 'nothing more; its keys have a passphrase' in
           ' '.join(out.split()), 'with data and keys: nothing more', out)
    tap.ok('of 1 person,' in out and '1 people' not in out,
           'and says it of one person', out)
    code, out = ctl(stolen, 'what-would-they-get', '--json')
    got = json.loads(out)
    tap.ok('with' not in got and got['passphrase'] and
           got['without']['numbers'] == 0 and got['without']['sealed'] == 1,
           'the same as JSON', got)
    code, out = ctl(stolen, 'what-would-they-get', '--keys',
                    os.path.join(stolen, 'keys'), '--passphrase', '--json',
                    lines=[OTHER])
    tap.ok(code == 1 and 'not the passphrase' in out, 'a guess', out)
    code, out = ctl(stolen, 'what-would-they-get', '--passphrase', '--json',
                    lines=[WORDS])
    got = json.loads(out)
    tap.ok(code == 0 and got['with']['numbers'] == 1 and
           got['with']['guessable_numbers'] == 1,
           'who has the passphrase, too, has the number', got)


def run_use(tap, stage, safard):
    """Commands that need the keys, while safard does not run."""
    code, out = ctl(safard.data, 'erase', '--number', said=NUMBER + '\n')
    tap.ok(code == 1 and 'SAFAR_PASSPHRASE_FD' in out,
           'erase says what to give', out)
    code, out = ctl(safard.data, 'erase', '--number', said=NUMBER + '\n',
                    lines=[WORDS])
    tap.ok(code == 0 and 'Erased' in out, 'and erases with it', out)
    tap.eq(safard.query('SELECT count(*) FROM log WHERE person NOTNULL'),
           [(0,)], 'the rows are nobody\'s')
    code, out = ctl(safard.data, 'backup', stage.path('backup'))
    tap.ok(code == 0, 'a backup needs no passphrase', out)
    code, out = ctl(safard.data, 'restore', stage.path('backup'), '--to',
                    stage.path('again'), '--keys', stage.path('again-keys'))
    tap.ok(code == 0, 'nor does a restore', out)
    code, out = ctl(stage.path('again'), 'keys', '--passphrase', lines=[WORDS])
    tap.ok(code == 0 and all_sealed(stage.path('again')),
           'keys behind a link get one, too', out)
    code, out = ctl(safard.data, 'restore', stage.path('backup'), '--to',
                    stage.path('third'), '--passphrase', lines=[WORDS])
    tap.ok(code == 0 and all_sealed(stage.path('third')),
           'or a restore makes them sealed', out)


def run_terminal(tap, safard):
    argv = [CTL, '--data', safard.data, 'keys', '--passphrase']
    old, new = WORDS.encode() + b'\n', OTHER.encode() + b'\n'
    code, shown = at_terminal(argv, [old, new, old])
    tap.ok(code == 1 and 'two different' in shown, 'typed, not the same twice',
           shown)
    code, shown = at_terminal(argv, [old, b'abc\x03'])
    tap.ok(code == 1 and 'cancelled' in shown, 'Ctrl-C changes nothing', shown)
    code, shown = at_terminal(argv, [old, new, new])
    tap.ok(code == 0 and 'has a passphrase' in shown, 'typed twice: changed',
           shown)
    tap.ok(WORDS not in shown and OTHER not in shown, 'nothing is echoed',
           shown)
    code, out = ctl(safard.data, 'keys', '--no-passphrase', lines=[WORDS])
    tap.ok(code == 1 and 'not the passphrase' in out, 'the old one is over',
           out)


def run_away(tap, safard):
    code, out = ctl(safard.data, 'keys', '--no-passphrase', lines=[OTHER])
    tap.ok(code == 0 and 'has no passphrase' in out, 'taken away', out)
    tap.ok(set(sizes(safard.data).values()) == {65}, 'the keys lie open',
           sizes(safard.data))
    safard.start()
    tap.ok(True, 'safard starts without being told anything')
    safard.stop()


def run_init(tap, stage):
    data = stage.path('new')
    code, out = ctl(data, 'init', data, '--passphrase')
    tap.ok(code == 1 and not os.path.exists(data),
           'init without one leaves nothing behind', out)
    code, out = ctl(data, 'init', data, '--production', '--passphrase',
                    lines=[WORDS])
    tap.ok(code == 0 and all_sealed(data) and 'at every start' in out,
           'init with one: no key ever lay open', out)
    code, out = ctl(data, 'panic', '--yes')
    tap.ok(code == 0 and os.listdir(data + '-keys') == [],
           'panic needs no passphrase', out)


def run(tap, stage):
    bearer = box.Bearerbox(stage)
    safard = Safard(stage, bearer.port)
    safard.start()
    bearer.accept().close()
    run_set(tap, safard)
    run_start(tap, stage, bearer, safard)
    run_taken(tap, stage, safard)
    run_use(tap, stage, safard)
    run_terminal(tap, safard)
    run_away(tap, safard)
    run_init(tap, stage)


if __name__ == '__main__':
    kit.main(run, 240)
