#!/usr/bin/env python3
"""The way of a listing: edited, submitted, approved by another person,
published, and the very next text gets the new answer; rolled back; two editors
at once; script in every field; all over HTTP, with the real safard."""

import json
import os
import re
import socket
import sqlite3
import sys

import kit
from console import Console, untold

LISTING = 'test-desk'
NUMBER = '+996555000111'  # reserved for nobody: a test phone's
FICTION = '+12025550123'  # reserved for fiction
SCRIPT = '<script>alert(1)</script>"\'&{{x}}=cmd|calc'


class Phone:
    """A test phone on the running safard: DIR/phone.sock."""

    def __init__(self, data):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(kit.patient(20))
        self.link.connect(os.path.join(data, 'phone.sock'))
        self.file = self.link.makefile('rw', encoding='utf-8')
        self.said = 0

    def say(self, text):
        """The answer to a text."""
        self.said += 1
        self.file.write(json.dumps({
            'from': NUMBER, 'to': '1414', 'id': 'd%d' % self.said,
            'text': text}) + '\n')
        self.file.flush()
        for line in self.file:
            got = json.loads(line)
            if 'text' in got:
                return got['text']
        raise kit.TooLong('the phone was hung up')


def listing(**more):
    all_of_it = {
        'name_en': 'Desk for workers, Osh', 'name_ru': 'Пункт помощи, Ош',
        'names': {'ky': 'Жумушчулар бөлмөсү'}, 'country': 'kg',
        'places': ['kg-osh'], 'topics': ['wages'], 'kind': 'ngo',
        'visibility': 'callers-after-check', 'status': 'active',
        'phones': [{'number': FICTION, 'as_printed': '202 555 0123',
                    'description': 'front desk'}],
        'short_codes': [], 'languages': ['ky', 'ru'],
        'hours': 'Mon-Fri 09:00-18:00',
        'description_en': 'Wages.', 'descriptions': {'ky': 'Айлык.'},
        'email': 'help@example.org', 'website': 'https://example.org',
    }
    all_of_it.update(more)
    return all_of_it


def job(tap, who, path, body, name):
    """Start a job and wait for its end."""
    status, got = who.post(path, body)
    if not tap.eq(status, 202, name):
        tap.note(got)
        return None

    def ended():
        _status, now = who.get('/api/jobs/%s' % got['job'])
        return now if now['state'] != 'running' else None

    return kit.wait_for(name, 60, ended)


def takes_up(safard, number):
    kit.wait_for('edition %d' % number, 20, lambda: json.loads(
        safard.ctl('--data', safard.data, 'status', '--json')
    )['edition'] == number)


def publish(tap, console, who, name, path='/api/editions'):
    done = job(tap, who, path, {'note': name}, name)
    tap.eq(done and done['state'], 'done', '%s: done' % name)
    takes_up(console.safard, done['result']['edition'])
    return done['result']['edition']


def whole_way(tap, console, anna, boris, phone):
    status, made = anna.post('/api/drafts', {
        'listing': listing(id=LISTING)})
    tap.eq((status, made.get('id')), (201, LISTING), 'a new listing')
    status, got = anna.get('/api/listings/' + LISTING)
    tap.eq((status, got['version'], got['draft']['state']),
           (200, 0, 'draft'), 'is a draft')
    status, found = anna.post('/api/listings/search', {'q': 'desk work'})
    tap.eq([(x['id'], x['status']) for x in found['items']],
           [(LISTING, 'new')], 'and found')
    path = '/api/drafts/%s/' % LISTING
    tap.eq(anna.post(path + 'approve')[0], 403, 'an operator approves nothing')
    tap.eq(boris.post(path + 'approve')[1]['error'], 'not_submitted',
           'nor is it approved before it is submitted')
    tap.eq(anna.post(path + 'submit', {'version': 1})[0], 200, 'submitted')
    tap.eq(anna.post(path + 'submit', {'version': 1})[1]['error'], 'already',
           'once')
    status, waiting = boris.get('/api/drafts')
    tap.eq([(x['id'], x['submitter']) for x in waiting], [(LISTING, 'anna')],
           'it waits for another person')
    tap.eq(boris.post(path + 'reject', {'why': 'call them'})[0], 200,
           'sent back')
    _status, got = anna.get('/api/listings/' + LISTING)
    tap.eq((got['draft']['state'], got['draft']['why']),
           ('draft', 'call them'), 'with the reason')
    anna.post(path + 'submit')
    tap.eq(boris.post(path + 'approve')[0], 200, 'approved')
    _status, editions = boris.get('/api/editions')
    tap.ok(editions['unpublished']['listings'] >= 1, 'not yet published')
    tap.eq(anna.post('/api/editions', {})[0], 403,
           'an operator publishes nothing')
    before = phone.say('айлык Ош')
    tap.ok(FICTION not in before, 'nobody is given it before')
    first = editions['current']
    status, now = anna.post('/api/listings/%s/verified' % LISTING,
                            {'how': 'phone'})
    tap.eq(status, 200, 'checked by phone, with one click')
    number = publish(tap, console, boris, 'the desk in Osh')
    after = phone.say('айлык Ош')
    tap.ok(FICTION in after and 'Жумушчулар' in after,
           'the very next text gets it, by the name in their language', after)
    _status, editions = boris.get('/api/editions')
    tap.eq((editions['current'], editions['rows'][0]['who'],
            editions['rows'][0]['note'], editions['unpublished']['listings']),
           (number, 'boris', 'the desk in Osh', 0), 'who published what')
    publish(tap, console, boris, 'roll back', '/api/editions/%d/again' % first)
    again = phone.say('айлык Ош')
    tap.ok(FICTION not in again, 'rolled back: nobody is given it', again)
    _status, editions = boris.get('/api/editions')
    tap.ok(editions['unpublished']['listings'] >= 1, 'it is to be published')
    publish(tap, console, boris, 'forth')
    tap.ok(FICTION in phone.say('айлык Ош'), 'and forth again')


