#!/usr/bin/env python3
"""safard is killed while people talk to it: they hear the apology and are not
left on a dead line, and every key it acknowledged is in the log.  safar-voice
is killed: safard ends its calls, and texts are answered all the while."""

import os
import time

import gateways
import kit
import sipp
import uac
import voice

CALLS = 50
KEYS = 3  # that each presses, at least, before anything is killed


def call(hotline, gateway, first, count):
    callers = sipp.Sipp(hotline.stage, hotline.air)
    numbers = ['+9965551%05d' % (first + n) for n in range(count)]
    return callers.call(gateway.sip_port, '1414', numbers)


def talk(hotline, calls):
    """They choose a language and then hear the menu over and over; how long
    that takes is the machine's."""
    numbers = {one.number for one in calls}
    voice.Crowd(hotline, calls, '2*', on=True)
    hotline.between.wait('keys of all', lambda records: sum(
        record.env.get('agi_callerid') in numbers and record.keys() >= KEYS
        for record in records) == len(calls), 90)


def killed_safard(tap, hotline, gateway, who):
    calls = call(hotline, gateway, 0, CALLS)
    talk(hotline, calls)
    killed = time.monotonic()  # its end is seen by the gateway before by us
    hotline.safard.kill()
    records = list(hotline.between.records)
    keys = sum(record.keys() for record in records)
    tap.eq(len(records), CALLS, who + '%d people talk when safard is killed' %
           CALLS)
    over_all(tap, calls, killed, who)
    sorry = uac.read_wav(gateway.apology + '.wav')
    heard = [uac.likeness(one.media.heard(killed), sorry)[0]
             for one in calls[:3]]
    tap.ok(min(heard) > 0.9, who + 'they hear the apology', heard)
    hotline.start()
    hotline.safard.process.signal(19)
    rows = hotline.safard.query(
        "SELECT count(*) FROM log WHERE channel = 'voice'")[0][0]
    hotline.safard.process.signal(18)
    tap.ok(keys >= KEYS * CALLS and rows >= keys,
           who + 'all %d keys that were acknowledged are in the log' % keys,
           'rows %d' % rows)
    one = voice.Caller(hotline, call(hotline, gateway, 900, 1)[0])
    one.hear('voice.lang')
    one.call.hang_up()
    tap.ok(True, who + 'after the restart calls are answered')


def over_all(tap, calls, since, who):
    for one in calls:
        one.wait_over(60)
    tap.eq(sorted({one.over_by for one in calls}), ['them'],
           who + 'nobody is left on a dead line')
    tap.note('%sthe last call has ended %.1f s after' % (
        who, max(one.over_at for one in calls) - since))


def killed_gateway(tap, hotline, gateway, who):
    """Only what is ours: Asterisk is somebody else's to kill."""
    calls = call(hotline, gateway, 1000, 10)
    talk(hotline, calls)
    gateway.kill()
    for at in range(5):
        hotline.texts.say('+99655560000%d' % at, 'menu')
    records = [record for record in hotline.between.records
               if record.env['agi_callerid'][8:] >= '01000']
    hotline.between.wait('safard ends its calls', lambda _all: all(
        record.over for record in records))
    tap.eq(len(records), 10, who + 'safard ends the calls of a dead gateway')
    tap.ok(all(hotline.texts.wait('+99655560000%d' % at) for at in range(5)),
           who + 'texts are answered meanwhile')
    gateway.start()
    one = voice.Caller(hotline, call(hotline, gateway, 901, 1)[0])
    one.hear('voice.lang')
    tap.ok(True, who + 'calls come again once the gateway does')


def play(tap, stage, start):
    prompts = stage.path('prompts')
    voice.make_prompts(os.path.join(prompts, '0001'), ['ky'],
                       voice__sorry=1.0)
    hotline = voice.Hotline(stage, prompts_dir=prompts)
    hotline.start()
    gateway = start(stage, hotline.between.port, prompts, hotline.spool, {})
    who = gateway.name + ': '
    killed_safard(tap, hotline, gateway, who)
    if gateway.kill is not None:
        killed_gateway(tap, hotline, gateway, who)


def run(tap, _stage):
    for start in gateways.both(tap, shipped=True):
        with kit.Stage() as stage:
            play(tap, stage, start)


if __name__ == '__main__':
    kit.main(run, 200)
