#!/usr/bin/env python3
"""Reports over HTTP: what staff and partners are told of a log that safard has
counted, and what nobody is; texts without an answer; words that are taught."""

import base64
import csv
import io
import os
import sqlite3

import asked
import kit
from console import Console
from asked import Request

DAY = asked.today()
WEEK = asked.monday(DAY) - 28   # a whole one, four weeks ago
FROM, TO = asked.date(WEEK), asked.date(WEEK + 6)

ROWS = [
    (Request(WEEK, 'kg', 'ky', 'wages', 'kg-osh', listings='adilet'), 20),
    (Request(WEEK + 1, 'kg', 'ru', 'wages', 'kg-bishkek'), 11),
    (Request(WEEK + 2, 'tj', 'tg', 'legal', 'ru-khimki',
             listings='adilet sezim'), 13),
    (Request(WEEK + 2, 'tj', 'tg', 'hiv', 'ru-khimki'), 3),
    (Request(WEEK + 3, 'uz', 'uz', 'shelter', 'ru-moscow', 'no_listing'), 8),
    (Request(WEEK + 3, 'uz', 'uz', '', '', 'no_match'), 6),
    (Request(WEEK + 4, 'kg', 'ky', '=cmd', '', channel='voice'), 9),
    (Request(WEEK - 3, 'kg', 'ky', 'wages'), 10),
    (Request(DAY - 12, 'uz', 'uz', 'shelter', 'ru-moscow', 'no_listing'), 7),
    (Request(DAY - 2, 'kg', 'ky', 'wages'), 25),
]


def by_key(report):
    return {row['key']: row['count'] for row in report['rows']}


def ask(client, by, from_=FROM, to=TO, **where):
    return client.post('/api/reports', {
        'from': from_, 'to': to, 'by': by, 'where': where})


def staff(tap, anna):
    status, r = ask(anna, 'topic')
    tap.eq(status, 200, 'a question is answered')
    tap.eq((r['from'], r['to']), (FROM, TO), 'of the week')
    tap.eq(by_key(r), {'wages': 30, 'legal': 15, 'shelter': 10, '=cmd': 10},
           'rounded to fives; 3 and, for their sake, the next 6 are not told')
    tap.eq(r['total'], 70, 'of 70 together')
    rows = {row['key']: row for row in r['rows']}
    tap.eq((rows['wages']['before'], r['total_before']), (10, 10),
           'beside the week before')
    status, r = ask(anna, 'country', topic='hiv')
    tap.eq((r['rows'], r['total']), ([], None), 'nor is it told otherwise')
    status, r = ask(anna, 'place', topic='wages')
    tap.eq(by_key(r), {'kg-osh': 20, 'kg-bishkek': 10, '': None},
           'places as they are; null: told only of the week before')
    status, r = ask(anna, 'day')
    tap.eq([row['count'] for row in r['rows'][:3]], [20, 10, 15],
           'day by day')
    status, r = ask(anna, 'listing')
    tap.eq(by_key(r), {'adilet': 35, 'sezim': 15}, 'listings given out')
    status, r = ask(anna, 'topic', asked.date(DAY - 3),
                    asked.date(DAY))
    tap.eq((r['to'], by_key(r)), (asked.date(DAY - 1), {'wages': 25}),
           'until yesterday')
    for body, field in (
            ({'from': 'x', 'to': TO, 'by': 'topic'}, 'from'),
            ({'from': FROM, 'to': '2026-02-30', 'by': 'topic'}, 'to'),
            ({'from': TO, 'to': FROM, 'by': 'topic'}, 'to'),
            ({'from': FROM, 'to': TO, 'by': 'person'}, 'by'),
            ({'from': FROM, 'to': TO, 'by': 'topic',
              'where': {'person': 'ann'}}, 'where'),
            ({'from': FROM, 'to': TO, 'by': 'topic', 'where': ['x']},
             'where')):
        status, r = anna.post('/api/reports', body)
        tap.eq((status, list(r['detail']['fields'])), (422, [field]),
               'refused: ' + field)