def past(tap, anna, boris):
    """History, compare, restore."""
    path = '/api/listings/%s/' % LISTING
    _status, got = anna.get('/api/listings/' + LISTING)
    base = got['version']
    changed = listing(name_en='Another desk, Osh')
    anna.put('/api/drafts/' + LISTING, {'version': 0, 'base_version': base,
                                        'listing': changed})
    anna.post('/api/drafts/%s/submit' % LISTING)
    boris.post('/api/drafts/%s/approve' % LISTING)
    _status, steps = anna.get(path + 'history')
    tap.eq([(s['version'], s['who'], s['action']) for s in steps],
           [(2, 'boris', 'approved'), (1, 'anna', 'phone'),
            (1, 'boris', 'added')], 'who did what')
    tap.eq(steps[0]['changes'],
           [{'field': 'name_en', 'before': 'Desk for workers, Osh',
             'after': 'Another desk, Osh'}], 'what is different')
    status, got = anna.post(path + 'compare', {'from': 1, 'to': 2})
    tap.eq((status, [c['field'] for c in got['changes']]),
           (200, ['name_en']), 'compared')
    status, got = anna.post(path + 'restore', {'version': 1})
    tap.eq((status, got['draft']['listing']['name_en']),
           (200, 'Desk for workers, Osh'), 'what it was, as a draft')
    tap.eq(got['listing']['name_en'], 'Another desk, Osh',
           'nothing is changed by that')
    tap.eq(anna.post(path + 'restore', {'version': 1})[0], 409,
           'not over a draft that is there')
    tap.eq(anna.delete('/api/drafts/' + LISTING)[0], 200, 'dropped')
    tap.eq(anna.post(path + 'restore', {'version': 9})[0], 404,
           'there was no version 9')
    _status, got = anna.get('/api/listings/' + LISTING)
    tap.eq([(c['how'], c['who'], c['counts']) for c in got['checks']],
           [('phone', 'anna', True)], 'its checks')


def two_editors(tap, anna, boris):
    path = '/api/drafts/' + LISTING
    _status, got = anna.get('/api/listings/' + LISTING)
    base = got['version']

    def save(who, version, name):
        return who.put(path, {'version': version, 'base_version': base,
                              'listing': listing(name_en=name)})

    tap.eq(save(anna, 0, 'By Anna')[0], 201, 'one begins')
    status, got = save(boris, 0, 'By Boris')
    tap.eq((status, got['error'], got['detail']['draft']['who'],
            got['detail']['draft']['listing']['name_en']),
           (409, 'conflict', 'anna', 'By Anna'),
           'another, who did not see it, is shown it')
    status, got = save(boris, got['detail']['draft']['version'], 'By Boris')
    tap.eq((status, got['version']), (200, 2), 'having seen it, they save')
    tap.eq(save(anna, 1, 'By Anna again')[0], 409, 'now the first has to look')
    _status, got = anna.get('/api/listings/' + LISTING)
    tap.eq(got['draft']['listing']['name_en'], 'By Boris',
           'nothing is lost')
    tap.eq(boris.post(path + '/submit', {'version': 1})[0], 409,
           'nobody submits what they did not see')
    boris.post(path + '/submit', {'version': 2})
    status, got = boris.post(path + '/approve')
    tap.eq((status, got['error']), (403, 'same_person'),
           'nor approves what they submitted')
    tap.eq(boris.post(path + '/back')[0], 200, 'taken back')
    boris.delete(path)


