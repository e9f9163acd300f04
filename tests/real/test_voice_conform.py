#!/usr/bin/env python3
"""One set of FastAGI dialogues, said to a real Asterisk and to safar-voice.
Their replies must be the same, but for what time decides: how much of a prompt
was played when a key came.  voice_dialogues.txt has them as Asterisk gave them
when it was written (DIALOGUES=write): where there is no Asterisk, safar-voice
is still held to it."""

import os
import re
import threading
import time

import agi
import gateways
import kit
import uac
import voice

CALLER = '+996555123456'
WRITTEN = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       'voice_dialogues.txt')
BYE, MENU, LONG = 1.0, 2.0, 20.0  # seconds
NEAR = 3200  # samples that may differ where time decides
NAMED = ['callerid', 'dnid', 'rdnis', 'extension']


class Talk:
    """One call: its telephone, its server's side, and what was replied."""

    def __init__(self, world, name, number):
        self.world = world
        self.name = name
        self.number = number
        self.phone = uac.Phone(world.air,
                               None if name == 'withheld' else CALLER)
        self.call = None
        self.said = []  # (command, reply)
        self.done = threading.Event()
        self.fault = 'not begun'

    def ask(self, command, act=None, at=0.7):
        """Say a command; the caller does something meanwhile."""
        if act is not None:
            timer = threading.Timer(at, act)
            timer.daemon = True
            timer.start()
        reply = self.call.ask(command)
        self.said.append((command, reply))
        return reply

    def look(self):
        """What the call is said to be, where that does not vary."""
        for name in NAMED:
            value = self.call.env.get('agi_' + name, '(missing)')
            if name == 'callerid' and value in ('anonymous', 'unknown'):
                value = '(withheld)'  # Asterisk says either
            self.said.append(('agi_' + name,
                              value.replace(self.number, 'NUMBER')))

    def press(self, keys):
        return lambda: self.phone.press(keys)

    def file(self, name):
        return os.path.join(self.world.sounds, name)

    def spool(self, name):
        return os.path.join(self.world.gateway.spool,
                            '%s-%s' % (self.name.replace(' ', '-'), name))

    def rings(self, desk):
        return self.world.gateway.target(desk)


DIALOGUES = {}


def dialogue(name):
    def add(play):
        DIALOGUES[name] = play
        return play
    return add


@dialogue('answer')
def _(t):
    t.look()
    t.ask('CHANNEL STATUS')
    t.ask('ANSWER')
    t.ask('CHANNEL STATUS')
    t.ask('ANSWER')
    t.ask('NOOP')
    t.ask('NOOP some words')
    t.ask('  noop')
    t.ask('HANGUP')


@dialogue('withheld')
def _(t):
    t.look()
    t.ask('ANSWER')
    t.ask('HANGUP')


@dialogue('variables')
def _(t):
    t.ask('ANSWER')
    t.ask('GET VARIABLE nosuch')
    t.ask('SET VARIABLE A "quote \\" and space"')
    t.ask('GET VARIABLE A')
    t.ask('SET VARIABLE A plain')
    t.ask('GET VARIABLE A')
    t.ask('SET VARIABLE A ""')
    t.ask('GET VARIABLE A')
    t.ask('HANGUP')


@dialogue('mistakes')
def _(t):
    t.ask('ANSWER')
    t.ask('BOGUS')
    t.ask('BOGUS WORDS HERE')
    t.ask('')
    t.ask('GET')
    t.ask('STREAM FILE')
    t.ask('STREAM FILE ' + t.file('bye'))
    t.ask('GET DATA')
    t.ask('GET OPTION ' + t.file('bye'))
    t.ask('WAIT FOR DIGIT')
    t.ask('WAIT FOR DIGIT abc')
    t.ask('SAY DIGITS 12')
    t.ask('RECORD FILE x wav')
    t.ask('SET VARIABLE A')
    t.ask('GET VARIABLE')
    t.ask('EXEC')
    t.ask('EXEC NoSuchApplication x')
    t.ask('NOOP ' + 'x' * 1900)
    t.ask('HANGUP')


@dialogue('lines in pieces')
def _(t):
    t.ask('ANSWER')
    t.call.send(b'NOOP with CR\r\n')
    t.said.append(('NOOP\\r\\n', t.call.reply()))
    t.call.send(b'NO')
    time.sleep(0.2)
    t.call.send(b'OP in two\n')
    t.said.append(('NO|OP', t.call.reply()))
    t.ask('HANGUP')


