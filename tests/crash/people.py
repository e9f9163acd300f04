"""people.py - who asks what, the right answers, and the ledger of all that was
said: every text, every acknowledgement, every answer.

A person says the next text when the one before is acknowledged and answered,
so their order is known.  The right answers are those of the same conversation
with a safard that nobody disturbs; for the golden ones they are also what the
golden file says.
"""

import collections
import glob
import os
import re
import time

import kit
from safard import goldens

FORGET = ('forget', 'ұмыт', 'унут', 'забудь', 'фаромӯш', 'unut')
# words no file of ours holds; traces of texts are searched by them
ODD = ['зябликова', 'quokkaish']

TOPICS = {
    'ru': ['нужен юрист', 'врач', 'не платят зарплату', 'где переночевать',
           'ищу работу', 'посольство', 'забрали паспорт'],
    'ky': ['юрист керек', 'айлыгымды бербей жатат'],
    'tg': ['духтур лозим', 'маошамро намедиҳанд'],
    'uz': ['ish kerak', 'oyligimni bermayapti'],
    'en': ['lawyer', 'doctor', 'my wages are not paid', 'need a job'],
}
PLACES = {'ru': ['Москва', 'Казань', 'Екатеринбург', 'Самара', 'Бишкек',
                 'Алматы', 'Ташкент', 'Новосибирск'],
          'ky': ['Москва', 'Ош', 'Бишкек'],
          'tg': ['Маскав', 'Душанбе'],
          'uz': ['Moskva', 'Toshkent'],
          'en': ['Moscow', 'Bishkek', 'Kazan', 'Dushanbe']}
HOME = {'ru': '+79261230001', 'ky': '+996555120001', 'tg': '+992900120001',
        'uz': '+998901120001', 'en': '+996700120001'}
LONG = [
    ('+79261230001', 'Здравствуйте 🙂 меня зовут зябликова, я приехала в '
     'Москву два года назад, у меня есть патент, но хозяин уже три месяца не '
     'платит зарплату, говорит потом, потом. Нас там двенадцать человек, все '
     'боятся. Что нам делать? Мне нужен юрист, который понимает про зарплату.'),
    ('+996700120001', 'Hello, I have a question about wages, quokkaish. My '
     'employer has not paid me for three months and I do not know where to '
     'turn to for help. I work in Moscow and I live there too. Please answer '
     'me as soon as you can, there are many of us here.'),
]


class Script:
    """One conversation: the texts, and what is right for each."""

    def __init__(self, name, number, texts, want=None):
        self.name = name
        self.number = number
        self.texts = texts
        self.want = want
        self.repeats = False
        self.answers = []
        self.rows = []

    def cut(self):
        """From the first answer on that was there before: which of the two
        comes again behind a crash, nobody could tell."""
        for at, answer in enumerate(self.answers):
            if answer in self.answers[:at]:
                for row in (self.texts, self.answers, self.rows):
                    del row[at:]
                break
        self.repeats = len(set(self.texts)) < len(self.texts)


def is_word_set(text):
    """A word of one's own, said twice: after a restart it is needed again,
    which a conversation cannot know."""
    words = text.split()
    return len(words) > 2 and words[-1] == words[-2]


def golden_scripts():
    found = []
    for golden in goldens():
        for number in dict.fromkeys(step.number for step in golden.steps):
            texts, want = [], []
            for step in golden.steps:
                if step.number != number:
                    continue
                if (len(step.replies) != 1 or step.text in FORGET or
                        is_word_set(step.text)):
                    break
                texts.append(step.text)
                want.append(step.replies[0][0])
            found.append(Script(golden.name, number, texts, want))
    return found


def scripts():
    every = golden_scripts()
    for lang, topics in TOPICS.items():
        odd = ODD[HOME[lang].startswith('+996700')]
        for topic in topics:
            for place in PLACES[lang]:
                name = '%s %s' % (topic, place)
                every.append(Script(name, HOME[lang],
                                    ['%s %s %s' % (topic, place, odd)]))
                every.append(Script(name + ' in two', HOME[lang],
                                    ['%s %s' % (topic, odd), place]))
    every += [Script('long', number, [text]) for number, text in LONG]
    return every