def wrong_values(tap, anna):
    cases = [
        ({'country': 'Kyrgyzstan'}, {'country': 'unknown'}),
        ({'places': ['kg-osh', 'atlantis']}, {'places': 'unknown'}),
        ({'topics': ['magic']}, {'topics': 'unknown'}),
        ({'phones': [{'number': FICTION}, {'number': '12'}]},
         {'phones.1': 'phone'}),
        ({'short_codes': ['1234567']}, {'short_codes': 'short_code'}),
        ({'short_codes': ['12a']}, {'short_codes': 'short_code'}),
        ({'languages': ['ky', 'Klingon']}, {'languages': 'unknown'}),
        ({'kind': 'club', 'visibility': 'all', 'status': 'odd'},
         {'kind': 'unknown', 'visibility': 'unknown', 'status': 'unknown'}),
        ({'email': 'nobody'}, {'email': 'email'}),
        ({'website': 'javascript:alert(1)'}, {'website': 'website'}),
        ({'name_en': 'x' * 401, 'names': {'ky': 'a\nb'}},
         {'name_en': 'too_long', 'names.ky': 'invalid'}),
        ({'notes': 'x' * 4001}, {'notes': 'too_long'}),
        ({'topics': ['wages;legal']}, {'topics': 'invalid'}),
        ({'name_ru': 7}, {'name_ru': 'no_text'}),
        ({'phones': 'none'}, {'phones': 'invalid'}),
        ({'places': ['kg'] * 65}, {'places': 'too_many'}),
    ]
    for change, want in cases:
        status, got = anna.post('/api/drafts', {
            'listing': listing(id='never', **change)})
        tap.eq((status, got.get('detail')), (422, {'fields': want}),
               'refused: %s' % ', '.join(want))
    tap.eq(anna.get('/api/listings/never')[0], 404, 'nothing is half saved')
    status, got = anna.post('/api/drafts', {'listing': {'name_en': 'Begun'}})
    tap.eq((status, got.get('id')), (201, 'begun'), 'a draft may be half done')
    status, got = anna.post('/api/drafts/begun/submit')
    tap.eq((status, sorted(got['detail']['fields'])),
           (422, ['country', 'kind', 'topics', 'visibility']),
           'but is not submitted so')
    status, got = anna.post('/api/drafts', {'listing': {'name_en': 'Begun'}})
    tap.ok(got['id'].startswith('begun-'), 'another id where one is taken')
    anna.delete('/api/drafts/' + got['id'])
    status, got = anna.put('/api/drafts/begun', {
        'version': 1, 'base_version': 0, 'listing': listing(
            name_en='HIV clinic', topics=['health'], hours='when we are there',
            phones=[{'number': '0312 55 55 55'}])})
    tap.eq((status, got['warnings']),
           (200, {'name_en': 'not_discreet', 'hours': 'not_spoken'}),
           'a name that tells too much, hours that cannot be said')
    _status, got = anna.get('/api/listings/begun')
    tap.eq(got['draft']['listing']['phones'][0]['number'], '+996312555555',
           'a number as it is dialled at home')
    status, got = anna.post('/api/drafts/begun/submit')
    tap.eq((status, got['detail']['fields']),
           (422, {'name_en': 'not_discreet'}),
           'no edition would be published with it')
    anna.delete('/api/drafts/begun')


