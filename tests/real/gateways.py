"""gateways.py - the two voice gateways, started alike: Asterisk, and our own
safar-voice.

Each is made by start(stage, agi_port, prompts, spool, desks): where it connects
by FastAGI, which for safar-voice may be a socket's path, its folders, and the
counsellors' telephones it may ring, {name: port}.  It has then: name, sip_port,
spool, target(desk) as Dial takes it, process, and stop().
"""

import os

import asterisk
import kit
import safard

SAFAR_VOICE = os.path.join(safard.BIN, 'safar-voice')


class SafarVoice:
    """safar-voice with a data folder of its own: its settings alone."""

    name = 'safar-voice'
    refers = True  # a call that is put through leaves it
    under = ()  # the command that runs it

    def __init__(self, stage, agi_port, prompts, spool, desks):
        self.stage = stage
        self.spool = spool
        self.sip_port = asterisk.free_range(1)
        self.data = stage.path('safar-voice')
        self.apology = os.path.join(prompts, '0001/ky/voice.sorry')
        self.process = None
        os.makedirs(self.data)
        transfer = ' '.join('%s=sip:%s@127.0.0.1:%d' % (name, name, port)
                            for name, port in desks.items())
        first = asterisk.free_range(asterisk.RTP_PORTS)
        listen = (agi_port if isinstance(agi_port, str)
                  else '127.0.0.1:%d' % agi_port)
        with open(os.path.join(self.data, 'safar.yaml'), 'w',
                  encoding='utf-8') as file:
            file.write('sip:\n  port: %d\n  rtp_port: %d\n  rtp_ports: %d\n'
                       '  calls_per_s: 1000\n  transfer: "%s"\n' % (
                           self.sip_port, first, asterisk.RTP_PORTS, transfer))
            file.write('voice:\n  listen: "%s"\n'
                       '  prompts_dir: "%s"\n  spool_dir: "%s"\n'
                       '  calls: 600\n' % (listen, prompts, spool))

    def target(self, desk):
        return 'PJSIP/' + desk

    def start(self):
        self.process = kit.Process(
            self.stage, 'safar-voice',
            [*self.under, SAFAR_VOICE, '--data', self.data], cwd=kit.ROOT)
        self.process.wait_line(r'\bev=ready\b', 20)

    def kill(self):
        self.process.kill()

    def stop(self):
        return self.process.stop()

    def files(self):
        """Where it could leave a trace of a caller."""
        return [self.process.log, *kit.files_under(self.spool)]


def start_asterisk(*args):
    gateway = asterisk.Asterisk(*args)
    gateway.start()
    return gateway


def start_shipped_asterisk(*args):
    gateway = asterisk.Asterisk(*args, shipped=True)
    gateway.start()
    return gateway


def start_safar_voice(*args):
    gateway = SafarVoice(*args)
    gateway.start()
    return gateway


def both(tap, shipped=False):
    """What starts each of them, or the one that GATEWAY names; Asterisk with
    conf/asterisk as we ship it, or with nothing but FastAGI.  One that cannot
    be had is skipped, loudly."""
    found = {'asterisk': start_shipped_asterisk if shipped else start_asterisk,
             'safar-voice': start_safar_voice}
    _root, why = asterisk.fetch()
    if why is not None:
        tap.skip('everything with a real Asterisk', why)
        del found['asterisk']
    only = os.environ.get('GATEWAY')
    return [start for name, start in found.items() if only in (None, name)]
