#!/usr/bin/env python3
"""SIP and speech of safar-voice as trunks have them, by SIPp and by telephones
of our own: late offers, hold, CANCEL, SIP INFO, tones, IPv6, registration,
limits, and what callers hear when safard is away."""

import math
import os
import shutil
import signal
import socket
import subprocess
import time

import agi
import asterisk
import gateways
import kit
import uac
import voice

SDP = '''v=0
o=u 1 %(version)d IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP %(types)s
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:%(event)d telephone-event/8000
a=%(way)s
'''
HEAD = '''%(method)s sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=%(branch)s
From: <sip:+996555[call_number]@[local_ip]>;tag=t[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>%(tag)s
Call-ID: [call_id]
CSeq: %(cseq)d %(method)s
Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
'''
OK = '''SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:caller@[local_ip]:[local_port]>
Content-Length: 0

'''


def sdp(types='8 0 101', event=101, way='sendrecv', version=1):
    return SDP % {'types': types, 'event': event, 'way': way,
                  'version': version}


def send(method, cseq, body='', kind='application/sdp', tag='[peer_tag_param]',
         branch='[branch]'):
    head = HEAD % {'method': method, 'cseq': cseq, 'tag': tag,
                   'branch': branch}
    if body:
        head += 'Content-Type: %s\n' % kind
    again = '' if method == 'ACK' else ' retrans="500"'
    return '<send%s><![CDATA[\n%sContent-Length: [len]\n\n%s]]></send>\n' % (
        again, head, body)


def want(status, **attributes):
    more = ''.join(' %s="%s"' % pair for pair in attributes.items())
    return '<recv response="%d"%s/>\n' % (status, more)


def asked(method):
    return '<recv request="%s" timeout="10000"/>\n' % method


def pause(ms):
    return '<pause milliseconds="%d"/>\n' % ms


def key(name):
    return ('<nop><action><exec play_pcap_audio='
            '"/usr/share/sip-tester/dtmf_2833_%s.pcap"/></action></nop>\n' %
            name)


def invite(body):
    return send('INVITE', 1, body, tag='') + want(100, optional='true') + want(
        180, optional='true')


UP = invite(sdp()) + want(200) + send('ACK', 1)
BYE = asked('BYE') + '<send><![CDATA[\n%s]]></send>\n' % OK

# What is played at the gateway, which puts keys together until '#' or three
# seconds without one, and hangs up: (what, scenario, keys that must be heard)
SCENARIOS = [
    ('keys break off the prompt', UP + pause(400) + key('5') + pause(700) +
     key('5') + pause(700) + key('0') + pause(700) + key('pound') + BYE,
     '550#'),
    ('an offer that comes late', invite('') + want(200) + send(
        'ACK', 1, sdp()) + pause(500) + key('7') + pause(500) + key('pound') +
     BYE, '7#'),
    ('mu-law, and keys as another type', invite(sdp('0 97', 97)) + want(
        200) + send('ACK', 1) + pause(300) + send('INFO', 2, 'Signal=1\nDuration=160\n',
                                     'application/dtmf-relay') + want(200) +
     pause(400) + send('INFO', 3, '#', 'application/dtmf') + want(200) + BYE, '1#'),
    ('hold and back', UP + pause(300) + send(
        'INVITE', 2, sdp(way='sendonly', version=2)) + want(
            100, optional='true') + want(200) + send('ACK', 2) + pause(300) +
     send('INVITE', 3, sdp(version=3)) + want(100, optional='true') + want(
         200) + send('ACK', 3) + pause(400) + key('3') + pause(500) +
     key('pound') + BYE, '3#'),
    ('a body of INFO that is no key', UP + pause(300) + send(
        'INFO', 2, 'x', 'text/plain') + want(415) + send(
            'INFO', 3, '#', 'application/dtmf') + want(200) + BYE, '#'),
    ('a refresh by UPDATE, then by INVITE', UP + send('UPDATE', 2) + want(
        405) + send('INVITE', 3, sdp(version=2)) + want(
            100, optional='true') + want(200) + send('ACK', 3) + send(
                'INFO', 4, '#', 'application/dtmf') + want(200) + BYE, '#'),
    ('an address of the other family', send('INVITE', 1, sdp().replace(
        'c=IN IP[media_ip_type] [media_ip]', 'c=IN IP6 2001:db8::1'),
                                            tag='') + want(
        100, optional='true') + want(488) + send('ACK', 1), None),
    ('OPTIONS', send('OPTIONS', 1, tag='') + want(200), None),
    ('CANCEL', send('INVITE', 1, sdp(), tag='') + want(
        100, optional='true') + want(180) + send(
            'CANCEL', 1, tag='', branch='[branch-2]').replace(
                'Via: SIP/2.0/[transport] [local_ip]:[local_port];'
                'branch=[branch-2]', '[last_Via:]') + want(200) + want(487) +
     send('ACK', 1).replace(
         'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
         '[last_Via:]'), 'gone'),
]
REGISTRAR = asked('REGISTER') + '''<send><![CDATA[
SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=r
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="trunk", nonce="47ebe028cda119c3", algorithm=MD5, qop="auth"
Content-Length: 0

]]></send>
<recv request="REGISTER" timeout="10000"><action>
<verifyauth assign_to="good" username="hotline" password="open sesame"/>
</action></recv>
<nop hide="true" test="good" next="1"/>
<send><![CDATA[
SIP/2.0 403 Forbidden
[last_Via:]
[last_From:]
[last_To:];tag=r
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<label id="1"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=r
[last_Call-ID:]
[last_CSeq:]
[last_Contact:];expires=60
Content-Length: 0

]]></send>
'''.replace('open sesame', 'open-sesame')


