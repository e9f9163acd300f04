"""voice.py - a hotline that is called: safard with a gateway for texts and one
for calls, and a go-between that writes down what the two say of each call.
"""

import csv
import math
import os
import random
import re
import socket
import threading

import agi
import asterisk
import box
import kit
import uac
from safard import Safard


class Texts:
    """A bearerbox of our own that takes every text and keeps it."""

    def __init__(self, stage):
        self.box = box.Bearerbox(stage)
        self.port = self.box.port
        self.stage = stage
        self.texts = []  # (number, text)
        self.news = threading.Condition()
        self.link = None

    def start(self):
        """Once safard is starting: take its connection, and serve it."""
        self.link = self.box.accept()
        threading.Thread(target=self._serve, args=(self.link,),
                         daemon=True).start()

    def _serve(self, link):
        while not link.closed:
            try:
                message = link.next(1, box.SMS)
                if message is None:
                    continue
                link.accept_mt(message)
            except OSError:
                return
            with self.news:
                self.texts.append((message['receiver'].decode(),
                                   box.text_of(message)))
                self.news.notify_all()

    def say(self, number, text):
        self.link.send(box.mo(number, '1414', text))

    def of(self, number):
        with self.news:
            return [text for to, text in self.texts if to == number]

    def wait(self, number, count=1, seconds=15):
        """The texts this number got, once there are so many."""
        with self.news:
            self.news.wait_for(lambda: sum(
                to == number for to, _text in self.texts) >= count,
                               kit.patient(seconds))
        return self.of(number)


class Hotline:
    """Everything but the gateway for calls, which is started last."""

    def __init__(self, stage, **voice):
        self.stage = stage
        self.air = uac.Air(stage)
        self.texts = Texts(stage)
        self.reviewers = stage.path('reviewers.key')
        self.safard = Safard(stage, self.texts.port)
        self.safard.ctl('--data', self.safard.data, 'unmatched', '--new-key',
                        self.reviewers)
        self.spool = stage.path('spool-voice')
        os.makedirs(self.spool, exist_ok=True)
        self.agi_port = asterisk.free_range(1, socket.SOCK_STREAM)
        self.agi_socket = os.path.join(self.safard.data, 'agi.sock')
        self.settings = {'listen': '127.0.0.1:%d' % self.agi_port,
                         'country': 'ru', 'spool_dir': self.spool}
        self.settings.update(voice)
        self.apply()
        self.between = agi.Between(stage, self.agi_port)

    def apply(self, **more):
        self.settings.update(more)
        self.safard.set('voice', ['  %s: "%s"' % row if isinstance(row[1], str)
                                  else '  %s: %s' % row
                                  for row in self.settings.items()])

    def start(self):
        self.safard.launch()
        self.texts.start()
        self.safard.process.wait_line(r'\bev=ready\b', 20)
        kit.wait_for('safard takes calls', 10,
                     lambda: os.path.exists(self.agi_socket) or
                     kit.is_listening(self.agi_port))


# Prompts -------------------------------------------------------------------

LANGUAGES = ['ru', 'ky', 'tg', 'uz', 'kk', 'en']
SHORT_S = 0.06  # so long are prompts that nobody listens to here


def _column(path, name):
    with open(os.path.join(kit.ROOT, 'content', path), encoding='utf-8',
              newline='') as file:
        return [row[name] for row in csv.DictReader(file)]


def prompt_ids():
    """All that a caller may hear: see content/prompts.h."""
    with open(os.path.join(kit.ROOT, 'content/lang/ru.po'),
              encoding='utf-8') as file:
        ids = re.findall(r'(?m)^msgid "(voice\.[a-z.]+)"', file.read())
    with open(os.path.join(kit.ROOT, 'menus/trees/main.yaml'),
              encoding='utf-8') as file:
        ids += ['for.' + node for node in re.findall(
            r'\b(?:id:|label: label\.) ?([a-z-]+)', file.read())]
    ids += ['press.%s' % key for key in (*range(10), 'star', 'hash')]
    ids += ['digit.%d' % digit for digit in range(10)]
    ids += ['place.' + place for place in _column('gazetteer.csv', 'id')]
    for name in ('organisations.csv', 'public-contacts.csv'):
        for org in _column('orgs/' + name, 'id'):
            ids += ['org.%s.%s' % (org, what)
                    for what in ('name', 'what', 'hours')]
    return list(dict.fromkeys(ids))