def script(tap, anna, boris):
    """Every field keeps it as text."""
    words = {field: SCRIPT for field in (
        'name_en', 'name_ru', 'address', 'hours', 'description_en',
        'eligibility_description', 'fees_description', 'application_process',
        'interpretation_services', 'accessibility', 'source', 'source_year',
        'seen', 'notes')}
    langs = ('ky', 'tg', 'uz', 'uz@cyrillic', 'kk')
    words['names'] = {lang: SCRIPT for lang in langs}
    words['descriptions'] = {lang: SCRIPT for lang in langs + ('ru',)}
    words['required_documents'] = [SCRIPT]
    words['phones'] = [{'number': FICTION, 'as_printed': SCRIPT,
                        'description': SCRIPT}]
    status, got = anna.post('/api/drafts', {
        'listing': listing(id='script', **words)})
    tap.eq(status, 201, 'script in every field is saved')
    anna.post('/api/drafts/script/submit')
    tap.eq(boris.post('/api/drafts/script/approve', {'why': SCRIPT})[0], 200,
           'and approved')
    _status, got = anna.get('/api/listings/script')
    for field, value in words.items():
        if got['listing'][field] != value:
            tap.eq(got['listing'][field], value, 'kept: ' + field)
    tap.ok(True, 'each is as it was written')
    _status, got = anna.post('/api/listings/search', {'q': SCRIPT})
    tap.eq([x['id'] for x in got['items']], ['script'], 'and searched for')
    for text in ('"', '" OR 1 --', 'NEAR(a b)', '*', "');"):
        tap.eq(anna.post('/api/listings/search', {'q': text})[0], 200,
               'looked for as text: %r' % text)


def previewed(tap, anna):
    status, got = anna.post('/api/preview', {'listing': listing()})
    langs = got['langs']
    tap.eq((status, sorted(langs)), (200, sorted(
        ['ru', 'ky', 'tg', 'uz', 'uz@cyrillic', 'kk', 'en'])),
           'a preview in every language')
    tap.ok('Жумушчулар' in langs['ky']['sms'] and FICTION in
           langs['ky']['sms'] and 'Пункт' in langs['ru']['sms'],
           'as callers get it', langs['ky']['sms'])
    tap.ok(all(0 < said['parts'] <= 3 for said in langs.values()) and
           langs['en']['encoding'] == 'GSM-7', 'parts are counted')
    tap.ok('two zero two' in langs['en']['spoken'], 'and what is said',
           langs['en']['spoken'])
    status, got = anna.post('/api/preview', {
        'listing': listing(visibility='operators')})
    tap.eq(got['langs']['ru']['why'], 'not_for_callers', 'nobody would get it')
    tap.eq(anna.post('/api/preview', {'listing': {}})[0], 422,
           'nothing to look at')
    status, got = anna.post('/api/phone', {'number': '0555 12 34 56',
                                           'country': 'kg'})
    tap.eq((got['ok'], got.get('e164'), got.get('kind')),
           (True, '+996555123456', 'mobile'), 'a number is checked')
    tap.eq(anna.post('/api/phone', {'number': '+996', 'country': 'kg'})[1],
           {'ok': False, 'why': 'phone'}, 'and one that is none')
    for number, country in (('8 499 126-75', 'ru'), ('8 499 126-75-9', 'ru'),
                            ('0312 45 53 1', 'kg'), ('8 499 126-75-99', 'kg'),
                            ('312 455 312', '')):
        tap.eq(anna.post('/api/phone', {'number': number, 'country': country}
                         )[1], {'ok': False, 'why': 'phone_home'},
               '%s is not taken for a number of another country than "%s"' % (
                   number, country))
    for number, country, e164 in (
            ('8 499 126-75-99', 'ru', '+74991267599'),
            ('7 (499) 126-75-99', 'ru', '+74991267599'),
            ('996 312 455 312', 'kg', '+996312455312'),
            ('+7 499 126-75-99', 'kg', '+74991267599'),
            ('00 7 499 126 75 99', '', '+74991267599')):
        _status, got = anna.post('/api/phone', {'number': number,
                                                'country': country})
        tap.eq(got.get('e164'), e164, '%s in "%s" is one' % (number, country))
    status, got = anna.post('/api/drafts', {'listing': listing(
        id='short', country='ru', places=['ru-moscow'],
        phones=[{'number': '8 499 126-75'}])})
    tap.eq((status, got['detail']['fields']),
           (422, {'phones.0': 'phone_home'}), 'nor saved as one')


def lists(tap, anna):
    _status, got = anna.post('/api/listings/search', {
        'place': 'kg-osh', 'topic': 'wages', 'age': 'fresh',
        'visibility': 'callers-after-check'})
    tap.eq([x['id'] for x in got['items']], [LISTING],
           'by place, topic, age, visibility')
    _status, got = anna.post('/api/listings/search', {'per_page': 10,
                                                      'page': 2})
    tap.ok(len(got['items']) == 10 and got['total'] > 100, 'by pages')
    tap.eq(anna.post('/api/listings/search', {'place': 'x'})[0], 422,
           'a place that is none')
    _status, got = anna.get('/api/worklist')
    tap.ok(LISTING not in [x['id'] for x in got['due']] and
           got['total'] > 50 and got['due'][0]['checked_ms'] == 0,
           'due: what was never checked comes first')
    _status, topics = anna.get('/api/topics')
    _status, places = anna.get('/api/places')
    tap.ok(any(t['id'] == 'wages' and t['names']['ru'] for t in topics) and
           any(p['id'] == 'kg-osh' and p['parent'] and p['names']['ky']
               for p in places), 'topics and places by name')