class Sipp:
    """One scenario by SIPp."""

    def __init__(self, stage, body, *args, name='scenario'):
        path = stage.path(name + '.xml')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('<?xml version="1.0" encoding="ISO-8859-1" ?>\n'
                       '<scenario name="x">\n%s</scenario>\n' % body)
        self.errors = stage.path(name + '.errors')
        if os.path.exists(self.errors):
            os.remove(self.errors)
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            ['sipp', '-sf', path, '-m', '1', '-nostdin', '-timeout', '20',
             '-trace_err', '-error_file', self.errors, *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=stage.path())
        stage.closers.append(self.process.kill)

    def result(self):
        """'' if all went as the scenario says, else what did not."""
        if self.process.wait(kit.patient(30)) == 0:
            return ''
        if not os.path.exists(self.errors):
            return 'it ended badly'
        with open(self.errors, encoding='utf-8', errors='replace') as file:
            return file.read()[:800]


class Daemon:
    """Stands for safard: a number dialled says what is done with a call."""

    def __init__(self, stage, sounds):
        self.sounds = sounds
        self.spool = stage.path('spool')
        self.heard = []  # keys of calls to 'keys', or 'gone'
        self.said = []  # replies in calls to 'record' and 'dial'
        self.server = agi.Server(stage, self.handle)

    def handle(self, call):
        getattr(self, 'on_' + call.env['agi_extension'])(call)

    def file(self, name):
        return os.path.join(self.sounds, name)

    def on_keys(self, call):
        keys = ''
        time.sleep(0.2)  # it rings for a moment
        call.ask('ANSWER')
        reply = call.ask('STREAM FILE %s "0123456789*#"' % self.file('long'))
        while True:
            code = -1 if '511' in reply else int(
                reply.split('=')[1].split()[0])
            if code <= 0 or chr(code) == '#':
                break
            keys += chr(code)
            reply = call.ask('WAIT FOR DIGIT 3000')
        self.heard.append('gone' if code < 0 else
                          keys + (chr(code) if code else ''))
        if code >= 0:
            call.ask('HANGUP')

    def on_silent(self, call):
        call.ask('ANSWER')
        call.ask('STREAM FILE %s ""' % self.file('short'))
        time.sleep(30)

    def on_dies(self, call):
        call.ask('ANSWER')
        call.send(b'STREAM FILE %s ""\n' % self.file('long').encode())
        time.sleep(0.5)

    def on_dies_recording(self, call):
        call.ask('ANSWER')
        call.send(b'RECORD FILE %s/left wav "#" 30000\n' % self.spool.encode())
        time.sleep(0.5)

    def on_long(self, call):
        call.ask('ANSWER')
        self.said.append(call.ask('STREAM FILE %s ""' % self.file('long')))

    def on_pause(self, call):
        call.ask('ANSWER')
        call.ask('STREAM FILE %s ""' % self.file('short'))
        call.ask('WAIT FOR DIGIT 3300')
        call.ask('STREAM FILE %s ""' % self.file('short'))
        call.ask('HANGUP')

    def on_busy(self, call):
        self.said.append(call.ask('EXEC Hangup 17'))

    def on_deleted(self, call):
        call.ask('ANSWER')
        shutil.copy(self.file('short.wav'), self.file('gone.wav'))
        call.send(b'STREAM FILE %s ""\n' % self.file('gone').encode())
        time.sleep(0.3)
        os.remove(self.file('gone.wav'))
        self.said += [call.reply(), call.ask('STREAM FILE %s ""' %
                                             self.file('gone')),
                      call.ask('CHANNEL STATUS')]
        call.ask('HANGUP')

    def on_record(self, call):
        call.ask('ANSWER')
        for path in (self.spool + '/../x', '/etc/x', self.spool + '/.x',
                     self.spool + '/a b', self.spool + '/link'):
            self.said.append(call.ask('RECORD FILE "%s" wav "#" 300' % path))
        self.said.append(call.ask('RECORD FILE %s/good wav "#" 300' %
                                  self.spool))
        call.ask('HANGUP')

    def on_dial(self, call):
        call.ask('ANSWER')
        for target in ('PJSIP/nobody', 'PJSIP/trunk/sip:+7@192.0.2.1',
                       'PJSIP/anna'):
            call.ask('EXEC Dial %s,5,g' % target)
            self.said.append(call.ask('GET VARIABLE DIALSTATUS'))
        call.ask('HANGUP')


