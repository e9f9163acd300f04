#!/usr/bin/env python3
"""What calls cost: safar-voice and Asterisk by turns, and safar-voice and the
least that sending and hearing such packets costs; how evenly speech comes; how
soon a key is answered.  Lines of "name value unit"."""

import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), 'real'))

# pylint: disable=wrong-import-position
import agi
import asterisk
import gateways
import kit
import sipp
import uac
import voice

PAIRS = int(os.environ.get('PAIRS', '5'))
MENU_CALLS, MENU_S = 100, 10
FLOOR_CALLS, FLOOR_S = 200, 4
MANY_CALLS, MANY_S = 500, 10
KEY_CALLS, KEY_S, TEXTS_PER_S = 10, 30, 100
SOURCE = os.path.join(kit.ROOT, 'tests', 'bench', 'rtp_many.c')


def cpu_s(*pids):
    """CPU seconds that these have used, by their own clocks: finer than the
    10 ms of /proc, and with threads that are over."""
    return sum(time.clock_gettime(~pid << 3 | 2) for pid in pids)


def tell(name, value, unit, form='%.3f'):
    print('%s %s %s' % (name, form % value, unit), flush=True)


class Speech:
    """rtp_many: the telephones of many calls, or the floor."""

    def __init__(self, stage, count, ports=()):
        program = os.path.join(stage.folder, 'rtp_many')
        if not os.path.exists(program):
            subprocess.run([os.environ.get('CC', 'cc'), '-std=c11',
                            '-D_GNU_SOURCE', '-O2', '-o', program, SOURCE],
                           check=True)
        self.popen = subprocess.Popen(
            [program, str(count), '300', *map(str, ports)],
            stdout=subprocess.PIPE, text=True)
        self.ports = [int(port) for port in
                      self.popen.stdout.readline().split()]
        stage.closers.append(self.popen.kill)

    def end(self):
        self.popen.send_signal(signal.SIGTERM)
        words = self.popen.communicate(timeout=20)[0].split()
        return dict(zip(words[::2], map(int, words[1::2])))


class Calls:
    """So many calls that hear a long prompt and speak all the time."""

    def __init__(self, stage, start, count):
        self.stage, self.count = stage, count
        self.sounds = stage.path('sounds')
        if not os.path.exists(self.sounds):
            os.makedirs(self.sounds)
            uac.write_wav(os.path.join(self.sounds, 'long.wav'),
                          voice.melody('long', 60))
        self.up = 0
        self.over = threading.Event()
        self.server = agi.Server(stage, self._talk)
        self.gateway = start(stage, self.server.port, self.sounds,
                             stage.path('sounds'), {})

    def _talk(self, call):
        call.ask('ANSWER')
        self.up += 1
        while not self.over.is_set():
            if call.ask('STREAM FILE %s/long ""' % self.sounds).startswith(
                    '200 result=-1'):
                break

    def run(self, seconds):
        """CPU seconds of the gateway in that time, and what was heard."""
        speech = Speech(self.stage, self.count)
        air = uac.Air(self.stage)
        callers = sipp.Sipp(self.stage, air)
        self.up = 0
        callers.call(self.gateway.sip_port, '1414',
                     ['+7916%07d' % n for n in range(self.count)], 100,
                     speech.ports)
        kit.wait_for('all calls', 60, lambda: self.up >= self.count)
        time.sleep(2)
        before = cpu_s(self.gateway.process.pid)
        time.sleep(seconds)
        used = cpu_s(self.gateway.process.pid) - before
        heard = speech.end()
        for call in callers.calls:
            callers.hang_up(call)
        for call in callers.calls:
            call.wait_over(30)
        return used, heard


def floor(stage, count, seconds):
    phones = Speech(stage, count)
    least = Speech(stage, count, phones.ports)
    time.sleep(1)
    before = cpu_s(least.popen.pid)
    time.sleep(seconds)
    used = cpu_s(least.popen.pid) - before
    least.end()
    phones.end()
    return used


def cost_over_floor(stage):
    calls = Calls(stage, gateways.start_safar_voice, FLOOR_CALLS)
    ratios = []
    for _pair in range(PAIRS):
        used, _heard = calls.run(FLOOR_S)
        ratios.append(used / floor(stage, FLOOR_CALLS, FLOOR_S))
    tell('voice_cpu_vs_floor', kit.median(ratios), 'ratio')