def scoped(tap, console, anna):
    """Who looks after one country changes nothing in another."""
    carl = console.user('carl', 'operator', '--countries', 'ru')
    status, got = carl.put('/api/drafts/' + LISTING, {
        'version': 0, 'base_version': 2, 'listing': listing(country='ru')})
    tap.eq((status, got['error']), (403, 'scope'), 'not a row of others')
    tap.eq(carl.post('/api/listings/%s/verified' % LISTING,
                     {'how': 'web'})[0], 403, 'nor says that it was checked')
    status, got = carl.post('/api/drafts', {'listing': listing(id='carls')})
    tap.eq(status, 403, 'nor adds one there')
    anna.post('/api/drafts', {'listing': listing(id='annas')})
    status, got = carl.put('/api/drafts/annas', {
        'version': 1, 'base_version': 0, 'listing': listing(country='ru')})
    tap.eq((status, got.get('error')), (403, 'scope'),
           'nor writes over a draft there')
    ran = console.sql('SELECT id FROM job LIMIT 1')[0][0]
    tap.eq(carl.get('/api/jobs/%d' % ran)[0], 404, 'nor sees a job of others')
    tap.eq(carl.get('/api/jobs/-1')[0], 404, 'nor what is no job')
    rita = console.user('rita', 'reviewer', '--countries', 'ru')
    tap.eq(rita.get('/api/listings/' + LISTING)[0], 403,
           'a reviewer sees their own')
    _status, got = rita.post('/api/listings/search', {'country': 'kg'})
    tap.eq(got['total'], 0, 'and finds no others')
    tap.eq(rita.get('/api/drafts')[0], 403, 'and no drafts')


def scoped_whole(tap, console, anna, boris):
    """What is more than their part is for others to publish and restore."""
    carla = console.user('carla', 'approver', '--countries', 'ru')
    status, got = carla.post('/api/editions', {'note': 'all of it'})
    tap.eq((status, got.get('error')), (403, 'scope'),
           'nor publishes what is not theirs')
    current = anna.get('/api/editions')[1]['current']
    tap.eq(carla.post('/api/editions/%d/again' % current, {})[0], 403,
           'nor rolls it back')
    for country in ('kg', 'ru'):
        _status, now = anna.get('/api/listings/moved')
        anna.ask('PUT', '/api/drafts/moved', {
            'version': 0, 'base_version': now.get('version', 0),
            'listing': listing(country=country, places=[
                'kg-osh' if country == 'kg' else 'ru-moscow'])})
        anna.post('/api/drafts/moved/submit')
        tap.eq(boris.post('/api/drafts/moved/approve')[0], 200,
               'a listing in ' + country)
    status, got = carla.post('/api/listings/moved/restore', {'version': 1})
    tap.eq((status, got.get('error')), (403, 'scope'),
           'nor restores what it was when it was not theirs')
    tap.eq(anna.get('/api/listings/moved')[1]['draft'], None, 'no draft of it')
    tap.eq(anna.post('/api/listings/moved/restore', {'version': 1})[0], 200,
           'who has all of it does')
    anna.delete('/api/drafts/moved')


def unwritten(tap, console, anna, boris):
    """A change without its row in the chain is none: the row is committed
    first, so that no crash can lose it."""
    path = '/api/listings/' + LISTING
    before = anna.get(path)[1]
    store = sqlite3.connect(os.path.join(console.data, 'console.db'),
                            isolation_level=None)
    store.execute('BEGIN IMMEDIATE')
    asked = (
        ('saved', anna, 'PUT', '/api/drafts/' + LISTING, {
            'version': 0, 'base_version': before['version'],
            'listing': listing(hours='never')}),
        ('checked', anna, 'POST', path + '/verified', {'how': 'visit'}),
        ('restored', anna, 'POST', path + '/restore', {'version': 1}),
        ('taught', anna, 'POST', '/api/words', {
            'word': 'квакзыл', 'topic': 'wages', 'lang': 'ru'}))
    for what, who, method, where, body in asked:
        tap.eq(who.ask(method, where, body)[0], 503,
               'nothing is %s that cannot be noted' % what)
    store.execute('ROLLBACK')
    after = anna.get(path)[1]
    tap.eq((after['draft'], after['checks'], after['version']),
           (None, before['checks'], before['version']),
           'nothing of it was done')
    tap.eq([w for w in boris.get('/api/words')[1]
            if w['word'] == 'квакзыл'], [], 'nor is the word there')
    tap.eq(anna.post(path + '/verified', {'how': 'visit'})[0], 200,
           'and it goes on')
    store.close()