class Gateway:
    """safar-voice with settings of our own; those of voice by their names."""

    VOICE = ('calls',)
    count = 0

    def __init__(self, stage, daemon, agi_port=None, **settings):
        Gateway.count += 1
        self.name = 'voice-%d' % Gateway.count
        self.stage = stage
        self.data = stage.path(self.name)
        self.sip_port = asterisk.free_range(1)
        self.process = None
        values = {'port': self.sip_port, 'calls_per_s': 1000,
                  'rtp_port': asterisk.free_range(200), 'rtp_ports': 200}
        values.update(settings)
        os.makedirs(self.data)
        with open(os.path.join(self.data, 'safar.yaml'), 'w',
                  encoding='utf-8') as file:
            file.write('voice:\n  listen: "127.0.0.1:%d"\n  prompts_dir: "%s"\n'
                       '  spool_dir: "%s"\n' % (
                           agi_port or daemon.server.port, daemon.sounds,
                           daemon.spool))
            for mine in (True, False):
                if not mine:
                    file.write('sip:\n')
                for name, value in values.items():
                    if (name in self.VOICE) == mine:
                        file.write('  %s: %s\n' % (name, value))

    def start(self):
        self.process = kit.Process(
            self.stage, self.name,
            [gateways.SAFAR_VOICE, '--data', self.data], cwd=kit.ROOT)
        self.process.wait_line(r'\bev=ready\b', 20)

    def stop(self):
        return self.process.stop()


def scenarios(tap, stage, daemon, gateway):
    for what, body, keys in SCENARIOS:
        del daemon.heard[:]
        wrong = Sipp(stage, body, '127.0.0.1:%d' % gateway.sip_port, '-i',
                     '127.0.0.1', '-s', 'keys').result()
        tap.ok(not wrong, what, *wrong.splitlines()[:12])
        if keys is not None:
            kit.wait_for('the end of the call', 10, lambda: daemon.heard)
            tap.eq(daemon.heard, [keys], 'its keys: ' + keys)


def six(tap, stage, daemon):
    try:
        with open('/proc/net/if_inet6', encoding='ascii') as file:
            there = any(' lo' in line for line in file)
    except OSError:
        there = False
    if not there:
        tap.skip('calls by IPv6', 'this machine has no ::1')
        return
    gateway = Gateway(stage, daemon, listen='"::1"', trunks='"::1"')
    gateway.start()
    del daemon.heard[:]
    wrong = Sipp(stage, SCENARIOS[0][1], '[::1]:%d' % gateway.sip_port, '-i',
                 '::1', '-s', 'keys').result()
    if wrong or daemon.heard != ['550#']:
        # SIPp's pcap player may not be able to; keys by INFO then
        del daemon.heard[:]
        wrong = Sipp(stage, UP + pause(300) + send('INFO', 2, '#', 'application/dtmf') +
                     want(200) + BYE, '[::1]:%d' % gateway.sip_port, '-i',
                     '::1', '-s', 'keys').result()
        tap.eq((wrong, daemon.heard), ('', ['#']), 'a call by IPv6')
    else:
        tap.ok(True, 'a call by IPv6')
    gateway.stop()


