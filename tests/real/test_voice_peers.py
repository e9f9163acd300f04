#!/usr/bin/env python3
"""Gateways that do not keep to FastAGI: half a line, a line of a megabyte,
keys nobody knows, silence, a peer that vanishes.  safard ends that call, says
so in its log, and others never notice."""

import socket
import struct
import time

import agi
import kit
import voice

CALLER = '+996555100009'


def closed(line, seconds=20):
    """safard has closed this call."""
    try:
        while True:
            if line.next() is None:
                return True
    except kit.TooLong:
        return False


def raw(port, data):
    sock = socket.create_connection(('127.0.0.1', port), 10)
    sock.settimeout(kit.patient(20))
    try:
        sock.sendall(data)
    except OSError:
        pass  # refused while it was sent
    return sock


def ended(sock):
    """The other side has closed."""
    try:
        while sock.recv(65536):
            pass
        return True
    except socket.timeout:
        return False
    except OSError:
        return True


def vanish(sock):
    """Gone without a word: a reset instead of an end."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))
    sock.close()


def strange_starts(tap, hotline):
    port = hotline.agi_port
    block = b'agi_network: yes\nagi_callerid: %s\n' % CALLER.encode()
    for name, data in (
            ('a line of a megabyte', b'agi_' + b'x' * 1000000 + b'\n\n'),
            ('a block of a megabyte', block + b'agi_x: y\n' * 100000),
            ('lines that are none of FastAGI', b'GET / HTTP/1.1\r\n\r\n'),
            ('zero bytes', bytes(3000))):
        tap.ok(ended(raw(port, data)), name + ': the connection is closed')
    line = agi.Line(port, CALLER, more=['colour: blue', 'x' * 300 + ': y',
                                        'arg_1: 1414', 'empty:'])
    tap.ok(line.press('2') is not None, 'keys nobody knows: the call goes on')
    line.close()
    whole = agi.Line(port, CALLER)
    tap.ok(whole.wait(), 'a call as it should be')
    return whole


def strange_replies(tap, hotline):
    port = hotline.agi_port
    for name, reply in (
            ('a reply of a megabyte', b'200 result=' + b'1' * 1000000 + b'\n'),
            ('a reply that is none', b'hello\n'),
            ('zero bytes for a reply', bytes(5000) + b'\n'),
            ('a usage text without end', b'520-Invalid\n' + b'x\n' * 200000)):
        line = agi.Line(port, CALLER)
        line.until('STREAM FILE')
        try:
            line.send(reply)
        except OSError:
            pass
        tap.ok(closed(line), name + ': the call is ended')
    line = agi.Line(port, CALLER)
    line.until('STREAM FILE')
    for byte in '200 result=0 endpos=8000':
        line.send(byte)
        time.sleep(0.002)
    line.send('\r\nHANGUP\n')
    tap.ok(closed(line), 'a reply byte by byte, then a hang-up: it is ended')


def run(tap, stage):
    prompts = stage.path('prompts')
    voice.make_prompts(prompts + '/0001', ['ky'])
    hotline = voice.Hotline(stage, prompts_dir=prompts)
    hotline.start()
    half = raw(hotline.agi_port, b'agi_network: yes\nagi_call')
    silent = agi.Line(hotline.agi_port, '+996555100008')
    silent.until('STREAM FILE')  # never answered
    whole = strange_starts(tap, hotline)
    strange_replies(tap, hotline)
    for number in range(20):
        line = agi.Line(hotline.agi_port, '+9965552000%02d' % number)
        line.until('STREAM FILE')
        vanish(line.sock)
    hotline.texts.say('+996555300001', 'menu')
    tap.ok(hotline.texts.wait('+996555300001'), 'texts are answered')
    whole.send('200 result=50\n')
    tap.ok(whole.wait(), 'the other call never noticed')
    whole.close()
    half.close()
    silent.close()
    tap.eq(hotline.safard.stop(), 0, 'safard ends well')
    outcomes = dict(hotline.safard.query(
        "SELECT outcome, count(*) FROM log WHERE channel = 'voice' "
        'GROUP BY outcome'))
    tap.note('outcomes in the log: %r' % outcomes)


if __name__ == '__main__':
    kit.main(run, 120)
