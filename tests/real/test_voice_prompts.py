#!/usr/bin/env python3
"""What callers hear, made by the real espeak-ng and sox: all of it or nothing,
each text once, recordings first, nothing silent or clipped."""

import csv
import json
import math
import os
import re
import shutil
import stat
import struct
import subprocess
import wave

import kit
from safard import BIN, replace_section

CTL = os.path.join(BIN, 'safarctl')
LANGS = ['en', 'kk', 'ky', 'ru', 'tg', 'uz']
PLACES = ('kz', 'kg', 'tj', 'uz', 'ru', 'ru-moscow', 'kg-osh', 'tj-dushanbe')


class World:
    """A small edition in a data folder of its own."""

    def __init__(self, stage):
        self.stage = stage
        self.share = stage.path('share')
        self.data = stage.path('data')
        self.prompts = os.path.join(self.data, 'prompts')
        for folder in ('menus', 'content'):
            shutil.copytree(os.path.join(kit.ROOT, folder),
                            os.path.join(self.share, folder))
        self.shorten('gazetteer.csv', lambda row: row['id'] in PLACES)
        os.remove(os.path.join(self.share, 'content/orgs/organisations.csv'))
        self.shorten('orgs/public-contacts.csv', lambda row: row['id'] in (
            'emergency-ru-112', 'emergency-kg-103'))
        self.need('init', self.data)

    def shorten(self, name, wanted):
        path = os.path.join(self.share, 'content', name)
        with open(path, encoding='utf-8', newline='') as file:
            reader = csv.DictReader(file)
            rows = [row for row in reader if wanted(row)]
        with open(path, 'w', encoding='utf-8', newline='') as file:
            writer = csv.DictWriter(file, reader.fieldnames)
            writer.writeheader()
            writer.writerows(rows)

    def edit(self, name, old, new):
        path = os.path.join(self.share, 'content', name)
        with open(path, encoding='utf-8') as file:
            text = file.read()
        if old not in text:
            raise ValueError('%s: no %r' % (name, old))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace(old, new, 1))

    def ctl(self, *args, before=None, **env):
        """(exit code, standard output, standard error)"""
        own = {k: v for k, v in os.environ.items()
               if not k.startswith('SAFAR_')}
        done = subprocess.run(
            [CTL, '--data', self.data, *args], cwd=self.stage.folder,
            env=dict(own, SAFAR_SHARE=self.share, **env), timeout=kit.patient(300),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False, preexec_fn=before)
        return (done.returncode, done.stdout.decode('utf-8'),
                done.stderr.decode('utf-8'))

    def need(self, *args, **env):
        code, out, err = self.ctl(*args, **env)
        if code != 0:
            raise RuntimeError('safarctl %s: %s' % (' '.join(args), err))
        return out

    def file(self, edition, lang, name):
        return os.path.join(self.prompts, '%04d' % edition, lang,
                            name + '.wav')

    def record(self, lang, name, samples, rate=44100, ending='wav'):
        """Put a recording beside the prompts; returns its path."""
        path = os.path.join(self.data, 'content/prompts/rec', lang)
        os.makedirs(path, exist_ok=True)
        path = os.path.join(path, '%s.%s' % (name, ending))
        write_wav(path, samples, rate)
        return path

    def state(self):
        """All prompts of all editions, by their inode."""
        found = {}
        for folder, _folders, names in os.walk(self.prompts):
            if os.path.basename(folder) != 'cache':
                for name in names:
                    path = os.path.join(folder, name)
                    found[path] = os.stat(path).st_ino
        return found


def tone(seconds, loud, rate=44100):
    return [max(-32767, min(32767, int(loud * math.sin(
        440 * 2 * math.pi * i / rate)))) for i in range(int(seconds * rate))]


def write_wav(path, samples, rate):
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack('<%dh' % len(samples), *samples))


def read_wav(path):
    with wave.open(path, 'rb') as file:
        n = file.getnframes()
        return ((file.getframerate(), file.getnchannels(),
                 file.getsampwidth()), struct.unpack(
                     '<%dh' % n, file.readframes(n)))


def made(out):
    return int(re.search(r'(\d+) files were made', out).group(1))