def unwanted(tap, console, anna, boris):
    """An edition that nobody asks for costs the loop nothing."""
    def loaded():
        with open(console.process.log, encoding='utf-8') as log:
            return len(re.findall(r'ev=edition ', log.read()))

    anna.post('/api/listings/%s/verified' % LISTING, {'how': 'web'})
    before = loaded()
    number = publish(tap, console, boris, 'again, checked')
    tap.eq((anna.get('/api/editions')[1]['current'],
            anna.get('/services?per_page=1')[0], loaded() - before),
           (number, 200, 0), 'a new edition is loaded by nobody at first')
    tap.eq((anna.post('/api/simulator', {
        'edition': 'published', 'channel': 'sms', 'number_country': 'kg',
        'state': None, 'say': 'меню'})[1]['edition'], loaded() - before),
           (number, 1), 'but by who wants it')


def inside(tap, console, anna, boris):
    """What is for operators is seen by no partner but its own."""
    anna.post('/api/drafts', {'listing': listing(
        id='hidden', visibility='operators', notes='call Anna')})
    anna.post('/api/drafts/hidden/submit')
    tap.eq(boris.post('/api/drafts/hidden/approve')[0], 200,
           'a listing for operators')
    nina = console.user('nina', 'reviewer')
    tap.eq((nina.get('/api/listings/hidden')[0],
            nina.get('/api/listings/' + LISTING)[0]), (404, 200),
           'a reviewer does not see it')
    found = [[row['id'] for row in who.post('/api/listings/search', {
        'visibility': 'operators', 'per_page': 200})[1]['items']]
             for who in (anna, nina)]
    tap.ok('hidden' in found[0] and found[1] == [], 'nor finds any', found)
    rosa = console.user('rosa', 'reviewer', '--orgs', 'hidden')
    status, got = rosa.get('/api/listings/hidden')
    tap.eq((status, got['listing']['notes']), (200, ''),
           'its own does, but for what operators note')


def alone(tap, console):
    """Where the settings want no second person, who submits changes."""
    console.stop()
    console.safard.set('console', ['  listen: "127.0.0.1:0"',
                                   '  approval: no'])
    console.start()
    dora = console.user('dora', 'operator')
    dora.post('/api/drafts', {'listing': listing(id='alone')})
    status, got = dora.post('/api/drafts/alone/submit')
    tap.eq((status, got['version'], got['draft']), (200, 1, None),
           'one person is enough, where the settings say so')


def run(tap, stage):
    console = Console(stage, ['approval: yes'])
    console.safard.start()
    anna = console.user('anna', 'operator')
    boris = console.user('boris', 'approver')
    phone = Phone(console.data)
    whole_way(tap, console, anna, boris, phone)
    past(tap, anna, boris)
    two_editors(tap, anna, boris)
    wrong_values(tap, anna)
    previewed(tap, anna)
    lists(tap, anna)
    script(tap, anna, boris)
    scoped(tap, console, anna)
    scoped_whole(tap, console, anna, boris)
    unwritten(tap, console, anna, boris)
    unwanted(tap, console, anna, boris)
    inside(tap, console, anna, boris)
    alone(tap, console)
    eva = console.user('eva', 'admin')
    rows = eva.get('/api/audit')[1]['rows']
    while rows[-1]['id'] > 1:
        rows += eva.get('/api/audit?before=%d' % rows[-1]['id'])[1]['rows']
    done = {(row['who'], row['action']) for row in rows if row['whole']}
    tap.eq({('boris', 'published next'),
            ('boris', 'draft approved ' + LISTING),
            ('anna', 'draft submitted ' + LISTING),
            ('anna', 'listing checked ' + LISTING)} - done, set(),
           'all of it is in the chain')
    tap.eq(untold(row['action'] for row in rows), [],
           'in words, in every language')
    tap.eq(console.safard.stop(), 0, 'safard ends well')


if __name__ == '__main__':
    sys.exit(kit.main(run, 240))