def by_tcp(tap, stage, daemon):
    """And who is no trunk gets no connection."""
    gateway = Gateway(stage, daemon, tcp='yes', external='"127.0.0.1"')
    gateway.start()
    del daemon.heard[:]
    wrong = Sipp(stage, UP + pause(300) + send('INFO', 2, '#', 'application/dtmf') +
                 want(200) + BYE, '127.0.0.1:%d' % gateway.sip_port, '-i',
                 '127.0.0.1', '-s', 'keys', '-t', 't1').result()
    tap.eq((wrong, daemon.heard), ('', ['#']), 'a call by TCP')
    stranger = socket.socket()
    stranger.bind(('127.0.0.9', 0))
    stranger.settimeout(1)
    try:
        stranger.connect(('127.0.0.1', gateway.sip_port))
        came = True
    except OSError:
        came = False
    stranger.close()
    tap.ok(not came, 'a stranger gets no connection')
    gateway.stop()


def behind_nat(tap, stage, air, daemon):
    gateway = Gateway(stage, daemon, external='"192.0.2.33"')
    gateway.start()
    phone = uac.Phone(air)
    answers = []
    phone.on_final = answers.append
    phone.call(gateway.sip_port, 'keys')
    kit.wait_for('an answer', 10, lambda: answers)
    tap.ok('c=IN IP4 192.0.2.33\r\n' in answers[0].body and
           '@192.0.2.33:' in answers[0].get('contact'),
           'behind NAT it is called by its other address', answers[0].body,
           answers[0].get('contact'))
    gateway.stop()


def registers(tap, stage, daemon):
    port = asterisk.free_range(1)
    registrar = Sipp(stage, REGISTRAR, '-i', '127.0.0.1', '-p', str(port),
                     name='registrar')
    gateway = Gateway(stage, daemon, user='hotline', domain='trunk.invalid',
                      registrar='"127.0.0.1:%d"' % port)
    keys = os.path.join(gateway.data, 'keys')
    os.makedirs(keys)
    said = subprocess.run([gateways.SAFAR_VOICE, '--data', gateway.data],
                          capture_output=True, check=False,
                          timeout=kit.patient(20)).stderr
    tap.ok(b'no such file; write the password into it, for its owner only '
           b'(chmod 600), or give it as the systemd credential '
           b'safar.sip.password\n' in said,
           'without its password it does not start, and says what to do', said)
    path = os.path.join(keys, 'sip.password')
    with open(path, 'w', encoding='ascii') as file:
        file.write('open-sesame\n')
    os.chmod(path, 0o600)
    gateway.start()
    gateway.process.wait_line(r'\bev=registered\b', 15)
    tap.eq(registrar.result(), '', 'it registers, with the digest asked for')
    gateway.process.signal(signal.SIGTERM)
    gateway.process.stop()


