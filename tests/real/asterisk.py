"""asterisk.py - a real Asterisk on ports and folders of its own.

asterisk-fetch.sh unpacks it, without rights and without installing anything.
Where that cannot be done, why_not() says why, and the tests skip, loudly.
"""

import os
import random
import re
import socket
import subprocess

import kit

HERE = os.path.dirname(os.path.abspath(__file__))
CONF = os.path.join(HERE, 'asterisk')
RTP_PORTS = 1600  # three for each of 500 calls

# Asterisk complains where these are missing.
OFF = {name: '[general]\n' for name in (
    'ccss', 'features', 'pjproject', 'udptl')}
OFF.update({'acl': '', 'cdr': '[general]\nenable = no\n',
            'cel': '[general]\nenable = no\n',
            'http': '[general]\nenabled = no\n',
            'manager': '[general]\nenabled = no\n'})

_root = None


def fetch():
    """(the folder it is in, None) or (None, why there is none)"""
    global _root  # pylint: disable=global-statement
    if _root is None:
        done = subprocess.run(
            [os.path.join(HERE, 'asterisk-fetch.sh')], timeout=500,
            check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        said = (done.stdout if done.returncode == 0 else done.stderr).decode(
            'utf-8', 'replace').strip()
        _root = (said, None) if done.returncode == 0 else (None, said)
    return _root


def free_range(count, kind=socket.SOCK_DGRAM):
    """The first of so many loopback ports, below those that the kernel gives
    by itself: nobody else gets them until they are used."""
    with open('/proc/sys/net/ipv4/ip_local_port_range',
              encoding='ascii') as file:
        top = int(file.read().split()[0])
    while True:
        first = random.randrange(10000, max(10002, top - count), 2)
        try:
            for port in range(first, first + count, 37):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind(('127.0.0.1', port))
        except OSError:
            continue
        return first


SHIPPED = os.path.join(kit.ROOT, 'conf', 'asterisk')
# what an administrator fills in there: (file, line, line of the test)
FILLED_IN = [
    ('extensions.conf', r'SAFARD = .*', 'SAFARD = agi://127.0.0.1:@AGI@/safar'),
    ('extensions.conf', r'SORRY = .*', 'SORRY = @SORRY@'),
    ('pjsip.conf', r'bind = .*', 'bind = 127.0.0.1:@SIP@'),
    ('pjsip.conf', r'match = .*', 'match = 127.0.0.1'),
    ('pjsip.conf', r'remove_existing = .*', 'contact = @DESK@'),
    ('logger.conf', r'console => .*', ''),
]


class Asterisk:
    """One Asterisk whose dialplan hands every call to FastAGI on a port: with
    as little as that, or with conf/asterisk as we ship it."""

    name = 'asterisk'
    kill = None  # somebody else's program
    refers = False  # a call that is put through stays with it

    def __init__(self, stage, agi_port, prompts, spool, desks,
                 shipped=False):
        self.stage = stage
        self.sip_port = free_range(1)
        self.state = stage.path('asterisk')
        self.spool = spool
        self.desks = desks
        self.shipped = shipped
        self.apology = os.path.join(prompts, '0001/ky/voice.sorry')
        self.process = None
        self.root, why = fetch()
        if why is not None:
            raise RuntimeError(why)
        for name in ('etc', 'lib', 'log', 'run', 'spool', 'data/sounds'):
            os.makedirs(os.path.join(self.state, name))
        share = os.path.join(self.root, 'usr/share/asterisk')
        os.symlink(os.path.join(share, 'documentation'),
                   os.path.join(self.state, 'data/documentation'))
        for name in os.listdir(os.path.join(share, 'sounds')):
            if name.startswith('en_'):
                os.symlink(os.path.join(share, 'sounds', name),
                           os.path.join(self.state, 'data/sounds/en'))
        lib = os.path.join(self.root, 'usr/lib')
        modules = [os.path.join(lib, name, 'asterisk/modules')
                   for name in os.listdir(lib)]
        first = free_range(RTP_PORTS)
        self.places = {
            'STATE': self.state, 'SORRY': self.apology,
            'SIP': self.sip_port, 'AGI': agi_port,
            'DESK': 'sip:desk@127.0.0.1:%d' % desks.get('desk', 9),
            'RTP_FIRST': first, 'RTP_LAST': first + RTP_PORTS - 1,
            'MODULES': next(path for path in modules if os.path.isdir(path)),
        }
        for name, text in OFF.items():
            self._write(name + '.conf', text)
        for name in os.listdir(CONF):
            with open(os.path.join(CONF, name), encoding='utf-8') as file:
                self._write(name, file.read())

        if shipped:
            self._fill_in()

    def _fill_in(self):
        for name in os.listdir(SHIPPED):
            if not name.endswith('.conf'):
                continue
            with open(os.path.join(SHIPPED, name), encoding='utf-8') as file:
                text = file.read()
            for where, line, new in FILLED_IN:
                if where == name:
                    text, count = re.subn('(?m)^%s$' % line, new, text)
                    assert count == 1, 'conf/asterisk/%s: %d lines %s' % (
                        name, count, line)
            self._write(name, text)

    def _write(self, name, text):
        for place, value in self.places.items():
            text = text.replace('@%s@' % place, str(value))
        with open(os.path.join(self.state, 'etc', name), 'w',
                  encoding='utf-8') as file:
            file.write(text)

    def target(self, desk):
        if self.shipped:
            return 'Local/anna@counsellors/n'
        return 'PJSIP/counsellors/sip:%s@127.0.0.1:%d' % (
            desk, self.desks[desk])

    def start(self):
        self.process = kit.Process(
            self.stage, 'asterisk',
            [os.path.join(self.root, 'run'), '-f', '-C',
             os.path.join(self.state, 'etc', 'asterisk.conf')], cwd='/',
            env={'PATH': '/usr/bin:/bin', 'HOME': self.state, 'TZ': 'UTC'})
        kit.wait_for('the console of Asterisk', 30, lambda: os.path.exists(
            os.path.join(self.state, 'run', 'asterisk.ctl')))
        self.console('core waitfullybooted')

    def console(self, command):
        """What Asterisk answers to a command of its console."""
        done = subprocess.run(
            [os.path.join(self.root, 'run'), '-C',
             os.path.join(self.state, 'etc', 'asterisk.conf'), '-rx', command],
            timeout=kit.patient(30), check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode('utf-8', 'replace')

    def calls(self):
        """How many channels it holds now."""
        for line in self.console('core show channels count').splitlines():
            if 'active channel' in line:
                return int(line.split()[0])
        raise RuntimeError('Asterisk does not say how many channels it holds')

    def version(self):
        return self.console('core show version').split(' built by')[0]

    def messages(self):
        with open(os.path.join(self.state, 'log', 'messages'),
                  encoding='utf-8', errors='replace') as file:
            return file.read()

    def stop(self):
        return self.process.stop()

    def files(self):
        """Where it could leave a trace of a caller."""
        return list(kit.files_under(self.spool, self.state))
