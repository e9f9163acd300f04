#!/usr/bin/env python3
"""safard as it runs, in its sandbox, with a scripted gateway on its socket
file: a message to its reviewers, and keys that outlive a kill."""

import os
import re
import socket
import subprocess
import threading
import time
import wave

import kit
from safard import BIN, Safard

CALLER = '+79165200001'
CALLS = 50
SPEECH = b'\x10\x00' * 16000  # two seconds


class Gone(Exception):
    """The connection is closed."""


class Peer:
    """One call: plays what is said in no time, and presses keys."""

    def __init__(self, safard, number):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(kit.patient(20))
        self.sock.connect(os.path.join(safard.data, 'agi.sock'))
        self.lines = self.sock.makefile('rb')
        self.told = 0  # events that safard has answered
        self.send('agi_network: yes\nagi_callerid: %s\nagi_extra: 1\n\n' % number)
        self.expect('ANSWER')

    def send(self, text):
        try:
            self.sock.sendall(text.encode())
        except OSError:
            raise Gone from None

    def line(self):
        try:
            text = self.lines.readline()
        except OSError:
            raise Gone from None
        if not text.endswith(b'\n'):
            raise Gone
        return text.decode().rstrip('\n')

    def expect(self, start):
        text = self.line()
        if not text.startswith(start):
            raise RuntimeError('%r in the place of %s' % (text, start))
        return text

    def tell(self, reply):
        """Answer, and hear the next thing that is no prompt."""
        self.send('200 result=%s\n' % reply)
        text = self.line()
        self.told += 1
        while re.match('STREAM FILE|WAIT FOR DIGIT 250', text):
            self.send('200 result=0\n')
            text = self.line()
        return text

    def press(self, keys):
        text = ''
        for key in keys:
            text = self.tell(ord(key))
        return text

    def close(self):
        self.lines.close()
        self.sock.close()


def run_message(tap, stage, safard):
    key, wav = stage.path('reviewers.key'), stage.path('heard.wav')
    safard.ctl('--data', safard.data, 'unmatched', '--new-key', key)
    # nobody listens: it is enough that there is a folder of prompts
    os.makedirs(os.path.join(safard.data, 'prompts', '0001'))
    safard.start()
    tap.ok('no message' in safard.ctl('--data', safard.data, 'messages', 'list'),
           'messages list: none yet')
    peer = Peer(safard, CALLER)
    peer.tell(0)
    command = peer.press('196')
    tap.ok(command.startswith('RECORD FILE '), '6 at a listing records', command)
    spooled = command.split()[2] + '.wav'
    with wave.open(spooled, 'wb') as file:
        file.setparams((1, 2, 8000, 0, 'NONE', ''))
        file.writeframes(SPEECH)
    peer.tell('35 (dtmf) endpos=16000')
    tap.ok(not os.path.exists(spooled), 'the recording is gone from the spool')
    tap.eq(peer.press('#'), 'HANGUP', '# ends the call')
    peer.close()
    listed = safard.ctl('--data', safard.data, 'messages', 'list')
    tap.ok(re.match(r'[0-9a-f]{16}  2\d{3}-\d\d-\d\d \d\d:\d\d UTC    2 s\n$',
                    listed), 'messages list: it is there', listed)
    get = ('--data', safard.data, 'messages', 'get', listed[:16],
           '--key', key, '--to', wav)
    full = subprocess.run(['sh', '-c', 'ulimit -f 8; trap "" XFSZ; exec "$@"',
                           'sh', os.path.join(BIN, 'safarctl'), *get],
                          check=False, timeout=30, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout.decode()
    tap.ok('File too large; make room' in full and not os.path.exists(wav),
           'messages get without room: nothing half-written', full)
    said = safard.ctl(*get)
    tap.ok('call back: ' + CALLER in said and 'language:  ru' in said,
           'messages get: whom to call, in which language', said)
    with wave.open(wav, 'rb') as file:
        tap.ok(file.readframes(99999) == SPEECH, 'and what they said')
    tap.ok('opened a voice message' in safard.ctl(
        '--data', safard.data, 'audit'), 'which is noted')
    os.remove(wav)
    tap.ok('0 texts and 1 voice message for reviewers' in safard.ctl(
        '--data', safard.data, 'what-would-they-get'),
           'what-would-they-get counts it')
    safard.stop()
    erased = subprocess.run(
        [os.path.join(BIN, 'safarctl'), '--data', safard.data, 'erase',
         '--number'], input=CALLER.encode() + b'\n', check=False,
        timeout=kit.patient(30), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.ok(erased.returncode == 0 and 'no message' in safard.ctl(
        '--data', safard.data, 'messages', 'list'),
           'erase takes the message, also while safard does not run',
           erased.stdout)
    kit.expect_no_traces(tap, stage, list(safard.files()), [CALLER], ['RIFF'])


def talk(safard, number, told, stop):
    """Press keys until the end; told[number] is what safard has answered."""
    try:
        peer = Peer(safard, number)
        peer.tell(0)
        told[number] = peer.told
        while not stop.is_set():
            peer.press('1' if peer.told == 1 else '09'[peer.told % 2])
            told[number] = peer.told
            time.sleep(0.02)
    except (Gone, OSError):
        pass


def run_kill(tap, safard):
    """kill -9 in the middle of many calls."""
    rows = 'SELECT count(*) FROM log WHERE channel = ?'
    before = safard.query(rows, 'voice')[0][0]
    told, stop = {}, threading.Event()
    safard.start()
    crowd = [threading.Thread(target=talk, daemon=True, args=(
        safard, '+7916530%04d' % n, told, stop)) for n in range(CALLS)]
    for one in crowd:
        one.start()
    kit.wait_for('keys of all', 30, lambda: len(told) == CALLS and
                 min(told.values()) >= 5)
    safard.kill()
    stop.set()
    for one in crowd:
        one.join(kit.patient(20))
    acknowledged = sum(told.values())
    safard.start()
    safard.stop()
    kept = safard.query(rows, 'voice')[0][0] - before
    tap.note('%d keys were answered in %d calls, %d are in the log' % (
        acknowledged, CALLS, kept))
    tap.ok(acknowledged <= kept <= acknowledged + CALLS,
           'every key that was answered is in the log, none twice')


def run(tap, stage):
    safard = Safard(stage, kit.free_port())  # nobody is there
    safard.set('voice', ['  country: ru'])
    run_message(tap, stage, safard)
    run_kill(tap, safard)


kit.main(run, 120)
