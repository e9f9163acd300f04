#!/usr/bin/env python3
"""The console as people see it: a real Chromium on its pages, safar-console and
a safard that answers texts behind them; see tests/real/console/browser.js."""

import os

import browser
import kit
import voice
from console import Console


def run(tap, stage):
    try:
        browser.install()
    except browser.Missing as why:
        tap.skip('the console in a browser', why)
        return
    there = Console(stage, ['approval: yes'], start=False)
    key = stage.path('reviewers.key')
    there.safard.ctl('--data', there.data, 'unmatched', '--new-key', key)
    voice.make_prompts(os.path.join(there.data, 'prompts', '0001'),
                       ['ru', 'en'])
    there.safard.start()
    there.start()
    browser.play(tap, there, 'browser.js', 600, key=key,
                 link=there.invite('Aigul', 'administrator').strip())
    with open(there.process.log, encoding='utf-8') as log:
        told = log.read()
    tap.ok('level=err' not in told, 'nothing went wrong in the console', told)
    tap.ok(there.process.alive(), 'and it still runs')


if __name__ == '__main__':
    kit.main(run, 900)
