#!/usr/bin/env python3
"""The conformance table: every operation of SMPP that we speak, in its cases,
against an SMSC written by others (the npm package "smpp").

A row is a function with its operation and case, in smpp_rows_*.py; its checks
are printed as `operation: case: what`.
"""

import subprocess
import time

import kit
import smpp_rows_link as link
import smpp_rows_in  # pylint: disable=unused-import
import smpp_rows_out  # pylint: disable=unused-import
import smsc
from smpp_world import LONG, LONG_RU, ROWS, World


def certificate(stage, name, *subject):
    """A key and a certificate of its own in one file."""
    path = stage.path(name + '.pem')
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout',
         path + '.key', '-out', path + '.crt', '-subj', '/CN=smsc',
         '-addext', 'subjectAltName = ' + ', '.join(subject)],
        check=True, timeout=kit.patient(60), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    with open(path, 'wb') as out:
        for end in ('.key', '.crt'):
            with open(path + end, 'rb') as file:
                out.write(file.read())
    return path


def build(w, stage):
    good = certificate(stage, 'good', 'IP:127.0.0.1')
    named = certificate(stage, 'named', 'DNS:smsc.example')
    w.place('trx', line_ton=3, line_npi=0, system_type='SMPP', country='kg',
            sms_valid_h=30)
    w.place('pair', bind='transmitter+receiver')
    w.place('three', binds=3, reports='no')
    w.place('packed', default_alphabet='gsm7-packed')
    w.place('one', window=1, default_alphabet='latin1')
    w.place('slow')
    w.place('stall')
    w.place('dec', receipt_ids='decimal')
    w.place('hex', receipt_ids='hex')
    w.place('wrong', password='other')
    w.place('late').policy(bind=smsc.RBINDFAIL)
    w.place('mute').policy(bind='silent')
    w.place('quiet', enquire_s=5)
    w.place('bad')
    w.place('tls', certificate=good, tls='yes', tls_ca=good)
    w.place('tls-unknown', certificate=named, tls='yes', tls_ca=good,
            tls_name='smsc.example')
    w.safard.set('gateways', w.rows)
    w.safard.set('outbox', ['  retry_s: 1', '  retry_most_s: 2'])


def tls_rename(w, stage):
    """There may be 16 gateways: one is used twice."""
    w.safard.stop()
    w.place('tls-name', certificate=stage.path('good.pem'), tls='yes',
            tls_ca=stage.path('good.pem'), tls_name='smsc.example')
    w.rows = w.rows[-(len(w.rows) - last_start(w.rows)):]
    w.safard.set('gateways', w.rows)
    w.safard.start()
    time.sleep(2)


def last_start(rows):
    return max(at for at, line in enumerate(rows) if line.startswith('  - '))


def run_row(w, operation, case, function):
    w.name = '%s: %s' % (operation, case)
    w.failed[w.name] = False
    try:
        function(w)
    except (kit.TooLong, IndexError, KeyError, TypeError) as error:
        w.ok(False, 'runs to its end', repr(error))


def run(tap, stage):
    w = World(tap, stage)
    build(w, stage)
    w.safard.start()
    for operation, case, function in ROWS:
        if function is not link.tls_name:
            run_row(w, operation, case, function)
    for w.name, later in w.late:
        later()
    numbers = ['+9965557%05d' % n for n in range(1, w.count + 1)]
    since = w.peer.now()
    tap.eq(w.safard.stop(), 0, 'safard ends well')
    unbinds = w.places['trx'].wait(5, since, ev='pdu', command='unbind')
    tap.ok(unbinds, 'unbind: by us: said at the end')
    kit.expect_no_traces(tap, stage, w.safard.files(), numbers,
                         [LONG, LONG_RU])
    tls_rename(w, stage)
    run_row(w, *[r for r in ROWS if r[2] is link.tls_name][0])
    tap.eq(w.safard.stop(), 0, 'safard ends well again')
    tell(tap, w)


def tell(tap, w):
    """The table."""
    tap.note('conformance against npm smpp:')
    for operation, case, _function in ROWS:
        name = '%s: %s' % (operation, case)
        tap.note('  %-4s %-32s %s' % (
            'FAIL' if w.failed.get(name, True) else 'ok', operation, case))
    tap.note('%d rows, %d operations, %d checks' % (
        len(ROWS), len({r[0] for r in ROWS}), tap.run))
    tap.eq([n for n, bad in w.failed.items() if bad], [], 'every row holds')
    tap.eq(set(w.failed), {'%s: %s' % r[:2] for r in ROWS},
           'every row was run')


if __name__ == '__main__':
    kit.main(run, 600)
