#!/usr/bin/env python3
"""The systemd units we ship, without systemd: each is one that systemd would
take, shuts in as much as it says, and lets its program do all its work: texts,
calls, a newer edition, publishing."""

import os
import shutil
import subprocess
import sys

import gateways
import kit
import sipp
import test_voice_call
import voice
from console import Console
from safard import BIN, Safard

CONF = os.path.join(kit.ROOT, 'conf')
# How much each may be exposed to, by systemd's own reckoning, 0 to 10.
UNITS = {'safard': 1.0, 'safar-console': 1.2, 'safar-voice': 1.5}


def path_of(name):
    return os.path.join(CONF, name + '.service')


def under(name):
    return [sys.executable, os.path.join(kit.ROOT, 'tests/real/under_unit.py'),
            path_of(name)]


def analyze(*args):
    done = subprocess.run(['systemd-analyze', '--no-pager', *args], timeout=60,
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode('utf-8', 'replace')


def reads_well(tap, stage):
    """With our own programs in the place of those installed."""
    for name, most in UNITS.items():
        with open(path_of(name), encoding='utf-8') as file:
            text = file.read()
        there = stage.path(name + '.service')
        with open(there, 'w', encoding='utf-8') as file:
            file.write(text.replace('/usr/local/bin', BIN))
        code, said = analyze('verify', there)
        tap.ok(code == 0 and not said, name + ': systemd takes its unit', said)
        code, said = analyze('security', '--offline=yes',
                             '--threshold=%d' % (most * 10), there)
        tap.ok(code == 0, name + ': exposed to %.1f of 10 at most' % most,
               said)


def by_voice(tap, stage):
    """A caller who gets an SMS, leaves a message, is put through; and one who
    asks to be called."""
    prompts = stage.path('prompts')
    voice.make_prompts(os.path.join(prompts, '0001'), ['ky', 'ru'],
                       voice__lang=1.0)
    hotline = voice.Hotline(stage, prompts_dir=prompts)
    desk = sipp.Sipp(stage, hotline.air)
    counsellor = desk.desk()
    gateways.SafarVoice.under = under('safar-voice')
    gateway = gateways.start_safar_voice(
        stage, hotline.between.port, prompts, hotline.spool,
        {'desk': desk.port})
    hotline.apply(counsellors='ky@0000-2400=' + gateway.target('desk'))
    hotline.safard.set('callback', ['  number: "%s"' % test_voice_call.OURS])
    hotline.safard.under = under('safard')
    hotline.start()
    test_voice_call.main_path(tap, hotline, gateway, counsellor, '')
    test_voice_call.a_call_back(tap, hotline, gateway, '')
    tap.eq((hotline.safard.stop(), gateway.stop()), (0, 0), 'both end well')


def by_console(tap, stage):
    """Somebody logs in and publishes; safard loads the edition beside its
    loop."""
    safard = Safard(stage, name='published')
    safard.under = under('safard')
    safard.start()
    Console.under = under('safar-console')
    console = Console(stage, folder=safard)
    anna = console.user('anna', 'administrator')
    _status, job = anna.post('/api/editions/1/again', {'note': 'again'})

    def ended():
        now = anna.get('/api/jobs/%s' % job['job'])[1]
        return now if now['state'] != 'running' else None

    done = kit.wait_for('an edition', 60, ended)
    tap.eq(done['state'], 'done', 'safar-console publishes')
    safard.process.wait_line(r'\bev=edition number=2\b', 30)
    tap.ok(True, 'and safard takes it up')
    tap.eq((console.stop(), safard.stop()), (0, 0), 'both end well')


def run(tap, stage):
    if shutil.which('systemd-analyze') is None:
        tap.skip('the systemd units', 'no systemd-analyze; apt install systemd')
        return
    reads_well(tap, stage)
    by_console(tap, stage)
    by_voice(tap, stage)


if __name__ == '__main__':
    kit.main(run, 180)
