#!/usr/bin/env python3
"""Listings in and out of the console over HTTP, and the public API: good ones,
bad rows told one by one, traps refused, what comes out goes in again."""

import io
import json
import os
import random
import sqlite3
import zipfile

import kit
import openapi
from console import Console, texts
from safard import Safard

HEAD = 'id,name_en,country,places,topics,kind,listing,phone_e164,notes\n'
SECRET = 'Hidden Street'


def sheet(rows, head=HEAD):
    return (head + ''.join(','.join(row) + '\n' for row in rows)).encode()


def desk(number, **more):
    row = {'id': 'desk-%d' % number, 'name_en': 'Desk %d' % number,
           'country': 'kg', 'places': 'kg-osh', 'topics': 'wages',
           'kind': 'ngo', 'listing': 'callers-after-check',
           'phone': '+12025550%03d' % number, 'notes': 'kept inside'}
    row.update(more)
    return list(row.values())


def package(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name.replace('__', '/') + '.csv', text)
    return out.getvalue()


class Exchange:
    """A user who brings things in and takes them out."""

    def __init__(self, tap, client):
        self.tap = tap
        self.client = client

    def look(self, kind, raw):
        return self.client.ask(
            'POST', '/api/imports?kind=' + kind, raw=raw,
            headers={'Content-Type': 'application/octet-stream'})

    def apply(self, number):
        status, got = self.client.post('/api/imports/%s/apply' % number)
        assert status == 200, (status, got)

        def ended():
            _status, job = self.client.get('/api/jobs/%d' % got['job'])
            return job if job['state'] != 'running' else None
        return kit.wait_for('the import', 120, ended)

    def refused(self, kind, raw, word, name):
        """Told in words, and nothing is left."""
        status, got = self.look(kind, raw)
        self.tap.ok(status == 422 and got['error'] == 'import_unreadable' and
                    word in got['detail']['why'] and
                    'error.' + got['detail']['reason'] in texts(), name,
                    status, got)

    def put(self, kind, raw):
        status, got = self.look(kind, raw)
        assert status == 200, (status, got)
        return got, self.apply(got['id'])


def codes(got):
    return sorted((row['file'], row['row'], error['field'], error['code'])
                  for row in got['rows'] for error in row['errors'])


def test_sheet(tap, user):
    rows = [desk(1), desk(2, topics='wagse'), desk(3),
            desk(4, phone='12'), desk(5, country='kyrgyzstan'), desk(6)]
    status, got = user.look('csv', sheet(rows))
    tap.eq((status, got['summary']),
           (200, {'add': 3, 'change': 0, 'same': 0, 'bad': 3}),
           'a sheet with three bad rows is told row by row')
    tap.eq(codes(got),
           [('listings.csv', 3, 'topics', 'refused'),
            ('listings.csv', 5, 'phone_e164', 'refused'),
            ('listings.csv', 6, 'country', 'refused')],
           'each with its row, its field and why')
    tap.eq([row['result'] for row in got['rows']][:3], ['bad'] * 3,
           'the bad ones first')
    job = user.apply(got['id'])
    tap.eq((job['state'], job['result']['changed'], job['result']['bad']),
           ('done', 3, 3), 'the good ones are put in')
    status, got = user.look('csv', sheet(rows))
    tap.eq(got['summary'], {'add': 0, 'change': 0, 'same': 3, 'bad': 3},
           'and are the same the next time')
    status, got = user.look(
        'csv', '\ufeffID;name_en;phone_e164;country;extra\r\n'
        'desk-1;Пункт 1;+1 202 555-0111;kg;x\r\n'.encode())
    tap.eq(got['summary'], {'add': 0, 'change': 1, 'same': 0, 'bad': 0},
           "';', CRLF, a byte order mark, columns left out, one too many")
    text = ('id;name_en;name_ru\r\n' + ''.join(
        'desk-%d;Desk %d;Помощь трудовым мигрантам, консультации юриста и '
        'восстановление документов\r\n' % (n, n) for n in (1, 3))).encode(
            'cp1251')
    status, got = user.look('csv', text)
    tap.eq((status, got.get('summary')),
           (200, {'add': 0, 'change': 2, 'same': 0, 'bad': 0}),
           'Windows-1251 that cannot be anything else is converted')
    user.refused('csv', b'id;name_en\r\na;\xcf\xf0\xe8\xe2\r\n',
                 'Windows-1251', 'where it is doubtful it is named')
    user.refused('csv', b'name,phone\na,b\n', 'column "id"',
                 'a sheet without ids')


