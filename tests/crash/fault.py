"""fault.py - builds fault.c, and tells it what shall fail in safard, and when.
"""

import mmap
import os
import shlex
import struct
import subprocess

import kit

# The same order as in fault.c.
POINTS = ['nowhere', 'before_commit', 'after_commit', 'after_ack',
          'after_submit', 'in_frame', 'checkpoint', 'any']
FAILS = ['', 'sync', 'full']
FIELDS = ['point', 'count', 'power', 'seed', 'fail', 'ended', 'commits',
          'failed', 'smpp_port']
SMPP_PORTS = 4


def build(stage):
    path = stage.path('fault.so')
    compiler = shlex.split(os.environ.get('CC', 'cc'))
    subprocess.run(
        [*compiler, '-std=c11', '-D_GNU_SOURCE', '-O2', '-fPIC', '-shared',
         '-o', path, os.path.join(kit.ROOT, 'tests', 'crash', 'fault.c')],
        check=True, timeout=kit.patient(60))
    return path


class Fault:
    """What the shim of one data folder is told, and what it says back."""

    def __init__(self, stage, smpp_ports=()):
        path = stage.path('fault')
        with open(path, 'wb') as file:
            file.write(bytes(4 * (len(FIELDS) - 1 + SMPP_PORTS)))
        with open(path, 'r+b') as file:
            self.map = mmap.mmap(file.fileno(), 0)
        self.env = dict(os.environ, LD_PRELOAD=build(stage), SAFAR_FAULT=path)
        for at, port in enumerate(smpp_ports):
            self._set('smpp_port', port, at)

    def _set(self, field, value, at=0):
        struct.pack_into('=i', self.map, 4 * (FIELDS.index(field) + at), value)

    def get(self, field):
        return struct.unpack_from('=i', self.map, 4 * FIELDS.index(field))[0]

    def arm(self, point, count, power, seed):
        """End safard at the count-th time it comes to this point."""
        self._set('power', int(power))
        self._set('seed', seed)
        self._set('count', count)
        self._set('ended', 0)
        self._set('point', POINTS.index(point))

    def disarm(self):
        """Returns where it ended, or None."""
        self._set('point', 0)
        return POINTS[self.get('ended')] if self.get('ended') else None

    def fail(self, what):
        """'sync': fdatasync() of the store gives EIO; 'full': no write to it
        finds room; '': all is well again."""
        self._set('fail', FAILS.index(what))