def more(tap, there, anna):
    status, r = anna.post('/api/reports/unanswered',
                          {'from': FROM, 'to': TO})
    tap.eq((status, r['missing']),
           (200, [{'topic': 'shelter', 'country': 'uz', 'place': 'ru-moscow',
                   'count': 10}]), 'asked for and not found')
    tap.eq([row['key'] for row in r['no_match']['langs']], ['uz'],
           'and not understood')
    status, r = anna.post('/api/reports/cost', {'from': FROM, 'to': TO})
    tap.eq((status, r['rows'][0]['parts'], r['rows'][0]['cost'],
            r['totals']),
           (200, 120, '102.00', [{'currency': 'KGS', 'cost': '102.00'}]),
           'parts and what they cost')
    status, r = anna.get('/api/reports/monthly?month=' +
                         asked.date(WEEK)[:7])
    tap.ok(status == 200 and r['countries'] and r['topics'],
           'a month for the bulletin', r)
    told = there.safard.ctl('--data', there.data, 'report', '--month',
                            asked.date(WEEK)[:7])
    tap.ok('requests' in told and 'wages' in told and 'hiv' not in told,
           'and on paper', told)
    tap.eq(anna.get('/api/reports/monthly?month=2026')[0], 422,
           'a month is a month')
    status, data = anna.post('/api/reports.csv', {
        'from': FROM, 'to': TO, 'by': 'topic', 'where': {'channel': 'voice'}})
    tap.ok(status == 200 and data.startswith(b'\xef\xbb\xbf'), 'a sheet')
    rows = list(csv.reader(io.StringIO(data.decode('utf-8-sig'))))
    tap.eq(rows[0], ['topic', 'name', 'count', 'before'], 'with its columns')
    tap.eq(rows[1], ["'=cmd", "'=cmd", '10', ''], 'no field is a formula')
    tap.ok('attachment' in anna.headers.get('content-disposition', ''),
           'to be saved', anna.headers)


def partner(tap, there):
    kim = there.user('kim', 'reviewer', '--topics', 'wages;legal')
    status, r = ask(kim, 'place')
    tap.eq((status, [row['key'] for row in r['rows']][:1]),
           (200, ['kg-osh']), 'a city of a rank of its own')
    tap.ok('ru-khimki' not in by_key(r), 'else regions', r['rows'])
    tap.eq(by_key(ask(kim, 'topic')[1]), {'wages': 30, 'legal': 15},
           'topics of its own')
    tap.eq(ask(kim, 'country', topic='shelter')[1]['rows'], [],
           'of no others')
    status, r = ask(kim, 'day')
    tap.eq((status, r['error']), (403, 'grain'), 'no days')
    status, r = ask(kim, 'topic', asked.date(WEEK + 2),
                    asked.date(WEEK + 3))
    tap.eq((r['from'], r['to']), (FROM, TO), 'but whole weeks')
    status, r = ask(kim, 'topic', asked.date(DAY - 3), asked.date(DAY))
    tap.eq((r['rows'], r['total']), ([], None), 'a week later')
    tap.eq(kim.post('/api/reports/cost', {'from': FROM, 'to': TO})[0], 403,
           'no costs')
    status, r = kim.post('/api/reports/unanswered', {'from': FROM, 'to': TO})
    tap.eq((status, r['missing']), (200, []), 'no single spots')
    otto = there.user('otto', 'operator', '--topics', 'shelter')
    mary = there.user('mary', 'operator')
    tap.eq([[spot['place'] for spot in who.get('/api/worklist')[1]['missing']]
            for who in (mary, otto)], [['ru-moscow'], []],
           'nor in a list of work')
    org = there.user('org', 'reviewer', '--orgs', 'sezim')
    tap.eq(by_key(ask(org, 'listing')[1]), {'sezim': 15}, 'its own listing')
    tap.eq(ask(org, 'place')[0], 422, 'of which places are not counted')


def unmatched(tap, there):
    base = sqlite3.connect(os.path.join(there.data, 'hotline.db'), timeout=10)
    with base:
        for at, country in enumerate(('kg', 'tj', 'tj'), 1):
            base.execute('INSERT INTO unmatched VALUES (?, ?, ?, ?, ?)',
                         ((DAY << 40) + at, DAY * asked.DAY_MS, country, 'ru',
                          b'sealed %d' % at))
    lena = there.user('lena', 'reviewer', '--countries', 'tj')
    status, rows = lena.get('/api/unmatched')
    tap.eq((status, [(row['country'], row['day'],
                      base64.b64decode(row['sealed'])) for row in rows]),
           (200, [('tj', asked.date(DAY), b'sealed 2'),
                  ('tj', asked.date(DAY), b'sealed 3')]),
           'texts of a country, sealed as they are')
    status, chain = there.user('root', 'administrator').get('/api/audit')
    tap.ok(any(row['who'] == 'lena' and 'texts' in row['action'] and
               row['whole'] for row in chain['rows']),
           'the look is in the chain', chain)
    boris = there.user('boris', 'reviewer', '--topics', 'wages')
    tap.eq(boris.get('/api/unmatched')[0], 403,
           'who may see topics only sees none')
    tap.eq(there.user('olga', 'operator').get('/api/unmatched')[0], 403,
           'nor who is no reviewer')
    with base:
        base.execute('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1'
                     ' FROM n WHERE i < 300) INSERT INTO unmatched SELECT'
                     ' ? + i, ?, \'tj\', \'ru\', zeroblob(60000) FROM n',
                     ((DAY << 40) + 100, DAY * asked.DAY_MS))
    status, rows = lena.get('/api/unmatched')
    tap.ok(status == 200 and 200 < len(rows) < 302,
           'very long ones as far as an answer goes', (status, len(rows)))
    with base:
        base.execute('DELETE FROM unmatched WHERE length(sealed) > 100')
    base.close()
    return lena, boris


