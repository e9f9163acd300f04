#!/usr/bin/env python3
"""What the console's pages compute, under Node: opening hours, joining two
people's changes, plural forms, passwords, places as they are typed, PO files.

The tests are daemon/web/app/tests/test_*.ts; Node prints TAP, repeated here."""

import os
import re
import subprocess

import kit

APP = os.path.join(kit.ROOT, 'daemon', 'web', 'app')


def run(tap, stage):
    done = subprocess.run(
        [os.path.join(APP, 'npm.sh'), 'test', stage.path('tests')],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=kit.patient(300),
        check=False)
    said = done.stdout.decode('utf-8', 'replace')
    if done.returncode == 3:
        tap.skip('the console\'s pages under Node',
                 'npm could not fetch their packages')
        return
    cases = re.findall(r'^ *(not )?ok \d+ - (.*)$', said, re.M)
    for bad, name in cases:
        tap.ok(not bad, name, said if bad else '')
    tap.ok(done.returncode == 0 and len(cases) > 40,
           'Node ran all of them (%d)' % len(cases), said[-2000:])


if __name__ == '__main__':
    kit.main(run, 400)