def refused(tap, world, got, pattern, before, name):
    code, _out, err = got
    tap.ok(code == 1 and re.search(pattern, err), name, 'exit %d' % code, err)
    tap.ok(world.state() == before and not [
        n for n in os.listdir(world.prompts) if n.endswith('.tmp')],
        'and what was there is there, nothing half-made')


def run_texts_only(tap, world):
    """Who answers texts needs no speech."""
    out = world.need('publish', '--edition', '1', PATH='/nowhere')
    tap.ok('edition 2 is published' in out and 'prompts build' in out,
           'publishing without prompts says how to make them', out)
    for command in (('check',), ('status',)):
        out = world.ctl(*command)[1]
        tap.ok('calls are NOT answered: edition 2' in out,
               '%s says so, too' % command, out[-300:])
    tap.ok(not os.path.exists(world.prompts), 'and makes none')
    code, _out, err = world.ctl('prompts', 'build', PATH='/nowhere')
    tap.ok(code == 1 and 'apt install espeak-ng sox' in err,
           'without espeak-ng it says what to install', err)
    shutil.rmtree(world.prompts)


def run_build(tap, world):
    out = world.need('prompts', 'build')
    total = int(re.search(r'has (\d+) spoken prompts', out).group(1))
    names = {lang: sorted(os.listdir(os.path.join(
        world.prompts, '0002', lang))) for lang in LANGS}
    tap.eq(sorted(os.listdir(os.path.join(world.prompts, '0002'))), LANGS,
           'a folder for each language')
    tap.ok(all(names[lang] == names['ru'] for lang in LANGS),
           'the same prompts in each')
    tap.eq(sum(map(len, names.values())), total, 'as many as it said')
    tap.ok({'voice.lang.wav', 'press.1.wav', 'press.hash.wav', 'digit.0.wav',
            'for.wages.wav', 'place.ru-moscow.wav',
            'org.emergency-ru-112.name.wav', 'org.emergency-ru-112.what.wav',
            'org.emergency-ru-112.hours.wav'} <= set(names['ky']),
           'of every kind')
    bad = []
    for lang in LANGS:
        for name in names[lang]:
            path = os.path.join(world.prompts, '0002', lang, name)
            form, samples = read_wav(path)
            peak = max(map(abs, samples))
            # sox: -3 dB, and a little on the way to 16 bits
            if form != (8000, 1, 2) or not 22000 < peak < 24500:
                bad.append('%s %s: %r, peak %d' % (lang, name, form, peak))
            if stat.S_IMODE(os.stat(path).st_mode) != 0o644:
                bad.append('%s %s: mode' % (lang, name))
    tap.ok(not bad, 'all 8 kHz, mono, PCM16, as loud as each other, for '
           'Asterisk to read', *bad[:5])
    before = world.state()
    tap.eq(made(world.need('prompts', 'build')), 0, 'again: nothing is made')
    tap.eq(world.state(), before, 'it is the same files')
    out = world.need('publish')
    tap.ok('nothing has changed: edition 2' in out and made(out) == 0,
           'publish: there is nothing to publish', out)
    tap.eq(os.listdir(os.path.join(world.data, 'editions')).count('0003'), 0,
           'and no edition came of it')
    tap.ok('NOT answered' not in world.ctl('check')[1],
           'check: calls are answered')
    tap.eq(made(world.need('publish', '--edition', '2')), 0,
           'nor for the next edition, which has the same texts')
    tap.eq(len(world.state()), 2 * total, 'which has its prompts')
    world.edit('lang/ky.po', 'Башка тил,', 'Тилди алмаштыруу,')
    out = world.need('publish', '--progress')
    tap.eq(made(out), 1, 'a text is changed: one is made')
    steps = [json.loads(line) for line in out.splitlines()
             if line.startswith('{"done"')]
    tap.eq(list(dict.fromkeys(step['text'] for step in steps)),
           ['write', 'check', 'speak', 'name', ''],
           'who looks on is told what is being done')
    tap.ok([step['done'] for step in steps] ==
           sorted(step['done'] for step in steps) and
           sum(step['text'] == 'speak' for step in steps) >= 10,
           'and how far it is, prompt by prompt', steps)
    tap.eq(made(world.need('publish', '--edition', '3')), 0,
           'going back needs none')
    tap.ok(os.path.samefile(world.file(3, 'ky', 'for.language'),
                            world.file(5, 'ky', 'for.language')),
           'and says what it said')


