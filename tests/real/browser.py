"""browser.py - Debian's Chromium on the pages of a console, led by a node script
of tests/real/console/ through npm's playwright-core, looked at by axe-core.
"""

import json
import os
import shutil
import subprocess

import kit
from safard import BIN

SOURCE = os.path.join(kit.ROOT, 'tests', 'real', 'console')
FOLDER = os.path.join(kit.ROOT, 'build', 'console')
ARTEFACTS = os.path.join(kit.ROOT, 'build', 'artefacts', 'console')
PAGES = os.path.join(kit.ROOT, 'build', 'web')
CHROMIUM = '/usr/bin/chromium'


class Missing(Exception):
    """Something that is not ours cannot be had here: why."""


def install():
    """npm's packages into build/console, once for each lock file."""
    if not os.path.exists(CHROMIUM):
        raise Missing('no %s: install the package chromium' % CHROMIUM)
    if not os.path.exists(os.path.join(PAGES, 'index.html')):
        raise Missing('no pages in build/web: `make web` says why')
    os.makedirs(FOLDER, exist_ok=True)
    mark = os.path.join(FOLDER, 'installed.json')
    with open(os.path.join(SOURCE, 'package-lock.json'), 'rb') as file:
        lock = file.read()
    if os.path.exists(mark):
        with open(mark, 'rb') as file:
            if file.read() == lock:
                return
    for name in ('package.json', 'package-lock.json'):
        shutil.copy(os.path.join(SOURCE, name), FOLDER)
    try:
        done = subprocess.run(
            ['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'],
            cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=kit.patient(300), check=False)
    except OSError as error:
        raise Missing('npm cannot be run: %s' % error) from None
    if done.returncode != 0:
        raise Missing('npm ci: ' + done.stdout.decode('utf-8', 'replace'))
    with open(mark, 'wb') as file:
        file.write(lock)


def play(tap, console, script, seconds, **world):
    """Run a script on a console; what it finds becomes TAP."""
    stage = console.stage
    world.update(url='http://127.0.0.1:%d' % console.port, data=console.data,
                 chromium=CHROMIUM, ctl=os.path.join(BIN, 'safarctl'),
                 artefacts=ARTEFACTS, folder=stage.folder)
    env = dict(os.environ, CONSOLE_WORLD=json.dumps(world),
               NODE_PATH=os.path.join(FOLDER, 'node_modules'),
               TMPDIR=stage.folder)
    log = stage.path('browser.log')
    with open(log, 'ab') as errors:
        node = subprocess.Popen(
            ['node', os.path.join(SOURCE, script)], env=env, cwd=kit.ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
    stage.closers.append(node.kill)
    for line in node.stdout:
        found = json.loads(line)
        if 'note' in found:
            tap.note(found['note'])
        else:
            tap.ok(found['ok'], found['name'], *found['notes'])
    if node.wait(seconds) != 0:
        with open(log, 'rb') as file:
            told = file.read()[-3000:].decode('utf-8', 'replace')
        tap.ok(False, script + ' comes to its end', told)
