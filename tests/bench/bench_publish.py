#!/usr/bin/env python3
"""bench_publish.py - an edition of 5,000 services in seven languages, published
while a hundred texts a second are answered.

    publish_5000_ms              from the command to its end
    take_up_5000_ms              until texts are answered from the new edition
    sms_p99_ms_before_publish    from a text to its answer
    sms_p99_ms_during_publish    until the new edition is taken up
    sms_max_ms_during_publish
    console_search_p50_ms        a page of found listings, by HTTP
    console_listing_p50_ms       one listing
"""

import csv
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'real'))
# pylint: disable=wrong-import-position
import kit  # noqa: E402
from safard import BIN, Safard  # noqa: E402

SERVICES = 5000
PER_S = 100
ROUNDS = 3
NAMES = {
    'en': 'Centre for migrant workers', 'ru': 'Центр помощи мигрантам',
    'ky': 'Мигранттарга жардам борбору',
    'tg': 'Маркази кӯмак ба муҳоҷирон',
    'uz': 'Mehnat migrantlariga yordam markazi',
    'uz_cyrl': 'Меҳнат мигрантларига ёрдам маркази',
    'kk': 'Мигранттарға көмек орталығы',
}
TEXTS = ('айлык Ош', 'адвокат Москва', 'маош намедиҳанд', 'help', 'меню',
         'документы Алматы', 'ish haqi Toshkent')


def listings(path):
    """The numbers are reserved for fiction."""
    chance = random.Random(7)
    with open(os.path.join(kit.ROOT, 'content', 'gazetteer.csv'),
              encoding='utf-8') as file:
        places = [row for row in csv.DictReader(file)
                  if row['kind'] in ('city', 'region')]
    rows = []
    for i in range(SERVICES):
        place = chance.choice(places)
        row = {'id': 'made-%04d' % i, 'country': place['country'],
               'places': place['id'], 'kind': 'ngo',
               'topics': ';'.join(chance.sample(
                   ('wages', 'legal', 'documents', 'jobs'), 2)),
               'listing': 'callers-after-check',
               'phone_e164': '+1202555%04d' % (100 + i % 100),
               'email': 'desk%d@example.org' % i,
               'website': 'https://example.org/%d' % i,
               'address': '%d, Street' % i, 'languages': 'ru;ky',
               'hours': 'Mon-Fri 09:00-18:00', 'checked': '2026-09-14'}
        for lang, name in NAMES.items():
            row['name_' + lang] = '%s %d' % (name, i)
            row['description_' + lang] = (name + '. ') * 4
        rows.append(row)
    with open(path, 'w', encoding='utf-8', newline='') as file:
        out = csv.DictWriter(file, sorted(rows[0]))
        out.writeheader()
        out.writerows(rows)


class Phones:
    """A hundred texts a second, evenly, from people who wrote before."""

    def __init__(self, data):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.connect(os.path.join(data, 'phone.sock'))
        self.sent, self.took = {}, []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True)
                        for work in (self.write, self.read)]
        for thread in self.threads:
            thread.start()

    def write(self):
        due, n = time.monotonic(), 0
        while not self.stopped.is_set():
            time.sleep(max(0, due - time.monotonic()))
            number = '+996555%06d' % (n % 5000)
            self.sent.setdefault(number, []).append(due)
            self.link.sendall((json.dumps({
                'from': number, 'to': '1414', 'id': 'b%d' % n,
                'text': TEXTS[n % len(TEXTS)]}) + '\n').encode())
            n += 1
            due += 1 / PER_S

    def read(self):
        for line in self.link.makefile('r', encoding='utf-8'):
            got = json.loads(line)
            if 'text' in got:
                now = time.monotonic()
                began = self.sent[got['to']].pop(0)
                self.took.append((began, (now - began) * 1000))

    def between(self, since, until):
        return [ms for began, ms in self.took if since <= began <= until]

    def stop(self):
        self.stopped.set()
        self.threads[0].join()
        self.link.shutdown(socket.SHUT_RDWR)


def tell(name, value, unit='ms'):
    print('%s %.2f %s' % (name, value, unit), flush=True)


def edition(safard):
    """From its log, which costs it nothing."""
    with open(safard.process.log, 'rb') as log:
        lines = [line for line in log if b'ev=edition ' in line]
    return int(lines[-1].rsplit(b'number=', 1)[1]) if lines else 0


def published(safard):
    """(ms of the command, ms until it is taken up, when it was)"""
    # without a change there is nothing to publish
    safard.ctl('--data', safard.data, 'directory', 'verify', 'made-0017',
               '--how', 'phone', '--who', 'bench')
    before, began = edition(safard), time.monotonic()
    subprocess.run([os.path.join(BIN, 'safarctl'), '--data', safard.data,
                    'publish'], cwd=kit.ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    ended = time.monotonic()
    kit.wait_for('the edition', 60, lambda: edition(safard) > before, 0.01)
    taken = time.monotonic()
    return (ended - began) * 1000, (taken - ended) * 1000, taken


def median_of(who, method, *args):
    took = []
    for _ in range(50):
        began = time.monotonic()
        status, _body = getattr(who, method)(*args)
        assert status == 200, status
        took.append((time.monotonic() - began) * 1000)
    return kit.median(took)


def pages(stage, safard):
    from console import Console  # pylint: disable=import-outside-toplevel
    console = Console(stage, folder=safard)
    anna = console.user('anna', 'operator')
    tell('console_search_p50_ms', median_of(
        anna, 'post', '/api/listings/search', {'topic': 'wages',
                                               'place': 'kg-osh'}))
    tell('console_find_p50_ms', median_of(
        anna, 'post', '/api/listings/search', {'q': 'migrant 17'}))
    tell('console_listing_p50_ms', median_of(
        anna, 'get', '/api/listings/made-0017'))
    console.stop()


def main():
    with kit.Stage() as stage:
        safard = Safard(stage)
        path = stage.path('made.csv')
        listings(path)
        safard.ctl('--data', safard.data, 'directory', 'import', path,
                   seconds=120)
        safard.ctl('--data', safard.data, 'publish', seconds=60)
        safard.start()
        phones = Phones(safard.data)
        time.sleep(5)
        calm = (time.monotonic() - 4, time.monotonic())
        rounds, busy = [], []
        for _ in range(ROUNDS):
            began = time.monotonic()
            took, taken_up, until = published(safard)
            time.sleep(0.5)
            rounds.append((took, taken_up))
            busy += phones.between(began, until)
            time.sleep(1)
        phones.stop()
        tell('publish_5000_ms', kit.median([took for took, _ in rounds]))
        tell('take_up_5000_ms', kit.median([taken for _, taken in rounds]))
        tell('sms_p99_ms_before_publish',
             kit.quantile(phones.between(*calm), 0.99))
        tell('sms_p99_ms_during_publish', kit.quantile(busy, 0.99))
        tell('sms_max_ms_during_publish', max(busy))
        tell('sms_during_publish', len(busy), 'texts')
        pages(stage, safard)


if __name__ == '__main__':
    main()