def run_play(tap, world):
    tap.eq(world.need('prompts', 'play', 'press.1', '--lang', 'uz@cyrillic'),
           world.file(5, 'uz', 'press.1') + '\n', 'play says where it is')
    code, _out, err = world.ctl('prompts', 'play', 'press.x')
    tap.ok(code == 1 and 'missing' in err, 'or that there is no such', err)
    code, _out, err = world.ctl('prompts', 'play', '../safar.yaml')
    tap.ok(code == 1 and 'names no prompt' in err, 'nor a path', err)
    code, _out, err = world.ctl('prompts', 'dance')
    tap.ok(code == 2 and 'build, missing or play' in err, 'a slip', err)


def run_recorded(tap, world):
    kinds = {}
    for line in world.need('prompts', 'missing').splitlines():
        lang, name, kind, text = line.split('\t')
        kinds.setdefault(lang, set()).add(kind)
        if (lang, name) == ('tg', 'press.1'):
            tap.eq(text, 'якро пахш кунед', 'missing says what to read')
    tap.ok(kinds['tg'] == {'placeholder', 'synthesised'} and
           kinds['ky'] == {'synthesised'},
           'Tajik has a voice of another language', kinds)
    world.record('tg', 'press.1', tone(0.8, 3000))
    flac = world.record('tg', 'press.2', tone(0.5, 9000, 16000), 16000)
    subprocess.run(['sox', flac, flac[:-3] + 'flac'], check=True)
    os.remove(flac)
    tap.eq(made(world.need('publish')), 2, 'two recordings are converted')
    form, samples = read_wav(world.file(6, 'tg', 'press.1'))
    tap.ok(form == (8000, 1, 2) and len(samples) == 6400 and
           22000 < max(samples) < 24500, 'to what callers can hear', form,
           len(samples), max(samples))
    tap.eq(len(read_wav(world.file(6, 'tg', 'press.2'))[1]), 4000,
           'FLAC, too')
    out = world.need('prompts', 'missing', '--lang', 'tg')
    tap.ok('press.3' in out and 'press.1\t' not in out and
           'press.2\t' not in out, 'they are not missing any more')
    out = world.need('backup', world.stage.path('backup'))
    world.need('restore', world.stage.path('backup'), '--to',
               world.stage.path('again'))
    tap.ok(os.path.exists(world.stage.path(
        'again', 'content/prompts/rec/tg/press.1.wav')),
        'a backup has the recordings')
    tap.ok(not os.path.exists(world.stage.path('backup', 'prompts')),
           'and not what can be made of them')


def run_bad_recordings(tap, world):
    for name, samples, want in (
            ('silent', tone(1, 0), 'is silent; record it again'),
            ('clipped', tone(1, 90000), 'is clipped; record it again'),
            ('a click', tone(0.05, 9000), 'is shorter than 0.1 s'),
            ('a speech', tone(61, 9000, 8000) * 2, 'is longer than 60 s')):
        before = world.state()
        path = world.record('ru', 'press.5', samples,
                            8000 if name == 'a speech' else 44100)
        refused(tap, world, world.ctl('publish'),
                re.escape(path) + ' ' + want, before,
                'a recording that is %s is refused' % name)
        os.remove(path)
    path = world.record('ru', 'press.5', [])
    with open(path, 'wb') as file:
        file.write(b'This is no sound.\n')
    refused(tap, world, world.ctl('publish'),
            re.escape(path) + ': sox cannot read it', world.state(),
            'and one that is none')
    os.remove(path)
    os.mkdir(path)
    refused(tap, world, world.ctl('publish'), re.escape(path) + ': not a file',
            world.state(), 'and a folder')
    os.rmdir(path)
    tap.ok(not os.path.exists(os.path.join(world.data, 'editions/0007')),
           'no edition came of it')