def evenness(stage):
    calls = Calls(stage, gateways.start_safar_voice, MANY_CALLS)
    try:
        os.sched_setscheduler(calls.gateway.process.pid, os.SCHED_FIFO,
                              os.sched_param(1))
    except PermissionError:
        print('# voice_gap_p999: without SCHED_FIFO, which is not allowed here')
    used, heard = calls.run(MANY_S)
    if heard['calls'] < MANY_CALLS:
        print('# voice_gap_p999: of %(calls)d calls alone' % heard)
    tell('voice_gap_p999', heard['gap_p999_us'] / 1000, 'ms', '%.1f')
    tell('voice_500_calls_cpu', 100 * used / MANY_S, '%', '%.1f')


def menu_calls(stage, start):
    """CPU seconds of gateway and safard for one call of so many seconds, who
    hears the first menu and speaks; safar-voice at safard's socket, as it
    ships.  None: not all calls were taken."""
    prompts = stage.path('prompts')
    voice.make_prompts(os.path.join(prompts, '0001'), ['ru'], voice__lang=2.0)
    hotline = voice.Hotline(stage, prompts_dir=prompts)
    agi_at = hotline.agi_port
    if start is gateways.start_safar_voice:
        agi_at = hotline.agi_socket
        hotline.apply(listen=agi_at)
    hotline.start()
    gateway = start(stage, agi_at, prompts, hotline.spool, {})
    speech = Speech(stage, MENU_CALLS)
    callers = sipp.Sipp(stage, hotline.air)
    pids = gateway.process.pid, hotline.safard.process.pid
    before = cpu_s(*pids)
    calls = callers.call(gateway.sip_port, '1414', [
        '+7916%07d' % n for n in range(MENU_CALLS)], 50, speech.ports)
    if not all([call.wait_up(30) for call in calls]):
        print('# voice_cpu_vs_asterisk: without a pair: %s refuses calls: %s' %
              (gateway.name, ' '.join(callers.errors().split())[:200]))
        return None
    time.sleep(MENU_S)
    for call in calls:
        call.hang_up()
    for call in calls:
        call.wait_over(30)
    time.sleep(1)
    used = cpu_s(*pids) - before
    speech.end()
    return used / MENU_CALLS


def against_asterisk():
    _root, why = asterisk.fetch()
    if why is not None:
        print('# voice_cpu_vs_asterisk: left out: %s' % why)
        return
    ours, ratios = [], []
    for _pair in range(PAIRS):
        used = []
        for start in (gateways.start_safar_voice, gateways.start_asterisk):
            with kit.Stage() as stage:
                used.append(menu_calls(stage, start))
        if None not in used:
            ours.append(used[0])
            ratios.append(used[0] / used[1])
    if not ratios:
        return
    tell('voice_cpu_vs_asterisk', kit.median(ratios), 'ratio')
    tell('voice_call_cpu', 1000 * kit.median(ours), 'ms', '%.1f')


def keys(stage):
    """From a key to the first packet of what is said to it, while texts are
    answered: callers hear the languages again and again."""
    prompts = stage.path('prompts')
    voice.make_prompts(os.path.join(prompts, '0001'), ['ru'])
    hotline = voice.Hotline(stage, prompts_dir=prompts)
    hotline.start()
    gateway = gateways.start_safar_voice(stage, hotline.between.port, prompts,
                                         hotline.spool, {})
    phones = [uac.Phone(hotline.air, '+7916%07d' % n)
              for n in range(KEY_CALLS)]
    voice.Crowd(hotline, phones, '*', on=True)
    for phone in phones:
        phone.call(gateway.sip_port, '1414')
    began = time.monotonic()
    for number in range(KEY_S * TEXTS_PER_S):
        hotline.texts.say('+7917%07d' % number, 'menu')
        time.sleep(max(0, began + number / TEXTS_PER_S - time.monotonic()))
    waits = []
    for phone in phones:
        spoken = [at for at, _stamp, kind, payload in phone.media.packets
                  if kind == uac.PT_ALAW and payload.strip(b'\xd5')]
        for pressed in phone.media.pressed:
            later = [at for at in spoken if at > pressed]
            if later:
                waits.append(later[0] - pressed)
    if len(hotline.texts.texts) < KEY_S * TEXTS_PER_S * 0.95:
        print('# voice_key_to_packet_p99: only %d texts were answered' % len(
            hotline.texts.texts))
    tell('voice_key_to_packet_p99', 1000 * kit.quantile(waits, 0.99), 'ms',
         '%.0f')


def main():
    if sipp.why_not() is not None:
        print('# bench_voice: left out: %s' % sipp.why_not())
        return
    for bench in (cost_over_floor, evenness, keys):
        with kit.Stage() as stage:
            bench(stage)
    against_asterisk()


if __name__ == '__main__':
    main()