def melody(name, seconds):
    """A sound that no other name has."""
    dice = random.Random(name)
    samples, turn = [], 0.0
    while len(samples) < seconds * 8000:
        pitch = dice.uniform(300, 1800)
        for _n in range(480):
            turn += 2 * math.pi * pitch / 8000
            samples.append(int(7000 * math.sin(turn)))
    return samples[:int(seconds * 8000)]


def make_prompts(folder, languages, **seconds):
    """Short sounds for all prompts; those named here, with __ for the dot,
    last so long and sound like no other."""
    ids = prompt_ids()
    common = os.path.join(folder, 'common.wav')
    os.makedirs(folder, exist_ok=True)
    uac.write_wav(common, melody('common', SHORT_S))
    for lang in LANGUAGES:
        os.makedirs(os.path.join(folder, lang), exist_ok=True)
        for name in ids if lang in languages else ['voice.lang']:
            path = os.path.join(folder, lang, name + '.wav')
            own = seconds.get(name.replace('.', '__'))
            if own is None:
                os.link(common, path)
            else:
                uac.write_wav(path, melody(lang + name, own))


# A caller ------------------------------------------------------------------

class Caller:
    """A call and what is said of it: presses keys when it is time to."""

    def __init__(self, hotline, call):
        self.hotline = hotline
        self.call = call
        self.number = call.number
        self.at = 0  # lines of the record that were looked at

    @property
    def record(self):
        return self.hotline.between.of(self.number)

    def hear(self, prompt, seconds=15):
        """Until this prompt is asked for, from here on: its whole name."""
        record = self.record

        def look(_records):
            for at in range(self.at, len(record.lines)):
                _when, ours, line = record.lines[at]
                if ours and line.startswith('STREAM FILE') and (
                        line.split()[2].strip('"').endswith('/' + prompt)):
                    self.at = at + 1
                    return line.split()[2].strip('"')
            if record.over:
                raise kit.TooLong('the call ended before ' + prompt)
            return None

        return self.hotline.between.wait('the prompt %s for %s' % (
            prompt, self.number), look, seconds)

    def pick(self, prompt):
        """Hear a menu up to the first pause behind this choice, and press what
        was said to choose it."""
        names = []
        while prompt not in names:
            if self.record.over:
                raise kit.TooLong('the call ended before ' + prompt)
            names += self.hear_all(least=agi.CHOOSE_MS)
        self.call.press(key_of(names, prompt))
        return names

    def hear_all(self, seconds=30, least=agi.END_MS):
        """Everything until a key is waited for: the names of the prompts."""
        record, names = self.record, []

        def look(_records):
            while self.at < len(record.lines):
                _when, ours, line = record.lines[self.at]
                self.at += 1
                if ours and agi.waits(line, least):
                    return True
                if ours and line.startswith('STREAM FILE'):
                    names.append(os.path.basename(line.split()[2].strip('"')))
            return record.over

        self.hotline.between.wait('an end of what is said to %s' % self.number,
                                  look, seconds)
        return names

    def choose(self, key):
        """Hear all that is said, then press a key."""
        names = self.hear_all()
        self.call.press(key)
        return names


def key_of(names, prompt):
    """The key that is said after a prompt."""
    return names[names.index(prompt) + 1].rpartition('.')[2].replace(
        'star', '*').replace('hash', '#')


class Crowd:
    """Many callers at once: each presses its keys, one whenever safard waits
    for one; the last of them again and again if `on` is said."""

    def __init__(self, hotline, calls, keys, on=False):
        self.calls = {call.number: call for call in calls}
        self.keys = keys
        self.on = on
        self.pressed = dict.fromkeys(self.calls, 0)
        hotline.between.on_line = self._on_line

    def _on_line(self, record, line):
        number = record.env.get('agi_callerid')
        if number not in self.calls or not agi.waits(line, agi.CHOOSE_MS):
            return
        at = record.keys()
        if at >= len(self.keys) and not self.on:
            return
        self.pressed[number] += 1
        self.calls[number].press(self.keys[min(at, len(self.keys) - 1)])