def words(tap, there, lena, boris):
    word = {'word': 'зарплатушк*', 'topic': 'wages', 'lang': 'ru'}
    for change, field, why in (
            ({'lang': 'xx'}, 'lang', 'invalid'),
            ({'topic': 'x'}, 'topic', 'unknown'),
            ({'word': 'a"\nmsgid "x'}, 'word', 'invalid'),
            ({'word': '/.*/'}, 'word', 'invalid'),
            ({'word': 'за*'}, 'word', 'invalid'),
            ({'word': 'меню'}, 'word', 'word_taken'),
            ({'word': 'жильё'}, 'word', 'word_taken'),
            ({'word': 'зарплата'}, 'word', 'word_known')):
        status, r = lena.post('/api/words', dict(word, **change))
        tap.eq((status, r.get('detail', {}).get('fields')),
               (422, {field: why}), 'refused: %s' % change)
    tap.eq(boris.post('/api/words', dict(word, topic='legal'))[1]['error'],
           'scope', 'a topic of others')
    word['word'] = 'кровныеденежки'
    status, r = lena.post('/api/words', word)
    tap.eq(status, 201, 'a word is taught')
    path = '/api/words/%d/' % r['id']
    status, r = lena.post('/api/words', dict(word, topic='legal'))
    tap.eq(status, 422, 'once')
    tap.eq([w['state'] for w in lena.get('/api/words')[1]], ['draft'],
           'it waits')
    tap.eq(boris.get('/api/words')[1], [], 'others do not see it')
    tap.eq(lena.post(path + 'approve')[0], 403, 'a reviewer does not approve')
    zoya = there.user('zoya', 'approver', '--topics', 'legal')
    for what in ('approve', 'reject'):
        status, r = zoya.post(path + what)
        tap.eq((status, r['error']), (403, 'scope'),
               'nor who looks after other topics: ' + what)
    vera = there.user('vera', 'approver')
    both = there.user('both', 'approver,reviewer')
    status, own = both.post('/api/words', dict(word, word='хозяиннеплатит'))
    status, r = both.post('/api/words/%d/approve' % own['id'])
    tap.eq((status, r['error']), (403, 'same_person'), 'nor who taught it')
    tap.eq(vera.post('/api/words/%d/reject' % own['id'])[0], 200, 'rejected')
    tap.eq(vera.post(path + 'approve')[0], 200, 'somebody else does')
    tap.eq(vera.post(path + 'approve')[0], 409, 'once')
    tap.eq(vera.post('/api/words/999/approve')[0], 404, 'a word there is')
    tap.ok('content/lang/ru.taught.po' in
           vera.get('/api/editions')[1]['unpublished']['files'],
           'it waits for the next edition')
    there.safard.ctl('--data', there.data, 'publish')
    tap.eq(vera.get('/api/editions')[1]['unpublished']['files'], [],
           'which has it')
    told = there.safard.ctl('--data', there.data, 'words', 'explain',
                            'где мои кровныеденежки')
    tap.ok('means: wages' in told, 'the next edition understands it', told)
    told = there.safard.ctl('--data', there.data, 'words', 'explain',
                            'хозяиннеплатит')
    tap.ok('means: wages' not in told, 'not what was rejected', told)
    told = there.safard.ctl('--data', there.data, 'publish', '--dry-run')
    tap.ok('not published' not in told, 'nothing is left to publish', told)


def run(tap, stage):
    there = Console(stage, ['approval: yes'], start=False)
    there.safard.set('gateways', [
        '  - name: kannel1', '    driver: kannel', '    host: 127.0.0.1',
        '    port: 1', '    line: "1414"', '    price: "0.85"',
        '    currency: KGS'])
    there.safard.start()
    there.safard.stop()
    asked.put(there.data, ROWS)
    there.safard.start()
    asked.wait(there.data, sum(count for _, count in ROWS))
    there.start()
    anna = there.user('anna', 'operator')
    staff(tap, anna)
    more(tap, there, anna)
    partner(tap, there)
    lena, boris = unmatched(tap, there)
    words(tap, there, lena, boris)
    with open(there.process.log, encoding='utf-8') as log:
        told = log.read()
    tap.ok('level=err' not in told and 'wages' not in told,
           'nothing of it is in the log', told)
    tap.ok(os.path.exists(os.path.join(there.data, 'console.db')),
           'the console has its own store')


if __name__ == '__main__':
    kit.main(run, 300)
