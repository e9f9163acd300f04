#!/usr/bin/env python3
"""A caller by SIPp, safard, and each of the two voice gateways: language,
topic, place, the nearest listing, the same by SMS, a message, a counsellor;
where no counsellor is, a call back."""

import json
import os
import time

import gateways
import kit
import sipp
import uac
import voice

CALLER = '+79165100001'
MISSED = '+79165100003'
ASKS = '+79165100004'
OURS = '+996312000000'
LISTING = 'ru-moscow-labour-inspectorate'
CROWD = 100
RUSSIAN, KYRGYZ = '1', '2'
ALIKE = 0.95  # what is heard of a prompt and its file


def arrive(caller):
    """To the first listing for unpaid wages in Moscow; returns what was said
    at each step."""
    return [caller.choose(KYRGYZ), caller.pick('for.abroad'),
            caller.pick('for.wages'), caller.pick('place.ru-moscow'),
            caller.hear_all()]


def digits(names):
    """The telephone number that was said, and that it was said twice."""
    said = ''.join(name[-1] for name in names if name.startswith('digit.'))
    half = said[:len(said) // 2]
    return half if said == half * 2 else None


def by_sms(tap, hotline, caller, who):
    caller.call.press('5')
    tap.ok('voice.sms.done' in caller.hear_all(),
           who + 'the listing goes out by SMS')
    texts = hotline.texts.wait(CALLER)
    tap.ok(len(texts) == 1 and '+74997041923' in texts[0],
           who + 'the SMS has the number that was said', texts)


def a_message(tap, hotline, caller, who):
    caller.call.press('6')
    caller.hear('voice.message.how')
    record = caller.record
    hotline.between.wait('RECORD FILE', lambda _all: any(
        line.startswith('RECORD FILE') for line in record.commands()))
    time.sleep(0.5)  # the tone
    caller.call.media.speak(voice.melody('message', 2.0))
    time.sleep(2.2)
    caller.call.press('#')
    caller.hear('voice.message.done')
    tap.ok(True, who + 'a message is left')
    kit.wait_for('the spool is empty', 10,
                 lambda: not list(kit.files_under(hotline.spool)))
    tap.ok(True, who + 'nothing is left of it in the spool')
    kept = list(kit.files_under(os.path.join(hotline.safard.data, 'messages')))
    found = kit.find_traces(kept, [CALLER], ['RIFF'])
    tap.ok(len(kept) == 1 and not found and os.path.getsize(kept[0]) > 20000,
           who + 'the message is kept, sealed', kept, found)


def a_counsellor(tap, hotline, gateway, caller, desk, who):
    caller.hear_all()
    caller.call.press('7')
    caller.hear('voice.transfer')
    if gateway.refers:
        caller.call.wait_over()
        tap.ok(caller.call.refer_to is not None and
               'desk@127.0.0.1:%d' % desk.sipp.port in caller.call.refer_to,
               who + 'the trunk puts the call through to the counsellor',
               caller.call.refer_to)
        return
    desk.wait_up()
    tap.ok(CALLER[-9:] not in desk.seen_from,
           who + 'the counsellor does not see the number', desk.seen_from)
    time.sleep(0.3)
    speech = {desk: voice.melody('desk', 1.0),
              caller.call: voice.melody('caller', 1.0)}
    since = time.monotonic()
    for side, samples in speech.items():
        side.media.speak(samples)
    time.sleep(1.5)
    for side, other in ((desk, caller.call), (caller.call, desk)):
        alike = uac.likeness(side.media.heard(since), speech[other])[0]
        tap.ok(alike > ALIKE, who + '%s hears the other' % (
            'the counsellor' if side is desk else 'the caller'),
            'likeness %.3f' % alike)
    desk.hang_up()
    caller.hear('voice.bye')
    caller.call.wait_over()


def main_path(tap, hotline, gateway, counsellor, who):
    callers = sipp.Sipp(hotline.stage, hotline.air)
    caller = voice.Caller(hotline, callers.call(
        gateway.sip_port, '1414', [CALLER])[0])
    tap.ok(caller.call.wait_up(), who + 'the call is answered')
    said = arrive(caller)
    heard_prompt(tap, hotline, caller, who)
    tap.eq(said[0], ['voice.lang'] * 6, who + 'first the languages')
    tap.ok(said[-1][0].startswith('org.') and said[-1][0].endswith('.name'),
           who + 'after four keys a listing', said[-1])
    tap.eq(digits(said[-1]), '74997041923', who + 'its number, twice')
    by_sms(tap, hotline, caller, who)
    a_message(tap, hotline, caller, who)
    a_counsellor(tap, hotline, gateway, caller, counsellor, who)
    tap.eq(caller.call.over_by, 'them', who + 'the call is ended for them')
    tap.eq(callers.process.popen.wait(kit.patient(10)), 0, who + 'SIPp found no fault')


def a_call_back(tap, hotline, gateway, who):
    """Nobody speaks Russian now."""
    callers = sipp.Sipp(hotline.stage, hotline.air)
    caller = voice.Caller(hotline, callers.call(
        gateway.sip_port, '1414', [ASKS])[0])
    caller.choose(RUSSIAN)
    caller.pick('for.counsellor')
    tap.eq(caller.pick('voice.callback')[:3],
           ['voice.transfer.busy', 'voice.callback', 'press.8'],
           who + 'nobody can talk: a call back is offered first')
    tap.eq(caller.pick('for.callback-when')[0], 'voice.callback.ask',
           who + 'whether the phone is theirs alone')
    tap.eq(caller.pick('for.callback-evening')[0], 'voice.callback.when',
           who + 'and when')
    tap.ok('voice.callback.noted' in caller.hear_all(), who + 'it is noted')
    caller.call.press('#')
    caller.call.wait_over()
    listed = hotline.safard.ctl('--data', hotline.safard.data, 'callback',
                                'list', '--json')
    rows = [json.loads(line) for line in listed.splitlines()]
    tap.eq([(row['hours'], row['lang'], row['state']) for row in rows],
           [('17-21', 'ru', 'waiting')], who + 'and operators see it')


def withheld(tap, hotline, gateway, who):
    callers = sipp.Sipp(hotline.stage, hotline.air)
    caller = voice.Caller(hotline, callers.call(
        gateway.sip_port, '1414', [None])[0])
    said = arrive(caller)
    tap.eq(digits(said[-1]), '74997041923',
           who + 'a number that is withheld: a listing all the same')
    tap.ok('voice.sms' not in said[-1],
           who + 'a number that is withheld: no SMS is offered', said[-1])
    caller.call.press('6')
    caller.hear('voice.message.number')
    tap.ok(True, who + 'a number that is withheld: a message needs one said')
    caller.call.hang_up()
    caller.call.wait_over()


def missed(tap, hotline, gateway, who):
    """Rings and hangs up at once, twice."""
    for turn in range(2):
        phone = uac.Phone(hotline.air, MISSED)
        phone.call(gateway.sip_port, '1414')
        phone.wait_up()
        phone.hang_up()
        texts = hotline.texts.wait(MISSED, 1, 10 if turn == 0 else 2)
        tap.ok(len(texts) == 1 and '\n1 ' in texts[0],
               who + ('a missed call gets the menu by SMS',
                      'and not again within the hour')[turn], texts)
        phone.close()


def crowd(tap, hotline, gateway, who):
    """Many at once, all to the same listing, which all of them hear."""
    callers = sipp.Sipp(hotline.stage, hotline.air)
    calls = callers.call(gateway.sip_port, '1414', [
        '+7916520%04d' % n for n in range(CROWD)])
    started = time.monotonic()
    people = voice.Crowd(hotline, calls, KYRGYZ + '231')
    listing = 'org.%s.name' % LISTING
    for call in calls:
        record = hotline.between.of(call.number)
        hotline.between.wait('the listing for ' + call.number, lambda _all:
                             any(name.endswith(listing)
                                 for name in record.prompts()), 60)
    tap.ok(not any(call.over for call in calls),
           who + '%d calls at once hear the listing' % CROWD)
    tap.note('%s%d keys for %d choices, the last listing after %.1f s' % (
        who, sum(people.pressed.values()), 4 * CROWD,
        time.monotonic() - started))
    for call in calls:
        call.hang_up()
    for call in calls:
        call.wait_over()
    hotline.between.wait('the end of all calls', lambda records: all(
        record.over for record in records))
    tap.ok(hotline.safard.process.alive() and gateway.process.alive(),
           who + 'they hang up, and all is well')


def heard_prompt(tap, hotline, caller, who):
    """The first prompt, as it came over RTP, against its file."""
    name = next(line.split()[2].strip('"') for line in caller.record.commands()
                if line.startswith('STREAM FILE'))
    alike, at = uac.likeness(caller.call.media.heard(),
                             uac.read_wav(name + '.wav'))
    tap.ok(alike > ALIKE, who + '%s is heard as it is in its file' %
           os.path.basename(name), 'likeness %.3f at %.2f s' % (
               alike, at / 8000))


def play(tap, stage, start):
    prompts = stage.path('prompts')
    voice.make_prompts(os.path.join(prompts, '0001'), ['ky', 'ru'],
                       voice__lang=1.0)
    hotline = voice.Hotline(stage, prompts_dir=prompts, missed_call='anyone')
    desk = sipp.Sipp(stage, hotline.air)
    counsellor = desk.desk()
    gateway = start(stage, hotline.between.port, prompts, hotline.spool,
                    {'desk': desk.port})
    hotline.apply(counsellors='ky@0000-2400=' + gateway.target('desk'))
    hotline.safard.set('callback', ['  number: "%s"' % OURS])
    hotline.start()
    who = gateway.name + ': '
    main_path(tap, hotline, gateway, counsellor, who)
    a_call_back(tap, hotline, gateway, who)
    withheld(tap, hotline, gateway, who)
    missed(tap, hotline, gateway, who)
    crowd(tap, hotline, gateway, who)
    tap.eq(hotline.safard.stop(), 0, who + 'safard ends well')
    tap.eq(gateway.stop(), 0, who + 'and so does the gateway')
    files = list(hotline.safard.files()) + gateway.files()
    kit.expect_no_traces(tap, stage, files, [CALLER, MISSED, ASKS],
                         ['RIFF'])


def run(tap, _stage):
    for start in gateways.both(tap, shipped=True):
        with kit.Stage() as stage:
            play(tap, stage, start)


if __name__ == '__main__':
    kit.main(run, 300)