@dialogue('stream file')
def _(t):
    t.ask('ANSWER')
    t.ask('STREAM FILE %s ""' % t.file('bye'))
    t.ask('STREAM FILE "%s" "" 4000' % t.file('bye'))
    t.ask('STREAM FILE %s "0123456789*#"' % t.file('long'), t.press('5'))
    t.ask('STREAM FILE %s "24"' % t.file('long'), t.press('13*4'))
    t.ask('STREAM FILE %s ""' % t.file('bye'), t.press('5'), 0.3)
    t.ask('STREAM FILE %s ""' % t.file('nosuch'))
    t.ask('STREAM FILE %s "123"' % t.file('bye.wav'))
    t.ask('HANGUP')


@dialogue('get data')
def _(t):
    t.ask('ANSWER')
    menu, bye = t.file('menu'), t.file('bye')
    t.ask('GET DATA %s 3000 1' % menu, t.press('7'))
    t.ask('GET DATA %s 3000 4' % menu, t.press('12#'))
    t.ask('GET DATA %s 1500 10' % menu, t.press('34'))
    t.ask('GET DATA %s 3000 3' % bye, t.press('560'), 1.3)
    t.ask('GET DATA %s 400 3' % bye)
    t.ask('GET DATA %s 400 3' % bye, t.press('#'))
    t.ask('GET DATA %s 400 3' % t.file('nosuch'))
    t.ask('HANGUP')


@dialogue('get option')
def _(t):
    t.ask('ANSWER')
    t.ask('GET OPTION %s "123" 500' % t.file('bye'))
    t.ask('GET OPTION %s "123" 500' % t.file('long'), t.press('2'))
    t.ask('GET OPTION %s "123" 2000' % t.file('bye'), t.press('43'), 1.3)
    t.ask('GET OPTION %s "123" 500' % t.file('nosuch'))
    t.ask('HANGUP')


@dialogue('wait for digit')
def _(t):
    t.ask('ANSWER')
    for key in '*0#9':
        t.ask('WAIT FOR DIGIT 5000', t.press(key))
    t.ask('WAIT FOR DIGIT 300')
    t.phone.press('7')  # nobody listens: it is lost
    time.sleep(1.2)
    t.ask('WAIT FOR DIGIT 500')
    t.ask('HANGUP')


@dialogue('say digits')
def _(t):
    t.ask('ANSWER')
    t.ask('SAY DIGITS 12 ""')
    t.ask('SAY DIGITS 123456789012345678901234567890 "*#"', t.press('5#'))
    t.ask('HANGUP')


@dialogue('record file')
def _(t):
    t.ask('ANSWER')
    t.phone.media.speak(t.world.speech)
    t.ask('RECORD FILE %s wav "#" 8000' % t.spool('key'), t.press('#'), 1.0)
    t.ask('RECORD FILE %s wav "#*" 8000 BEEP' % t.spool('beep'), t.press('4*'),
          1.5)
    t.ask('RECORD FILE %s wav "" 1000' % t.spool('time'))
    t.ask('RECORD FILE %s mp9 "#" 1000' % t.spool('bad'))
    t.ask('HANGUP')


@dialogue('record until silence')
def _(t):
    t.ask('ANSWER')
    t.phone.media.speak(t.world.speech[:12000] + [0] * 32000)
    t.ask('RECORD FILE %s wav "#" 10000 s=2' % t.spool('quiet'))
    t.ask('HANGUP')


@dialogue('dial, nobody can')
def _(t):
    t.ask('ANSWER')
    for desk in ('busy', 'silent'):
        t.ask('EXEC Dial %s,3,g' % t.rings(desk))
        t.ask('GET VARIABLE DIALSTATUS')
        t.ask('CHANNEL STATUS')
    t.ask('STREAM FILE %s ""' % t.file('bye'))
    t.ask('HANGUP')


@dialogue('dial, somebody answers')
def _(t):
    t.ask('ANSWER')
    t.ask('EXEC Dial %s,5,g' % t.rings('talks'))
    t.ask('GET VARIABLE DIALSTATUS')


