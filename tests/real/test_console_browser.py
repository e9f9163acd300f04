#!/usr/bin/env python3
"""The console as people see it: a real Chromium on its pages, safar-console and
a safard that answers texts behind them; see tests/real/console/browser.js."""

import os
import subprocess

import asked
import browser
import kit
import voice
from asked import Request
from console import Console
from safard import BIN

PASSPHRASE = 'four apricots near the old well'

# What people asked some weeks ago.
WEEK = asked.monday(asked.today()) - 28
LOG = [
    (Request(WEEK, 'kg', 'ky', 'wages', 'kg-osh'), 20),
    (Request(WEEK + 1, 'tj', 'tg', 'legal', 'ru-moscow'), 15),
    (Request(WEEK + 2, 'uz', 'uz', 'hiv', 'ru-moscow'), 10),
    (Request(WEEK + 3, 'uz', 'uz', 'shelter', 'ru-moscow', 'no_listing'), 10),
    (Request(WEEK + 8, 'kg', 'ru', 'wages', 'kg-bishkek', channel='voice'), 10),
]


def reviewers_key(stage, there):
    """(the bare key, the one with a passphrase)"""
    bare, sealed = stage.path('reviewers.key'), stage.path('sealed.key')
    there.safard.ctl('--data', there.data, 'unmatched', '--new-key', bare)
    reading, writing = os.pipe()
    os.write(writing, (PASSPHRASE + '\n').encode() * 2)
    os.close(writing)
    subprocess.run(
        [os.path.join(BIN, 'safarctl'), '--data', there.data, 'unmatched',
         '--key', bare, '--passphrase', sealed], check=True, timeout=kit.patient(30),
        cwd=kit.ROOT, stdout=subprocess.DEVNULL, pass_fds=[reading],
        env=dict(os.environ, SAFAR_PASSPHRASE_FD=str(reading)))
    os.close(reading)
    return bare, sealed


def start(stage):
    there = Console(stage, ['approval: yes'], start=False)
    there.safard.set('gateways', [
        '  - name: kannel1', '    driver: kannel', '    host: 127.0.0.1',
        '    port: 1', '    line: "1414"', '    price: "0.85"',
        '    currency: KGS'])
    voice.make_prompts(os.path.join(there.data, 'prompts', '0001'),
                       ['ru', 'en'])
    bare, sealed = reviewers_key(stage, there)
    there.safard.start()
    there.safard.stop()
    asked.put(there.data, LOG)
    there.safard.start()
    asked.wait(there.data, sum(count for _request, count in LOG))
    there.start()
    return there, bare, sealed


def run(tap, stage):
    try:
        browser.install()
    except browser.Missing as why:
        tap.skip('the console in a browser', why)
        return
    there, bare, sealed = start(stage)
    browser.play(tap, there, 'browser.js', 600, key=bare, sealed=sealed,
                 passphrase=PASSPHRASE,
                 link=there.invite('Aigul', 'administrator').strip())
    with open(there.process.log, encoding='utf-8') as log:
        told = log.read()
    tap.ok('level=err' not in told, 'nothing went wrong in the console', told)
    tap.ok(there.process.alive(), 'and it still runs')


if __name__ == '__main__':
    kit.main(run, 900)
