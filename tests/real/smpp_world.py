"""smpp_world.py - what the rows of the conformance table of SMPP stand on: the
SMSCs of the npm package "smpp", the safard that has a gateway at each, and the
checks.  What an answer must say is asked of `safarctl try`.
"""

import json
import os
import subprocess
import time

import kit
import peer
import smsc
from peer import raw
from safard import Safard

ROWS = []
NO = 0.4  # seconds in which something that must not come would come

LONG = ('Hello, I have a question about wages. My employer has not paid me '
        'for three months, and I do not know where to turn to for help. I '
        'work in Moscow [since May] and live there too. Please answer me!')
LONG_RU = ('Здравствуйте, мне не заплатили зарплату за три месяца, работаю в '
           'Москве на стройке, хозяин забрал паспорт и ничего не говорит. '
           'Куда обратиться за помощью? \U0001f64f')


def row(operation, case):
    def keep(function):
        ROWS.append((operation, case, function))
        return function
    return keep


class World:
    """The peer's SMSCs, the safard that has a gateway at each, and the row
    that runs."""

    def __init__(self, tap, stage):
        self.tap = tap
        self.stage = stage
        self.peer = peer.Peer(stage)
        self.safard = Safard(stage)
        self.places = {}
        self.rows = []
        self.count = 0
        self.name = ''
        self.failed = {}
        self.late = []

    def place(self, name, certificate=None, **settings):
        tls = None
        if certificate is not None:
            tls = {part: open(certificate, encoding='ascii').read()
                   for part in ('key', 'cert')}
        place = peer.Place(self.peer, name, tls)
        self.places[name] = place
        self.rows += smsc.gateway(self.safard, place, name=name, **settings)
        return place

    # checks of a row

    def ok(self, good, what, *notes):
        self.failed[self.name] = self.failed.get(self.name, False) or not good
        return self.tap.ok(good, '%s: %s' % (self.name, what), *notes)

    def eq(self, got, want, what):
        return self.ok(got == want, what, 'got  %r' % (got,),
                       'want %r' % (want,))

    # what safard says of itself

    def status(self):
        return json.loads(self.safard.ctl('--data', self.safard.data, 'status',
                                          '--json'))

    def gateway(self, name):
        return [g for g in self.status()['gateways'] if g['name'] == name][0]

    def refused(self, name, what):
        return self.gateway(name)['refused'].get(what, 0)

    def counter(self, name):
        return self.status()['counters'][name]

    def reaches(self, read, want, what, seconds=10):
        """A counter gets there."""
        end = time.monotonic() + kit.patient(seconds)
        while read() != want and time.monotonic() < end:
            time.sleep(0.05)
        self.eq(read(), want, what)

    # texts and answers

    def number(self):
        self.count += 1
        return '+9965557%05d' % self.count

    def expected(self, number, text):
        """The answer to a first text: (text, encoding, parts)."""
        done = subprocess.run(
            [os.path.join(os.environ.get('SAFAR_BIN', 'build/release'),
                          'safarctl'),
             '--data', self.safard.data, 'try', '--from', number],
            cwd=kit.ROOT, input=text.encode() + b'\n', timeout=kit.patient(30), check=True,
            stdout=subprocess.PIPE)
        reply = json.loads(done.stdout)['replies'][0]
        return reply['text'], reply['encoding'], reply['parts']

    def say(self, place, number, command='deliver_sm', link=None, **fields):
        values = {'source_addr': number.lstrip('+'), 'source_addr_ton': 1,
                  'source_addr_npi': 1, 'destination_addr': '1414',
                  'dest_addr_ton': 3, 'dest_addr_npi': 1}
        values.update(fields)
        return place.send(command, link, **values)

    def answers(self, place, number, since=0, seconds=10, parts=1):
        """What was submitted to this number and taken, part by part."""
        end = time.monotonic() + kit.patient(seconds)
        while True:
            found = [e for e in place.all(since, ev='pdu', command='submit_sm')
                     if 'id' in e and
                     e['fields']['destination_addr'] == number[1:]]
            if len(found) >= parts or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def answered(self, place, number, text, since=0, packed=False,
                 seconds=10, latin1=False):
        """The right answer came, once, whole."""
        want, encoding, parts = self.expected(number, text)
        got = self.answers(place, number, since, seconds, parts)
        said, shape = joined(got, packed, latin1)
        self.eq(said, want, 'the answer to %r' % text[:24])
        self.eq(shape, (encoding, parts), 'its alphabet and parts')
        return got

    def asks(self, place, text, want='deliver_sm_resp', packed=False,
             latin1=False, **fields):
        """One PDU with a text: acknowledged, and answered right."""
        number, since = self.number(), self.peer.now()
        fields.setdefault('short_message', {'message': text})
        tag = self.say(place, number, **fields)
        self.eq(place.status(tag), (want, 0), 'acknowledged')
        return self.answered(place, number, text, since, packed,
                             latin1=latin1)

    def refuses(self, place, status, reason, **fields):
        """One PDU that is acknowledged as failed, counted, not answered."""
        number, since = self.number(), self.peer.now()
        before = self.refused(place.name, reason)
        tag = self.say(place, number, **fields)
        self.eq(place.status(tag), ('deliver_sm_resp', status), 'its status')
        self.eq(self.refused(place.name, reason), before + 1,
                'counted as ' + reason)
        self.eq(self.answers(place, number, since, NO), [], 'no answer')

    def part(self, place, number, head, message, **fields):
        return self.say(place, number, esm_class=0x40, short_message={
            'udh': raw(head), 'message': message}, **fields)

    def lives(self, place, link=None):
        """Nothing was lost: the same link, and a text is answered."""
        if link is not None:
            self.ok(link in place.links(), 'the link lives')
        number, since = self.number(), self.peer.now()
        self.say(place, number, short_message={'message': 'lawyer'})
        self.answered(place, number, 'lawyer', since)


def joined(events, packed=False, latin1=False):
    """(text, (encoding, parts)) of submit_sm events; '' if one is missing."""
    if not events:
        return '', None
    coding = events[0]['fields']['data_coding']
    shape = ('ucs2' if coding == 8 else 'gsm7', len(events))
    texts = {}
    for event in events:
        fields = event['fields']
        number, total = 1, 1
        for element in fields['short_message'].get('udh', []):
            if element[0] in (0, 8):
                total, number = element[-2], element[-1]
        message = fields['short_message']['message']
        if packed:  # the package knows nothing of that
            message = smsc.Pdu(event['bytes']).text(packed=True)
        if latin1 and coding == 0:  # nor of that
            message = smsc.Pdu(event['bytes']).data().decode('latin-1')
        texts[number] = message
    if sorted(texts) != list(range(1, total + 1)):
        return '', shape
    return ''.join(texts[n] for n in sorted(texts)), shape


def tries(place, number, since):
    return [e for e in place.all(since, ev='pdu', command='submit_sm')
            if e['fields']['destination_addr'] == number[1:]]


def submit_answered_with(w, name, statuses, text='lawyer', **fields):
    """A text whose answer's submits get these statuses first."""
    place, number, since = w.places[name], w.number(), w.peer.now()
    place.policy(submit=list(statuses))
    fields.setdefault('short_message', {'message': text})
    w.say(place, number, **fields)
    return place, number, since