@dialogue('dial to nobody')
def _(t):
    t.ask('ANSWER')
    t.ask('EXEC Dial PJSIP/nosuch/sip:x@127.0.0.1:9,3,g')
    t.ask('GET VARIABLE DIALSTATUS')
    t.ask('HANGUP')


def gone(t, command, at=0.7):
    """The caller hangs up in a command; what can be said after that."""
    t.ask('ANSWER')
    t.phone.media.speak(t.world.speech)
    t.ask(command, t.phone.hang_up, at)
    t.ask('STREAM FILE %s ""' % t.file('bye'))
    t.ask('GET DATA %s 1000 1' % t.file('bye'))
    t.ask('WAIT FOR DIGIT 1000')
    t.ask('CHANNEL STATUS')
    t.ask('NOOP')
    t.ask('SET VARIABLE A b')
    t.ask('GET VARIABLE A')


def gone_in(name, command):
    DIALOGUES['gone in ' + name] = lambda t: gone(
        t, command.format(long=t.file('long'), spool=t.spool('gone')))


gone_in('stream file', 'STREAM FILE {long} "1"')
gone_in('get data', 'GET DATA {long} 5000 5')
gone_in('get option', 'GET OPTION {long} "1" 5000')
gone_in('wait for digit', 'WAIT FOR DIGIT 20000')
gone_in('say digits', 'SAY DIGITS 12345678901234567890 ""')
gone_in('record file', 'RECORD FILE {spool} wav "#" 20000')


@dialogue('gone between commands')
def _(t):
    t.ask('ANSWER')
    t.phone.wait_up()  # it may hear of it behind us
    t.phone.hang_up()
    time.sleep(0.7)
    t.ask('NOOP')
    t.ask('STREAM FILE %s ""' % t.file('bye'))


@dialogue('gone while it rings')
def _(t):
    t.ask('ANSWER')
    t.ask('EXEC Dial %s,20,g' % t.rings('rings'), t.phone.hang_up)
    t.ask('GET VARIABLE DIALSTATUS')


@dialogue('the server goes')
def _(t):
    t.ask('ANSWER')
    t.ask('NOOP')


class World:
    """One gateway, and all dialogues said to it at once."""

    def __init__(self, stage, start, sounds, speech):
        self.air = uac.Air(stage)
        self.sounds = sounds
        self.speech = speech
        self.server = agi.Server(stage, self._on_call)
        self.desks = {
            'talks': uac.Phone(self.air, 'desk', ring=0.5, talk=1.0),
            'busy': uac.Phone(self.air, 'desk', refuse='486 Busy Here'),
            'silent': uac.Phone(self.air, 'desk'),
            'rings': uac.Phone(self.air, 'desk'),
        }
        self.gateway = start(stage, self.server.port, sounds,
                             stage.path('spool'),
                             {name: desk.port
                              for name, desk in self.desks.items()})
        self.talks = {}
        for at, name in enumerate(DIALOGUES):
            number = '%d' % (1000 + at)
            self.talks[number] = Talk(self, name, number)

    def _on_call(self, call):
        talk = self.talks[call.env['agi_extension']]
        talk.call = call
        try:
            DIALOGUES[talk.name](talk)
            talk.fault = None
        except (agi.Gone, kit.TooLong) as error:
            talk.fault = repr(error)
        if talk.phone.over_by == 'us' and not call.notices:
            talk.fault = talk.fault or 'no notice HANGUP'
        call.close()
        talk.done.set()

    def play(self):
        for talk in self.talks.values():
            talk.phone.call(self.gateway.sip_port, talk.number)
        for talk in self.talks.values():
            if talk.done.wait(kit.patient(60)):
                talk.phone.wait_over(10)

    def told(self):
        """[(dialogue, [(command, reply)])], without what is of this run."""
        rows = []
        for talk in self.talks.values():
            said = [(re.sub(r' PJSIP/[^,]+', ' TARGET', command.replace(
                self.sounds, 'SOUNDS').replace(self.gateway.spool, 'SPOOL')),
                     usage(reply)) for command, reply in talk.said]
            said.append(('the call is ended by',
                         {'us': 'the caller'}.get(talk.phone.over_by,
                                                  'the server')))
            if talk.fault is not None:
                said.append(('(fault)', talk.fault))
            rows.append((talk.name, said))
        return rows


