#!/usr/bin/env python3
"""services_rps: how often a second the console answers GET /services, a page
of 50 of 5,000 services, to wrk: one core of the console, one of wrk.
services_cpu_us: what an answer costs the console, whoever else is at work."""

import csv
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'real'))
import kit  # noqa: E402
from console import Console  # noqa: E402

SERVICES = 5000
SECONDS = 5
RUNS = 5


def listings(path):
    topics = ['documents', 'jobs', 'wages', 'legal', 'health', 'shelter']
    places = [('kg', 'kg-osh'), ('ru', 'ru-moscow'), ('kz', 'kz-astana')]
    with open(path, 'w', newline='', encoding='utf-8') as f:
        out = csv.writer(f, lineterminator='\n')
        out.writerow(['id', 'name_en', 'country', 'places', 'topics', 'kind',
                      'listing', 'name_ru', 'email', 'hours',
                      'description_en'])
        for number in range(SERVICES):
            country, place = places[number % 3]
            out.writerow([
                'made-%04d' % number, 'Office %d' % number, country, place,
                topics[number % 6], 'ngo', 'callers-after-check',
                'Приёмная %d' % number, 'help%d@example.org' % number,
                'Mon-Fri 09:00-18:00', 'Advice about papers and wages, in '
                'its office and by telephone, on every working day.'])


def cpu_s(pid):
    with open('/proc/%d/stat' % pid, encoding='ascii') as f:
        words = f.read().rsplit(')', 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


def run(stage):
    console = Console(stage, start=False)
    path = stage.path('made.csv')
    listings(path)
    console.safard.ctl('--data', console.data, 'directory', 'import', path)
    console.safard.ctl('--data', console.data, 'publish')
    console.start()
    url = 'http://127.0.0.1:%d/services' % console.port
    status, page = console.nobody().get('/services')
    assert status == 200 and page['total_items'] > SERVICES, status
    found, costs = [], []
    for _run in range(RUNS):
        before = cpu_s(console.process.pid)
        said = subprocess.run(
            ['wrk', '-t1', '-c16', '-d%d' % SECONDS, url],
            stdout=subprocess.PIPE, check=True).stdout.decode()
        assert 'Non-2xx' not in said, said
        found.append(float(re.search(r'Requests/sec:\s+([\d.]+)',
                                     said).group(1)))
        costs.append((cpu_s(console.process.pid) - before) * 1e6 /
                     int(re.search(r'(\d+) requests in', said).group(1)))
    print('services_rps %.0f 1/s' % kit.median(found), flush=True)
    print('services_cpu_us %.1f us' % kit.median(costs), flush=True)
    console.stop()


if __name__ == '__main__':
    if shutil.which('wrk') is None:
        print('# services_rps: left out, wrk is not installed')
        sys.exit(0)
    with kit.Stage() as stage:
        run(stage)