def test_traps(tap, user):
    with_dots = io.BytesIO()
    with zipfile.ZipFile(with_dots, 'w') as z:
        z.writestr('../../etc/services.csv', 'id\n')
    user.refused('hsds', with_dots.getvalue(), '..',
                 'names that lead out of the package')
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('services.csv', b'0' * (40 << 20))
    user.refused('hsds', bomb.getvalue(), 'grows', 'a zip bomb')
    large = io.BytesIO()
    with zipfile.ZipFile(large, 'w', zipfile.ZIP_DEFLATED) as z:
        for number in range(20):
            z.writestr('%d.bin' % number, b'0' * (10 << 20))
    user.refused('hsds', large.getvalue(), '64 MB', 'more than fits unpacked')
    many = io.BytesIO()
    with zipfile.ZipFile(many, 'w') as z:
        for number in range(300):
            z.writestr('%d.csv' % number, 'id\n')
    user.refused('hsds', many.getvalue(), 'more than 256', 'too many files')
    whole = package(services='id\n', organizations='id\n')
    user.refused('hsds', whole[:len(whole) // 2], 'zip', 'half a zip')
    user.refused('hsds', b'GIF89a' * 50, 'zip', 'a picture')
    user.refused('hsds_json', b'{"id": "1", ', 'JSON', 'half a JSON')
    user.refused('hsds_json', b'[' * 100000, 'JSON', 'brackets without end')
    status, _got = user.look('exe', b'MZ')
    tap.eq(status, 422, 'a kind that is none')
    try:
        status, got = user.look('csv', os.urandom(1 << 20) * 50)
        error = got.get('error') if isinstance(got, dict) else got
    except OSError:
        status, error = 413, 'cut off'
    tap.ok(status == 413, 'an upload of 50 MB is refused', status, error)
    status, _got = user.client.get('/api/me')
    tap.eq(status, 200, 'and the console lives')


ORG = '11111111-1111-4111-8111-111111111111'
SERVICE = '22222222-2222-4222-8222-22222222222%d'


def test_foreign(tap, user):
    files = {
        'organizations': 'id,name,description\n%s,Migrant Aid,Helps\n' % ORG,
        'services': 'id,organization_id,name,status\n' + ''.join(
            '%s,%s,%s,active\n' % (SERVICE % n, org, name)
            for n, org, name in ((1, ORG, 'Legal advice'),
                                 (2, ORG, 'Food parcels'),
                                 (3, 'nobody', 'Lost service'))),
        'phones': 'id,number,service_id\np1,+1 202 555 0177,%s\n'
                  'p2,1,none\n' % (SERVICE % 1),
        'taxonomy_terms': 'id,name,description\nt1,Legal aid,\nt2,Food,\n',
        'attributes': 'id,link_id,link_entity,taxonomy_term_id\n'
                      'a1,%s,service,t1\na2,%s,service,t2\n'
                      % (SERVICE % 1, SERVICE % 2),
        'service_areas': 'id,service_id,name\ns1,%s,Бишкек\n' % (SERVICE % 1),
    }
    status, got = user.look('hsds', package(**files))
    tap.eq((status, got['summary']['add'], codes(got)),
           (200, 2, [('phones.csv', 3, 'service_id', 'broken_reference'),
                     ('services.csv', 4, 'organization_id',
                      'broken_reference')]),
           "another directory's package: broken references are told")
    job = user.apply(got['id'])
    tap.eq(job['state'], 'done', 'what is whole is put in')
    _status, legal = user.client.get('/api/listings/' + SERVICE % 1)
    _status, food = user.client.get('/api/listings/' + SERVICE % 2)
    tap.eq([legal['listing'][k] for k in
            ('name_en', 'topics', 'places', 'visibility')],
           ['Migrant Aid: Legal advice', ['legal'], ['kg-bishkek'],
            'callers-after-check'], 'terms and places by their names')
    tap.eq((food['listing']['topics'], food['listing']['visibility'],
            'Food' in food['listing']['notes']), ([], 'operators', True),
           'without a topic of ours it is for operators, its terms noted')
    one = {'id': SERVICE % 1, 'name': 'Legal advice', 'status': 'inactive',
           'organization': {'id': ORG, 'name': 'Migrant Aid',
                            'description': 'Helps'}}
    for name, value in (('an object', one), ('an array', [one]),
                        ('a Page', {'contents': [one], 'page_number': 1})):
        status, got = user.look('hsds_json', json.dumps(value).encode())
        tap.eq((status, got.get('summary')),
               (200, {'add': 0, 'change': 1, 'same': 0, 'bad': 0}),
               '%s of JSON' % name)
    user.apply(got['id'])
    _status, legal = user.client.get('/api/listings/' + SERVICE % 1)
    tap.eq((legal['listing']['status'], legal['listing']['phones'][0]['number']
            if legal['listing']['phones'] else None, food['id']),
           ('inactive', '+12025550177', SERVICE % 2),
           'inactive is taken; what it does not name stays')


def test_round(tap, stage, user):
    """Out of one console and into an empty one."""
    random.seed(20261122)
    rows = [desk(n, id='gen-%04d' % n, name_en='"=Desk ""%d"", 😀 שלום"' % n,
                 phone='+1202555%04d' % (100 + n % 100),
                 notes='"line\nline; %s"' % random.random())
            for n in range(5000)]
    _look, job = user.put('csv', sheet(rows))
    tap.eq(job['result']['changed'], 5000, '5,000 listings more')
    other = Console(stage, folder=Safard(stage, name='other'))
    there = Exchange(tap, other.user('Bek', 'administrator'))
    status, first = user.client.get('/api/export/hsds.zip')
    empty(other.data)
    _look, job = there.put('hsds', first)
    tap.eq((job['state'], job['result']['bad']), ('done', 0),
           'their package is read into an empty directory without an error')
    status, again = there.client.get('/api/export/hsds.zip')
    tap.ok(first == again, 'and comes back to the byte',
           len(first), len(again))
    status, first = user.client.get('/api/export/services.ndjson')
    tap.eq((status, first.count(b'\n') > 5000), (200, True), 'lines of JSON')
    empty(other.data)
    path = stage.path('services.ndjson')
    with open(path, 'wb') as f:
        f.write(first)
    other.safard.ctl('--data', other.data, 'directory', 'import', path)
    status, again = there.client.get('/api/export/services.ndjson')
    tap.ok(first == again, 'come back to the byte, too',
           len(first), len(again))
    status, text = user.client.get('/api/export/listings.csv')
    tap.ok(status == 200 and b"'=Desk" in text and b"'+1202" in text and
           b'\n=' not in text, 'formulas are harmless in the sheet')
    look, _job = there.put('csv', text)
    tap.eq((look['summary']['add'], look['summary']['change'],
            look['summary']['bad']), (0, 0, 0), 'and it changes nothing')
    other.stop()


def test_large(tap, stage):
    """What 5,000 services are as JSON goes in again."""
    console = Console(stage, folder=Safard(stage, name='large'), start=False)
    path = stage.path('large.csv')
    about = 'Advice about papers and wages and return in the office. ' * 3
    with open(path, 'wb') as file:
        file.write(sheet([(
            'made-%d' % number, 'Office %d' % number, 'Приёмная %d' % number,
            'kg', 'kg-osh;kg-bishkek', 'wages;documents;legal',
            'ngo', 'callers-after-check', '+1202555%04d' % number, about, about)
            for number in range(5000)],
            'id,name_en,name_ru,country,places,topics,kind,listing,phone_e164,'
            'description_en,description_ru\n'))
    console.safard.ctl('--data', console.data, 'directory', 'import', path,
                       seconds=120)
    console.safard.ctl('--data', console.data, 'publish', seconds=60)
    console.start()
    user = Exchange(tap, console.user('Bermet', 'administrator'))
    status, lines = user.client.get('/api/export/services.ndjson')
    tap.ok(status == 200 and len(lines) > 20 << 20,
           '5,000 services are more than 20 MB', status, len(lines))
    status, got = user.look('hsds_json', lines)
    tap.ok(status == 200 and got['summary']['same'] >= 5000
           and got['summary']['bad'] == 0, 'and can be imported', status,
           got.get('summary') or got)
    console.stop()


def empty(data):
    """A directory.db as it is before anything is put in."""
    base = sqlite3.connect(os.path.join(data, 'directory.db'))
    base.execute('PRAGMA foreign_keys = OFF')
    for table in ('phone', 'address', 'schedule', 'language', 'service_area',
                  'attribute', 'translation', 'visibility', 'verification',
                  'service_at_location', 'service', 'location',
                  'organization_identifier', 'organization', 'taxonomy_term',
                  'taxonomy', 'accessibility', 'required_document', 'listing',
                  'listing_text'):
        base.execute('DELETE FROM ' + table)
    base.commit()
    base.close()


def test_who(tap, console, user):
    raw = sheet([desk(60)])
    reviewer = Exchange(tap, console.user('Rita', 'reviewer'))
    tap.eq(reviewer.look('csv', raw)[0], 403, 'a reviewer brings nothing in')
    tap.eq(reviewer.client.get('/api/export/hsds.zip')[0], 403,
           'nor takes it out')
    status, got = user.look('csv', raw)
    other = console.user('Omar', 'operator')
    tap.eq(other.post('/api/imports/%s/apply' % got['id'])[0], 404,
           "nobody applies another's upload")
    tap.eq(console.nobody().get('/api/export/hsds.zip')[0], 401,
           'nobody without a name')
    _status, audit = user.client.get('/api/audit')
    actions = {row['action'].split()[0] for row in audit['rows']}
    tap.ok({'import_read', 'import', 'export'} <= actions,
           'each has its row in the audit', actions)


def test_approval(tap, stage):
    console = Console(stage, ['approval: yes'],
                      folder=Safard(stage, name='approval'))
    user = Exchange(tap, console.user('Anna', 'operator'))
    _look, job = user.put('csv', sheet([desk(1), desk(2)]))
    tap.eq((job['result']['changed'], job['result']['submitted']), (0, 2),
           'where a second person approves, drafts are submitted')
    _status, drafts = user.client.get('/api/drafts')
    rows = drafts if isinstance(drafts, list) else drafts.get('rows', drafts)
    tap.eq(len(rows), 2, 'they wait')
    _look, job = user.put('csv', sheet([desk(1)]))
    tap.eq(job['result']['draft_in_the_way'], 1, "nobody's draft is run over")
    console.stop()


def test_public(tap, console, user):
    nobody = console.nobody()
    user.put('csv', sheet([
        desk(70), desk(71, listing='operators'),
        desk(72, listing='never-exported', name_en=SECRET)]))
    console.safard.ctl('--data', console.data, 'publish')

    def published():
        status, got = nobody.get('/services?search=desk%2070')
        return status == 200 and got['total_items'] == 1
    kit.wait_for('the edition', 30, published)
    tap.eq(nobody.get('/')[1]['version'], '3.0', 'GET / names the standard')
    tap.eq(nobody.get('/services?search=desk%2071')[1]['total_items'], 0,
           'what is for operators is not given out')
    status, lines = nobody.get('/services?format=ndjson&full=true')
    tap.ok(status == 200 and SECRET.encode() not in lines and
           b'kept inside' not in lines, 'nor what is hidden, nor notes')
    status, zipped = user.client.get('/api/export/hsds.zip')
    with zipfile.ZipFile(io.BytesIO(zipped)) as z:
        whole = b''.join(z.read(name) for name in z.namelist())
    tap.ok(SECRET.encode() not in whole and b'kept inside' in whole,
           'never exported is in no export, notes are in ours')
    services = [json.loads(line) for line in lines.splitlines()]
    first = services[0]
    _status, page = nobody.get('/services?per_page=7&page=2')
    tap.eq((len(page['contents']), page['page_number'], page['first_page']),
           (7, 2, False), 'pages')
    term = first['attributes'][0]['taxonomy_term']['id']
    _status, page = nobody.get('/services?taxonomy_term_id=' + term)
    tap.eq(page['total_items'], sum(
        any(a['taxonomy_term']['id'] == term for a in s['attributes'])
        for s in services), 'by term')
    _status, page = nobody.get(
        '/services?minimal=true&modified_after=2999-01-01')
    tap.eq(page['total_items'], 0, 'nothing was modified in a thousand years')
    for bad in ('page=0', 'per_page=100000', 'modified_after=yesterday',
                'format=xml'):
        tap.eq(nobody.get('/services?' + bad)[0], 400, 'refused: ' + bad)
    tap.eq(nobody.get('/services/none')[0], 404, 'no such service')
    document = nobody.get('/openapi.json')[1]
    wrong = openapi.check_document(document)
    tap.eq(wrong, [], 'the OpenAPI document is sound')
    for path, ids in openapi.paths(document):
        for query in ('', '?full=true', '?minimal=true') if not ids else ('',):
            url = path
            if ids:
                page = nobody.get(path.rsplit('/', 1)[0])[1]
                url = path.replace('{id}', page['contents'][0]['id'])
            status, got = nobody.get(url + query)
            wrong = openapi.check_answer(document, path, status, got)
            tap.ok(status == 200 and not wrong, 'as described: %s%s' %
                   (path, query), *wrong[:5])


def test_public_off(tap, stage):
    console = Console(stage, ['public_api: no'],
                      folder=Safard(stage, name='closed'))
    nobody = console.nobody()
    tap.eq([nobody.get(path)[0] for path in ('/services', '/', '/openapi.json')],
           [404] * 3, 'the public API can be turned off')
    console.stop()


def run(tap, stage):
    console = Console(stage)
    user = Exchange(tap, console.user('Aigul', 'administrator'))
    test_sheet(tap, user)
    test_traps(tap, user)
    test_foreign(tap, user)
    test_round(tap, stage, user)
    test_who(tap, console, user)
    test_public(tap, console, user)
    test_large(tap, stage)
    test_approval(tap, stage)
    test_public_off(tap, stage)
    left = os.listdir(os.path.join(console.data, 'console'))
    tap.ok(not any(name.endswith('.report') or name.startswith('export-')
                   for name in left), 'nothing half-made is left', left)
    tap.ok(console.process.alive(), 'the console still runs')


if __name__ == '__main__':
    kit.main(run, 600)