def usage(reply):
    """520 alone: its help may have many lines or, without documentation, one."""
    return '520' if reply.startswith('520') else reply


def write(told, version):
    with open(WRITTEN, 'w', encoding='utf-8') as file:
        file.write('# What Asterisk replies (%s).\n' % version)
        for name, said in told:
            file.write('\n[%s]\n' % name)
            for command, reply in said:
                file.write('> %s\n< %s\n' % (command, reply))


def read():
    told = []
    with open(WRITTEN, encoding='utf-8') as file:
        for line in file.read().splitlines():
            if line.startswith('['):
                told.append((line[1:-1], []))
            elif line.startswith('> '):
                command = line[2:]
            elif line.startswith('< '):
                told[-1][1].append((command, line[2:]))
    return told


def same(one, two):
    """Equal, but for numbers that time decides.  The number before (timeout)
    of RECORD FILE may be anything: Asterisk gives 0, 1 or a rest of time."""
    one, two = (re.sub(r'result=\d+ (\(timeout\) endpos)', r'result=n \1', text)
                for text in (one, two))
    place = re.compile(r'(?<=endpos=)-?\d+')
    if place.sub('n', one) != place.sub('n', two):
        return False
    near = 0 if 'result=0 ' in one else NEAR  # 0: played to its end
    return all(abs(int(a) - int(b)) <= near
               for a, b in zip(place.findall(one), place.findall(two)))


def differences(said, want):
    rows = []
    for at in range(max(len(said), len(want))):
        got = said[at] if at < len(said) else ('(nothing)', '')
        must = want[at] if at < len(want) else ('(nothing)', '')
        if got[0] != must[0] or not same(must[1], got[1]):
            rows += ['> ' + must[0][:100], '  got  ' + got[1],
                     '  want ' + must[1]]
    return rows


def recordings(tap, world):
    """What a recording holds is what was said."""
    talk = next(t for t in world.talks.values() if t.name == 'record file')
    for name in ('key', 'beep', 'time'):
        path = talk.spool(name) + '.wav'
        reply = next((reply for command, reply in talk.said
                      if talk.spool(name) in command), '')
        place = re.search(r'endpos=(\d+)', reply)
        samples = uac.read_wav(path) if os.path.exists(path) else []
        alike = uac.likeness(world.speech, samples[1600:4800])[0] if len(
            samples) > 4800 else 0.0
        tap.ok(place and abs(len(samples) - int(place.group(1))) <= 160 and
               alike > 0.9, '%s: the recording "%s" holds what was said' % (
                   world.gateway.name, name),
               '%s, %d samples in the file, likeness %.3f' % (
                   reply, len(samples), alike))


def run(tap, stage):
    sounds = stage.path('sounds')
    os.makedirs(sounds)
    os.makedirs(stage.path('spool'))
    uac.write_wav(os.path.join(sounds, 'bye.wav'), voice.melody('bye', BYE))
    uac.write_wav(os.path.join(sounds, 'menu.wav'), voice.melody('menu', MENU))
    uac.write_wav(os.path.join(sounds, 'long.wav'), voice.melody('long', LONG))
    voice.make_prompts(os.path.join(sounds, '0001'), ['en'])
    speech = voice.melody('speech', 9.0)
    worlds = [World(stage, start, sounds, speech)
              for start in gateways.both(tap)]
    if os.environ.get('DIALOGUES') == 'write':
        worlds[0].play()
        write(worlds[0].told(), worlds[0].gateway.version())
        tap.ok(True, 'voice_dialogues.txt is written: read the difference')
        return
    want = read()
    for world in worlds:
        world.play()
        told = dict(world.told())
        desk = world.desks['rings']
        tap.ok(desk.calls_in and desk.over,
               '%s: nothing rings on when a caller has gone' %
               world.gateway.name)
        for name, said in want:
            rows = differences(told.get(name, []), said)
            tap.ok(not rows, '%s: %s' % (world.gateway.name, name), *rows)
        tap.eq(sorted(set(told) - {name for name, _said in want}), [],
               '%s: no dialogue that is not written down' % world.gateway.name)
        tap.eq(world.server.faults, [], '%s: no fault of the test\'s own' %
               world.gateway.name)
        recordings(tap, world)


if __name__ == '__main__':
    kit.main(run, 300)