class TonePhone(uac.Phone):
    """One that has no telephone events."""

    def _sdp(self):
        return super()._sdp().replace(' 8 101', ' 8').replace(
            'a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n', '')

    def press(self, keys, pause=0.1):
        for name in keys:
            at = '123A456B789C*0#D'.index(name)
            low = (697, 770, 852, 941)[at // 4]
            high = (1209, 1336, 1477, 1633)[at % 4]
            self.media.speak([int(7000 * (
                math.sin(2 * math.pi * low * n / 8000) +
                math.sin(2 * math.pi * high * n / 8000)))
                              for n in range(960)] + [0] * 960)


def call(air, gateway, dialled, phone=uac.Phone):
    p = phone(air)
    p.call(gateway.sip_port, dialled)
    return p


def telephones(tap, air, daemon, gateway):
    del daemon.heard[:]
    phone = call(air, gateway, 'keys', TonePhone)
    phone.wait_up()
    phone.media.speak([0] * 1600)
    phone.press('1590*#')
    kit.wait_for('the keys', 20, lambda: daemon.heard)
    tap.eq(daemon.heard, ['1590*#'], 'keys as tones in the speech')
    phone.wait_over()
    phone = call(air, gateway, 'busy')
    phone.wait_over()
    tap.eq(phone.status, 486, 'safard may refuse a call before the answer')
    del daemon.said[:]
    call(air, gateway, 'deleted').wait_over()
    tap.eq(daemon.said, ['200 result=0 endpos=8000', '200 result=-1 endpos=0',
                         '200 result=6'],
           'a prompt that is deleted is heard to its end, then is not there')
    os.symlink('/etc/x', os.path.join(daemon.spool, 'link.wav'))
    del daemon.said[:]
    call(air, gateway, 'record').wait_over()
    tap.eq(daemon.said[:5], ['200 result=-1 (writefile)'] * 5,
           'recordings are made nowhere else')
    tap.ok(daemon.said[5].startswith('200 result=0 (timeout)'),
           'but in the spool', *daemon.said)
    del daemon.said[:]
    call(air, gateway, 'dial').wait_over()
    tap.eq(daemon.said, ['200 result=1 (CHANUNAVAIL)'] * 3,
           'nobody is dialled who is not in the list')


def pauses(tap, air, daemon, gateway):
    """RFC 3551 section 4.1, by the packets' own time: between two prompts."""
    phone = call(air, gateway, 'pause')
    phone.wait_up()
    phone.media.speak([0] * 8000 * 8)
    phone.wait_over(30)
    media = phone.media
    steps = [((later[0] - sooner[0]) & 0xFFFF, later[2] - sooner[2], later[1])
             for sooner, later in zip(media.heads, media.heads[1:])]
    tap.eq({number for number, _time, _marker in steps}, {1},
           'packets are numbered one by one, whatever is not sent')
    tap.eq([step for step in steps if step[2] != (step[1] != uac.FRAME)], [],
           'those behind something not sent are marked, and no others')
    spoken = [row[1] for row in media.packets if row[3] != uac.SILENCE]
    end, start = max(zip(spoken, spoken[1:]), key=lambda two: two[1] - two[0])
    between = [(row[1] - end) / 8000 for row in media.packets
               if end < row[1] < start]
    tail, alive = between[:10], between[10:]
    tap.eq(tail, [n / 50 for n in range(1, 11)], 'of a pause 200 ms are sent')
    tap.ok(len(alive) >= 2 and alive == list(range(1, len(alive) + 1)),
           'and then a packet each second', alive)
    alike, at = uac.likeness(media.heard(), uac.read_wav(
        daemon.file('short.wav')) + [0] * (start - end - uac.FRAME) +
                             uac.read_wav(daemon.file('short.wav')))
    tap.ok(alike > 0.95, 'what is heard keeps the time of the pause',
           'likeness %.2f at %d' % (alike, at))


def sandbox(tap, gateway):
    if b'sanitizers' in kit.written(gateway.process.log):
        tap.skip('the sandbox', 'a build with sanitizers has none')
        return
    tasks = '/proc/%d/task' % gateway.process.pid
    modes = []
    for task in os.listdir(tasks):
        with open(os.path.join(tasks, task, 'status'),
                  encoding='ascii') as file:
            modes.append([line.split()[1] for line in file
                          if line.startswith('Seccomp:')])
    tap.eq(modes, [['2'], ['2']], 'both its threads are in the sandbox')


def apology(daemon):
    return uac.read_wav(daemon.file('0001/ru/voice.sorry.wav'))


def hears_apology(tap, phone, daemon, what):
    phone.wait_up()
    phone.wait_over(25)
    alike, _at = uac.likeness(phone.media.heard()[-16000:], apology(daemon))
    tap.ok(alike > 0.9 and phone.over_by == 'them',
           'the apology is heard, and the call ends: ' + what,
           'likeness %.2f' % alike)


def away(tap, stage, air, daemon, gateway):
    silent = call(air, gateway, 'silent')
    hears_apology(tap, call(air, gateway, 'dies'), daemon,
                  'safard ends in the middle of a prompt')
    hears_apology(tap, call(air, gateway, 'dies_recording'), daemon,
                  'safard ends while the caller is recorded')
    alone = Gateway(stage, daemon, agi_port=kit.free_port())
    alone.start()
    hears_apology(tap, call(air, alone, 'keys'), daemon,
                  'safard is not there')
    os.rename(daemon.file('0001'), daemon.file('away'))
    phone = call(air, alone, 'keys')
    phone.wait_over()
    os.rename(daemon.file('away'), daemon.file('0001'))
    tap.ok(phone.up and max(map(abs, phone.media.heard())) > 2000,
           'without prompts it is a tone')
    alone.stop()
    hears_apology(tap, silent, daemon, 'safard says nothing for 10 s')


def limits(tap, stage, air, daemon):
    gateway = Gateway(stage, daemon, calls='2', silence_s='5',
                      calls_per_s='3')
    gateway.start()
    first = call(air, gateway, 'long')
    first.wait_up()
    second = call(air, gateway, 'long')
    second.wait_up()
    third = call(air, gateway, 'long')
    third.wait_over()
    tap.eq(third.status, 486, 'one call more than may be: busy')
    more = [call(air, gateway, 'long') for _n in range(8)]
    for phone in more:
        phone.wait_over()
    tap.ok(503 in [phone.status for phone in more],
           'more calls in a second than may be: later',
           [phone.status for phone in more])
    first.media.peer = ('127.0.0.1', 9)
    del daemon.said[:]
    first.wait_over(15)
    tap.eq((first.over_by, second.over), ('them', False),
           'who is not heard for 5 s is hung up on, others are not')
    kit.wait_for('the reply', 5, lambda: daemon.said)
    tap.ok(daemon.said[0].startswith('200 result=-1 endpos='),
           'and safard is told', *daemon.said)
    gateway.process.signal(signal.SIGTERM)
    second.wait_over()
    tap.eq(second.over_by, 'them', 'at its end it says BYE')
    tap.eq(gateway.process.stop(), 0, 'and ends well')


def refuses(tap, stage, daemon):
    for setting, value, says in (
            ('listen', '0.0.0.0', 'sip.listen: '),
            ('listen', 'example.org', 'sip.listen: '),
            ('trunks', '192.0.2.0/40', 'sip.trunks: '),
            ('transfer', '"anna"', 'sip.transfer: '),
            ('external', 'x', 'sip.external: ')):
        gateway = Gateway(stage, daemon, **{setting: value})
        done = subprocess.run(
            [gateways.SAFAR_VOICE, '--data', gateway.data],
            capture_output=True, check=False, timeout=kit.patient(20))
        tap.ok(done.returncode == 1 and says in done.stderr.decode(),
               'it does not start with %s: %s' % (setting, value),
               done.stderr.decode())


def run(tap, stage):
    if not os.path.exists(gateways.SAFAR_VOICE):
        tap.skip('all of safar-voice', 'it is not built: libre is missing')
        return
    sounds = stage.path('sounds')
    os.makedirs(os.path.join(sounds, '0001', 'ru'))
    os.makedirs(stage.path('spool'))
    for name, seconds in (('long', 30), ('short', 1),
                          ('0001/ru/voice.sorry', 1)):
        uac.write_wav(os.path.join(sounds, name + '.wav'),
                      voice.melody(name, seconds))
    daemon = Daemon(stage, sounds)
    gateway = Gateway(stage, daemon)
    gateway.start()
    air = uac.Air(stage)
    if shutil.which('sipp') is None:
        tap.skip('trunks by SIPp', 'sipp is not installed')
    else:
        scenarios(tap, stage, daemon, gateway)
        registers(tap, stage, daemon)
        six(tap, stage, daemon)
        by_tcp(tap, stage, daemon)
    behind_nat(tap, stage, air, daemon)
    telephones(tap, air, daemon, gateway)
    pauses(tap, air, daemon, gateway)
    sandbox(tap, gateway)
    away(tap, stage, air, daemon, gateway)
    limits(tap, stage, air, daemon)
    refuses(tap, stage, daemon)
    tap.eq(daemon.server.faults, [], "no fault of the test's own")
    tap.ok(b'996555' not in kit.written(gateway.process.log),
           'no number in its log')
    tap.eq(gateway.process.stop(), 0, 'safar-voice ends well')


if __name__ == '__main__':
    kit.main(run, 180)