class Said:
    """One text of one person."""

    def __init__(self, person, step):
        self.person = person
        self.step = step
        self.text = person.script.texts[step]
        self.sent = 0
        self.parts = 1
        self.acked_parts = set()
        self.refused = False
        self.answers = []  # when

    @property
    def want(self):
        return self.person.script.answers[self.step]

    @property
    def acked(self):
        return len(self.acked_parts) == self.parts

    @property
    def done(self):
        return self.acked and bool(self.answers)


class Person:
    def __init__(self, number, script, peer):
        self.number = number
        self.script = script
        self.peer = peer
        self.said = []

    @property
    def now(self):
        return self.said[-1]

    def next(self):
        """The next text, or None after the last."""
        if len(self.said) == len(self.script.texts):
            return None
        self.said.append(Said(self, len(self.said)))
        return self.now


class Fault:
    """Something that cut answers off on their way."""

    def __init__(self, kind, peer):
        self.at = time.monotonic()
        self.kind = kind
        self.peer = peer  # None: all
        self.repeats = collections.Counter()  # by peer


def contacts():
    """The last digits of all numbers in the directory: nobody's who texts."""
    found = set()
    for path in glob.glob(os.path.join(kit.ROOT, 'content/orgs/*.csv')):
        with open(path, encoding='utf-8') as file:
            found.update(run[-9:] for run in
                         re.findall(r'[0-9]{9,}', file.read()))
    return found


class Ledger:
    def __init__(self):
        self.contacts = contacts()
        self.people = {}
        self.count = 0
        self.learning = None
        self.faults = []
        self.wrong = []
        self.mixed = []
        self.astray = []  # answered again, and nothing was cut between

    def person(self, script, peer):
        number = None
        while number is None or number[-9:] in self.contacts:
            self.count += 1
            number = script.number[:-6] + '%06d' % self.count
        self.people[number] = Person(number, script, peer)
        return self.people[number]

    def fault(self, kind, peer=None):
        self.faults.append(Fault(kind, peer))

    @property
    def texts(self):
        return [said for person in self.people.values()
                for said in person.said]

    def answer(self, number, text):
        """An answer has come whole; returns the text it is the first to
        answer, or None."""
        now = time.monotonic()
        person = self.people.get(number)
        if person is None or not person.said:
            self.wrong.append('to a stranger: %r' % text)
            return None
        said = person.now
        if self.learning is person.script and not said.answers:
            person.script.answers.append(text)
        if text == said.want and not said.answers:
            said.answers.append(now)
            return said
        again = next((s for s in person.said
                      if s.answers and s.want == text), None)
        if again is not None:
            self._again(again, now)
        else:
            self._wrong(person, text)
        return None

    def _again(self, said, now):
        """An answer has come once more: its last copy was under way at the
        first cut behind it."""
        before, peer = said.answers[-1], said.person.peer
        said.answers.append(now)
        for fault in self.faults:
            if fault.at >= before and fault.peer in (None, peer):
                fault.repeats[peer.name] += 1
                return
        self.astray.append(said)

    def _wrong(self, person, text):
        note = '%s, step %d: %r' % (person.script.name, person.now.step, text)
        lines = set(text.split('\n'))
        known = {line for other in self.people.values()
                 for line in other.script.answers[0].split('\n')}
        if text in {a for p in self.people.values() for a in p.script.answers}:
            self.wrong.append('of another text: ' + note)
        elif lines & known:
            self.mixed.append(note)
        else:
            self.wrong.append(note)

    def judge(self, window):
        """The figures at the end."""
        texts = self.texts
        return {
            'conversations': len(self.people),
            'texts': len(texts),
            'handed over again': sum(s.sent - s.parts for s in texts),
            'acknowledged': sum(s.acked for s in texts),
            'refused': sum(s.refused for s in texts),
            'answered once': sum(len(s.answers) == 1 for s in texts),
            'answered twice': sum(len(s.answers) == 2 for s in texts),
            'answered more often': sum(len(s.answers) > 2 for s in texts),
            'lost': sum(s.acked and not s.answers for s in texts),
            'never acknowledged': sum(not s.acked for s in texts),
            'wrong': len(self.wrong),
            'mixed': len(self.mixed),
            'repeats without a cut': len(self.astray),
            'most repeats after one cut': max(
                (n for f in self.faults for n in f.repeats.values()),
                default=0),
            'cuts with more repeats than the window': sum(
                n > window for f in self.faults
                for n in f.repeats.values()),
        }