def fake(world, script):
    """Another espeak-ng, before the real one in the PATH."""
    folder = world.stage.path('fake')
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, 'espeak-ng')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\n[ "$1" = --version ] && exit 0\n' + script)
    os.chmod(path, 0o755)
    return folder + ':' + os.environ['PATH']


def run_failures(tap, world):
    world.edit('lang/ru.po', 'нажмите пять', 'нажмите цифру пять')
    before = world.state()
    refused(tap, world, world.ctl('publish', PATH=fake(
        world, 'cat >/dev/null\nsox -D -n -t wav -r 22050 -c 1 -b 16 - trim 0 1')),
        r'ru press\.5 is silent: "нажмите цифру пять"', before,
        'a text that becomes silence is refused')
    refused(tap, world, world.ctl('publish', PATH=fake(world, 'exit 3')),
            '(espeak-ng|sox) ended with', before, 'a voice that fails')
    refused(tap, world, world.ctl('publish', PATH='/nowhere'),
            'espeak-ng is not installed', before, 'no voice')
    for lang in LANGS:
        world.edit('lang/%s.po' % lang, 'msgid "press.6"\nmsgstr "',
                   'msgid "press.6"\nmsgstr "{key} ')
    refused(tap, world, world.ctl('publish'), r'ru\.po: press\.6: .*without',
            before, 'a text with a placeholder')
    for lang in LANGS:
        world.edit('lang/%s.po' % lang, '{key} ', '')

    world.need('publish')
    broken = world.file(7, 'ru', 'press.7')
    with open(broken, 'r+b') as file:
        file.truncate(100)
    tap.eq(made(world.need('prompts', 'build')), 1,
           'a damaged file is made anew')
    tap.ok(os.path.getsize(world.file(7, 'ru', 'press.7')) > 1000, 'whole')


def run_full(tap, world):
    """A disk without room for all of them."""
    small = world.stage.path('small')
    os.mkdir(small)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs',
                           small], check=False, stderr=subprocess.PIPE)
    if done.returncode != 0:
        tap.skip('a full disk', 'no file system can be mounted here: ' +
                 done.stderr.decode().strip())
        return
    world.stage.closers.append(lambda: subprocess.run(
        ['umount', '-l', small], check=False))
    settings = os.path.join(world.data, 'safar.yaml')
    with open(settings, encoding='utf-8') as file:
        text = file.read()
    with open(settings, 'w', encoding='utf-8') as file:
        file.write(replace_section(text, 'voice', ['  prompts_dir: ' + small]))
    code, _out, err = world.ctl('prompts', 'build')
    tap.ok(code == 1 and 'is the disk full?' in err, 'no room is told', err)
    tap.eq(os.listdir(small), ['cache'], 'no prompt is given to calls')
    code, _out, err = world.ctl('publish')
    tap.ok(code == 1 and not os.path.exists(
        os.path.join(world.data, 'editions/0008')), 'nor is it published', err)
    with open(settings, 'w', encoding='utf-8') as file:
        file.write(text)


def run_old(tap, world):
    """What nobody can go back to goes."""
    for number in (1, 2, 3, 4, 5, 6):
        shutil.rmtree(os.path.join(world.data, 'editions/%04d' % number))
    world.need('prompts', 'build')
    tap.eq(sorted(os.listdir(world.prompts)), ['0007', 'cache'],
           'prompts of editions that are gone are gone')
    cache = os.path.join(world.prompts, 'cache')
    tap.ok(all(os.stat(os.path.join(cache, name)).st_nlink > 1
               for name in os.listdir(cache)), 'and what nobody uses')


def run(tap, stage):
    for program in ('espeak-ng', 'sox'):
        if shutil.which(program) is None:
            tap.skip('prompts', '%s is not installed: make test installs it, '
                     'or sh conf/packages/install.sh voice' % program)
            return
    world = World(stage)
    run_texts_only(tap, world)
    run_build(tap, world)
    run_play(tap, world)
    run_recorded(tap, world)
    run_bad_recordings(tap, world)
    run_failures(tap, world)
    run_full(tap, world)
    run_old(tap, world)


if __name__ == '__main__':
    kit.main(run, 300)
