#!/usr/bin/env python3
"""What a real Kannel leaves on the disk, with conf/kannel.conf as we ship it:
texts that wait in its spool are in clear, and what-would-they-get says so; once
safard has them nothing is there, and no log has anything.  And what an access
log would be."""

import json
import os
import subprocess

import kannel
import kit
from safard import BIN, Safard

CTL = os.path.join(BIN, 'safarctl')
PEOPLE = 20
TEXTS = ['нужен юрист зябликова', 'lawyer please, quokkaish']


def number_of(i):
    return '+99655560%04d' % i


def would_get(safard, *paths):
    """What a thief without keys gets of these, too."""
    done = subprocess.run([CTL, '--data', safard.data, 'what-would-they-get',
                           '--json', *paths], check=True, timeout=kit.patient(60),
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)['without']


def logs_of(stage):
    """The log file of the configuration, and what bearerbox said at -v 2,
    which is more than a unit lets it say."""
    return [stage.path('kannel.err'), stage.path('bearerbox.log')]


def answered(phones, first, count):
    want = {number_of(i) for i in range(first, first + count)}
    return phones.wait(60, lambda replies: want <= {
        '+' + r.number.lstrip('+') for r in replies})


def run_waiting(tap, stage, gate, phones, safard):
    """safard is down: Kannel keeps what people say."""
    for i in range(PEOPLE):
        phones.send(number_of(i), TEXTS[i % 2])
    kit.wait_for('the texts in the spool', 20,
                 lambda: gate.spooled()[0] == PEOPLE)
    got = would_get(safard, gate.spool)
    tap.ok(got['numbers'] >= PEOPLE and got['texts'] >= PEOPLE // 2,
           'texts that wait in the spool are told, with their numbers', got)
    got = would_get(safard, *logs_of(stage))
    tap.ok(got['numbers'] == 0 and got['texts'] == 0,
           'in its logs there is none', got)


def run_handed_over(tap, stage, gate, phones, safard):
    safard.start()
    tap.ok(answered(phones, 0, PEOPLE), 'safard answers all of them')
    kit.wait_for('an empty spool', 20, lambda: gate.spooled() == (0, 0, 0))
    paths = [*logs_of(stage), gate.spool]
    got = would_get(safard, *paths)
    tap.ok(got['numbers'] == 0 and got['texts'] == 0,
           'then nothing of them is anywhere', got)
    files = [path for path in kit.files_under(gate.spool)]
    kit.expect_no_traces(tap, stage, [*files, *logs_of(stage),
                                      *safard.files()],
                         [number_of(i) for i in range(PEOPLE)],
                         ['зябликова', 'quokkaish'])
    gate.process.kill()
    got = would_get(safard, *paths)
    tap.ok(got['numbers'] == 0, 'nor when bearerbox is killed', got)


def run_access_log(tap, stage, gate, phones, safard):
    """What conf/kannel.conf forbids."""
    log = stage.path('access.log')
    with open(gate.conf, encoding='utf-8') as file:
        conf = file.read()
    tap.ok('\naccess-log' not in conf, 'as shipped there is no access log')
    with open(gate.conf, 'w', encoding='utf-8') as file:
        file.write(conf.replace('\nlog-file =', '\naccess-log = "%s"\n'
                                'log-file =' % log, 1))
    gate.start()
    phones.connect()
    for i in range(100, 100 + PEOPLE):
        phones.send(number_of(i), TEXTS[i % 2])
    tap.ok(answered(phones, 100, PEOPLE), 'with one, people are answered, too')
    got = would_get(safard, log)
    tap.ok(got['numbers'] >= PEOPLE and got['texts'] >= PEOPLE,
           'but it has all their numbers and texts, and that is told', got)


def run(tap, stage):
    gate = kannel.Kannel(stage)
    safard = Safard(stage, gate.box_port)
    gate.start()
    phones = kannel.Phones(stage, gate.phone_port)
    phones.connect()
    run_waiting(tap, stage, gate, phones, safard)
    run_handed_over(tap, stage, gate, phones, safard)
    phones.close()
    run_access_log(tap, stage, gate, phones, safard)


if __name__ == '__main__':
    kit.main(run, 240)
