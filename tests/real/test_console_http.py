#!/usr/bin/env python3
"""safar-console as browsers, and those who are none, meet it: every route with
every role, sessions, logins and their pauses, other sites, too much of
everything, TLS, nginx; and what it leaves on the disk."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

import kit
from console import PASSWORD, Client, Console, totp, untold
from safard import BIN

ROLES = ('admin', 'operator', 'approver', 'reviewer')
HOUR_MS = 3600 * 1000
UPLOAD_MAX_MB = 40  # WEB_UPLOAD_MAX


# Every route, every role ----------------------------------------------------

def run_routes(tap, console):
    """Allowed or 403, none forgotten."""
    users = {role: console.sql('SELECT id FROM user WHERE name = ?',
                               'r.' + role)[0][0] for role in ROLES}
    routes = console.routes()
    tap.ok(len(routes) > 10, 'the table has %d routes' % len(routes))
    tried = 0
    for route in routes:
        wrong = []
        path = route['path'].replace('{id2}', 'x2').replace('{id}', 'x1')
        for role in (None,) + ROLES:
            who = (console.session(users[role]) if role
                   else console.nobody())
            status, body = who.ask(route['method'], path,
                                   None if route['method'] == 'GET' else {})
            code = body.get('error') if isinstance(body, dict) else None
            if route['public'] or role in route['roles']:
                good = status != 401 or code == 'login_wrong'
                good = good and code not in ('role_wanted', 'csrf')
            elif role is None:
                good = (status, code) == (401, 'login_wanted')
            else:
                good = (status, code) == (403, 'role_wanted')
            good = good and status != 405 and status != 500
            tried += 1
            if not good:
                wrong.append('%s: %d %s' % (role, status, str(body)[:200]))
        tap.ok(not wrong, '%s %s: %s' % (
            route['method'], route['path'],
            'everybody' if route['public'] else ', '.join(route['roles'])),
            *wrong)
    tap.note('%d requests' % tried)
    known = {(r['method'], r['path']) for r in routes}
    tap.eq(len(known), len(routes), 'no route stands there twice')
    unsafe = [r['path'] for r in routes
              if r['method'] == 'GET' and r['upload']]
    tap.eq(unsafe, [], 'nothing is sent along with a GET')


# Sessions -------------------------------------------------------------------

def run_sessions(tap, console):
    now = int(time.time() * 1000)
    nobody = console.nobody()
    tap.eq(nobody.get('/api/me'), (401, {'error': 'login_wanted'}),
           'without a session')
    nobody.cookies['safar'] = 'x' * 43
    tap.eq(nobody.get('/api/me')[0], 401, 'with a token nobody has')
    nobody.cookies['safar'] = "' OR 1=1 --"
    tap.eq(nobody.get('/api/me')[0], 401, 'with something else')
    one = console.sql('SELECT id FROM user WHERE name = ?', 'r.operator')[0][0]
    tap.eq(console.session(one).get('/api/me')[0], 200, 'with one of its own')
    tap.eq(console.session(one, used_ms=now - 11 * HOUR_MS).get(
        '/api/me')[0], 200, 'used 11 hours ago: it goes on')
    tap.eq(console.session(one, used_ms=now - 13 * HOUR_MS).get(
        '/api/me')[0], 401, 'used 13 hours ago: it is over')
    tap.eq(console.session(one, began_ms=now - 7 * 24 * HOUR_MS - 1000).get(
        '/api/me')[0], 401, 'begun a week ago: it is over')
    first, second = console.session(one), console.session(one)
    tap.eq(first.post('/api/logout')[0], 200, 'logout')
    tap.ok('safar' not in first.cookies, 'takes the cookie away')
    tap.eq(second.get('/api/me')[0], 200, 'other sessions go on')
    third = console.session(one)
    tap.eq(third.post('/api/logout_everywhere')[0], 200, 'logout everywhere')
    tap.eq(second.get('/api/me')[0], 401, 'ends them, too')
    fourth = console.session(one)
    console.safard.ctl('--data', console.data, 'user', 'lock', 'r.operator')
    tap.eq(fourth.get('/api/me')[0], 401, 'who is locked is out at once')
    console.safard.ctl('--data', console.data, 'user', 'unlock', 'r.operator')


# Logging in -----------------------------------------------------------------

def run_invite(tap, console):
    link = console.invite('chinara', 'reviewer', '--topics', 'hiv',
                          '--countries', 'kg;tj')
    token = link.strip().rsplit('/', 1)[1]
    path = link.split('//', 1)[1].split('/', 1)[1]
    tap.ok(path.startswith('#/'), 'a link\'s token is never sent in a URL')
    who = console.nobody(address='203.0.113.1')
    status, shown = who.post('/api/invite', {'token': token})
    tap.eq((status, shown.get('name'), shown.get('roles')),
           (200, 'chinara', ['reviewer']), 'the link says for whom it is')
    tap.ok(shown['totp']['qr'].startswith('<svg')
           and shown['totp']['uri'].startswith('otpauth://totp/Safar:chinara'),
           'and shows the second factor')
    tap.eq(who.post('/api/invite', {'token': token})[1]['totp']['secret'],
           shown['totp']['secret'], 'the same one when it is opened again')

    def take(password, code):
        return who.post('/api/invite/accept', {
            'token': token, 'password': password, 'code': code})

    code = totp(shown['totp']['secret'])
    tap.eq(take('short', code)[1]['detail'],
           {'fields': {'password': 'too_short'}}, 'a password has a length')
    tap.eq(take('chinara chinara', code)[1]['detail'],
           {'fields': {'password': 'too_simple'}}, 'and is not the name')
    tap.eq(take(PASSWORD, '000000')[1]['detail'],
           {'fields': {'code': 'wrong'}}, 'the code is looked at')
    who.accept(link)
    tap.eq(len(who.recovery), 8, 'eight recovery codes')
    tap.eq(who.get('/api/me')[1]['user']['scope'],
           {'orgs': [], 'topics': ['hiv'], 'countries': ['kg', 'tj']},
           'logged in, with this scope')
    tap.eq(take(PASSWORD, code), (404, {'error': 'invite_over'}),
           'a link works once')
    late = console.invite('late', 'operator').strip().rsplit('/', 1)[1]
    console.sql('UPDATE invite SET until_ms = ?', int(time.time() * 1000))
    tap.eq(who.post('/api/invite', {'token': late})[0], 404,
           'nor one of more than 48 hours ago')
    tap.eq(who.post('/api/invite', {'token': 'A' * 43})[0], 404,
           'a link nobody made')
    return who


def fails(who, times, name, password='not the password'):
    return [who.login(name, password)[0] for _ in range(times)]


def until_paused(who, name):
    """Guess on until told to wait; for how many seconds.  The machine may be
    slower than the first, short pauses."""
    for _ in range(12):
        status, got = who.login(name, 'another guess')
        if status == 429:
            return int(who.headers['retry-after'])
        assert status == 401, (status, got)
    return 0


def run_login(tap, console, owner):
    browser = Client(console, '203.0.113.50')
    tap.eq(browser.login('chinara'), (401, {'error': 'code_wanted'}),
           'a password alone is not enough')
    code = totp(owner.secret, step=1)
    tap.eq(browser.login('chinara', code=code)[0], 200, 'with a code it is')
    tap.eq(browser.login('CHINARA', code=code)[0], 401,
           'the same code does not work twice')
    tap.eq(browser.login('chinara', code=owner.recovery[0])[0], 200,
           'a recovery code does')
    tap.eq(browser.login('chinara', code=owner.recovery[0])[0], 401,
           'once')
    tap.eq(browser.login('chinara', 'wrong', owner.recovery[1])[0], 401,
           'and not with another password')
    tap.eq(browser.login('chinara', code=owner.recovery[1].lower())[0], 200,
           'in small letters, too')
    known = dict(browser.cookies)

    guesser = Client(console, '203.0.113.66')
    tap.eq(fails(guesser, 5, 'chinara'), [401] * 5, 'five guesses')
    tap.ok(until_paused(guesser, 'chinara') >= 1,
           'then a pause, of a told length')
    tap.eq(Client(console, '203.0.113.67').login('chinara', code='0')[0], 401,
           'nobody else waits')
    tap.ok(until_paused(Client(console, '203.0.113.68'), 'nobody.here') >= 1,
           'a name that is not there does the same')
    pause = 0
    for at in range(1, 200):
        status, got = Client(console, '198.51.100.%d' % at).login(
            'chinara', 'guess')
        pause = got['detail']['seconds'] if status == 429 else 0
        if pause >= 8:
            break
        time.sleep(pause)
    tap.ok(pause >= 8, 'guesses from many places make it wait')
    stranger = Client(console, '192.0.2.9')
    tap.eq(stranger.login('chinara', code=owner.recovery[2])[0], 429,
           'in a browser that was never here')
    browser.cookies = {name: value for name, value in known.items()
                       if 'device' in name}
    tap.eq(browser.login('chinara', code=owner.recovery[2])[0], 200,
           'but not in the one of its owner')
    tap.ok(any(row[0] == 'login_paused' for row in console.sql(
        'SELECT action FROM audit WHERE who = ?', 'chinara')),
        'the pause has its row in the chain')


def run_restart(tap, console, owner):
    """What is sealed under the console's key opens again."""
    tap.eq(console.stop(), 0, 'the console ends')
    files = [os.path.join(console.data, 'console', name)
             for name in ('left-over', 'of-today')]
    for path in files:
        with open(path, 'w', encoding='ascii') as file:
            file.write('x')
    os.utime(files[0], (time.time() - 25 * 3600,) * 2)
    console.start()
    tap.eq(owner.get('/api/me')[0], 200, 'and goes on: sessions, too')
    kit.wait_for('the sweep', 10, lambda: not os.path.exists(files[0]))
    tap.ok(os.path.exists(files[1]), 'uploads are kept for a day, no longer')
    console.sql("UPDATE user SET totp_step = 0 WHERE name = 'chinara'")
    who = Client(console, '203.0.113.90')
    tap.eq(who.login('chinara', code=totp(owner.secret))[0], 200,
           'the second factor is as it was')
    tap.eq(who.login('chinara', code=owner.recovery[4])[0], 200,
           'and the codes')


def run_queue(tap, console):
    """Two dozen logins at once: argon2 is not on the loop."""
    answers = []

    def login(at):
        who = Client(console, '100.64.%d.1' % at)
        answers.append(who.login('queue.%d' % at, 'no such password')[0])

    threads = [threading.Thread(target=login, args=(at,)) for at in range(24)]
    for thread in threads:
        thread.start()
    kit.wait_for('the first answer', 60, lambda: answers)
    status = console.nobody().get('/api/health')[0]
    left = sum(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(kit.patient(60))
    tap.ok(status == 200 and left > 0,
           'others are answered while passwords are looked at',
           'left %d, health %d' % (left, status))
    tap.ok(set(answers) <= {401, 503} and len(answers) == 24,
           'each login has its answer, or is told that it is too busy',
           answers)


def run_gone(tap, console):
    """Who goes away while the password is looked at."""
    for at in range(12):
        with socket.create_connection(('127.0.0.1', console.port)) as link:
            body = b'{"name":"r.admin","password":"gone before the answer"}'
            link.sendall(b'POST /api/login HTTP/1.1\r\nHost: x\r\n'
                         b'X-Forwarded-For: 100.65.%d.1\r\n'
                         b'Content-Type: application/json\r\n'
                         b'Content-Length: %d\r\n\r\n' % (at, len(body)) +
                         body)
    for _ in range(3):
        tap.eq(Client(console, '100.66.0.1').login('nobody', 'x')[0], 401,
               'others are answered behind them')


# Other sites ----------------------------------------------------------------

def run_sites(tap, console):
    one = console.sql('SELECT id FROM user WHERE name = ?', 'r.admin')[0][0]
    who = console.session(one)
    csrf, who.csrf = who.csrf, None
    tap.eq(who.post('/api/account', {'lang': 'ru'}), (403, {'error': 'csrf'}),
           'a change without the token')
    who.csrf = csrf[:-1] + ('A' if csrf[-1] != 'A' else 'B')
    tap.eq(who.post('/api/account', {'lang': 'ru'})[0], 403, 'with another')
    who.csrf = csrf
    tap.eq(who.post('/api/account', {'lang': 'ru'}, headers={
        'Sec-Fetch-Site': 'cross-site'})[0], 403, 'from another site')
    status, _ = who.ask('POST', '/api/account', raw=b'lang=ru', headers={
        'Content-Type': 'application/x-www-form-urlencoded'})
    tap.eq(status, 415, 'as a form')
    status, _ = who.ask('POST', '/api/account', raw=b'{"lang":"ru"}', headers={
        'Content-Type': 'text/plain'})
    tap.eq(status, 415, 'as a text')
    tap.eq(console.nobody().post('/api/login', {}, headers={
        'Sec-Fetch-Site': 'cross-site'})[0], 403, 'a login from another site')
    tap.eq(who.post('/api/account', {'lang': 'ru'})[0], 200, 'with the token')
    cookie = 'HttpOnly; SameSite=Strict'
    fresh = console.nobody()
    fresh.accept(console.invite('dilnoza', 'operator'))
    tap.ok(cookie in fresh.headers['set-cookie'],
           'no script reads a cookie, no other site sends it')
    who.get('/api/me')
    tap.ok("default-src 'none'" in who.headers['content-security-policy']
           and 'unsafe-inline' not in who.headers['content-security-policy'],
           'the policy allows nothing inline')
    tap.eq((who.headers['cache-control'], who.headers['x-frame-options'],
            who.headers['x-content-type-options'],
            who.headers['referrer-policy']),
           ('no-store', 'DENY', 'nosniff', 'no-referrer'), 'strict headers')


# Bad requests ---------------------------------------------------------------

def raw(console, data, seconds=20, until=b''):
    """What comes back for these bytes, until the end or the first answer."""
    with socket.create_connection(('127.0.0.1', console.port),
                                  timeout=seconds) as link:
        got = b''
        try:
            link.sendall(data)
            while not until or until not in got:
                more = link.recv(65536)
                if not more:
                    break
                got += more
        except OSError:
            pass
    return got


def run_bad(tap, console):
    one = console.sql('SELECT id FROM user WHERE name = ?', 'r.admin')[0][0]
    who = console.session(one)
    for name, body in (('not JSON', b'{"lang":'), ('a list', b'[1]'),
                       ('twice the same', b'{"lang":"ru","lang":"ky"}'),
                       ('no UTF-8', b'{"lang":"\xff\xfe"}'),
                       ('very deep', b'[' * 100000)):
        status, got = who.ask('POST', '/api/account', raw=body, headers={
            'Content-Type': 'application/json'})
        tap.eq((status, got), (400, {'error': 'bad_json'}), name)
    for path in ('/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd',
                 '/assets/../../../etc/passwd', '//etc/passwd',
                 '/..%2f..%2fetc/passwd', '/api/jobs/..', '/api/jobs/%2e%2e',
                 '/api/jobs/a%2fb', '/api/jobs/a%00b', '/api/jobs/' + 'a' * 65,
                 '/assets/', '/index.html/', '/.git/config', '/safar.yaml'):
        status, got = who.get(path)
        tap.ok(status in (400, 404) and b'root:' not in (
            got if isinstance(got, bytes) else str(got).encode()),
            'path %s' % path[:40], status)
    got = raw(console, b'BREW / HTTP/1.1\r\nHost: x\r\n\r\n', until=b'\r\n')
    tap.ok(re.match(rb'HTTP/1\.. (400|501|405)', got), 'a method of no kind',
           got[:80])
    tap.eq(who.ask('PATCH', '/api/me')[0] in (405, 501), True,
           'a method that is not used')
    tap.ok(not re.match(rb'HTTP/1\.. 200', raw(console, b'\x16\x03\x01\x02'
                                               b'\x00\x01\x00\r\n\r\n')),
           'TLS where there is none')


def run_much(tap, console):
    """Too much of everything; the console goes on."""
    who = console.nobody()
    got = raw(console, b'GET /api/health HTTP/1.1\r\nHost: x\r\n' +
              b''.join(b'X-%d: %s\r\n' % (at, b'a' * 200)
                       for at in range(1000)) + b'\r\n')
    tap.ok(not re.match(rb'HTTP/1\.. 200', got), 'a flood of headers',
           got[:80])
    got = raw(console, b'GET /' + b'a' * 60000 + b' HTTP/1.1\r\n\r\n')
    tap.ok(not re.match(rb'HTTP/1\.. 200', got), 'a very long path', got[:80])
    one = console.sql('SELECT id FROM user WHERE name = ?', 'r.admin')[0][0]
    user = console.session(one)
    status, got = user.ask('POST', '/api/account', raw=b'{"lang":"%s"}' % (
        b'r' * 300000), headers={'Content-Type': 'application/json'})
    tap.eq((status, got.get('error')), (413, 'too_big'), 'a body of 300 KB')
    before = resident(console)
    link = user.connect(60)
    link.putrequest('POST', '/api/account')
    link.putheader('Content-Length', str(50 << 20))
    link.putheader('Content-Type', 'application/json')
    link.endheaders()
    try:
        for _ in range(50):
            link.send(b'x' * (1 << 20))
        status = link.getresponse().status
    except OSError:
        status = 'hung up'
    link.close()
    tap.eq(status, 413, 'an upload of 50 MB')
    tap.ok(resident(console) < before + (UPLOAD_MAX_MB + 4 << 10),
           'which was kept in memory only as far as an upload may go',
           '%d KB, then %d' % (before, resident(console)))
    tap.eq(who.get('/api/health')[0], 200, 'the console goes on')
    statuses = until_refused(lambda _at: Client(
        console, '192.0.2.200').get('/api/me')[0])
    tap.eq((statuses[0], statuses[-1]), (401, 429),
           'hundreds of requests of one address: some are refused')
    tap.eq(Client(console, '192.0.2.201').get('/api/me')[0], 401,
           'and others not')
    tap.eq(Client(console, '2001:db8:1:1::1').get('/api/me')[0], 401,
           'IPv6 is counted, too')


def until_refused(ask):
    """Statuses up to the first 429: the limit is of a minute, and a busy
    machine asks slowly."""
    statuses = []
    while len(statuses) < 3000 and 429 not in statuses[-1:]:
        statuses.append(ask(len(statuses)))
    return statuses


def resident(console):
    with open('/proc/%d/status' % console.process.pid,
              encoding='ascii') as file:
        return int(re.search(r'VmRSS:\s*(\d+)', file.read()).group(1))


class Slow:
    """Clients that send a byte now and then, or nothing, from the start of the
    test on: looked at again at its end."""

    def __init__(self, console):
        self.links = [socket.create_connection(('127.0.0.1', console.port))
                      for _ in range(20)]
        self.going = True
        self.began = time.monotonic()
        for at, link in enumerate(self.links):
            if at % 4 == 1:
                link.sendall(b'GET /api/health HTTP/1.1\r\n')
            if at % 4 == 2:
                link.sendall(b'POST /api/login HTTP/1.1\r\nContent-Type: '
                             b'application/json\r\nContent-Length: 9\r\n\r\n{')
        self.thread = threading.Thread(target=self.drip, daemon=True)
        self.thread.start()

    def drip(self):
        while self.going:
            for at, link in enumerate(self.links):
                try:
                    if at % 4 == 1:
                        link.sendall(b'X')
                    if at % 4 == 2:
                        link.sendall(b' ')
                except OSError:
                    pass
            time.sleep(5)

    def check(self, tap, console):
        def ended():
            left = 0
            for link in self.links:
                link.settimeout(0.01)
                try:
                    left += link.recv(4096) == b'' and 0
                except (socket.timeout, BlockingIOError):
                    left += 1
                except OSError:
                    pass
            return left == 0

        kit.wait_for('slow clients are hung up on', 90, ended, pause=0.5)
        self.going = False
        tap.ok(True, '%d slow clients are hung up on' % len(self.links))
        for link in self.links:
            link.close()
        tap.eq(console.nobody().get('/api/health')[0], 200,
               'others are answered')


def run_many(tap, console):
    """More connections than there may be; none is left behind."""
    def open_fds():
        return len(os.listdir('/proc/%d/fd' % console.process.pid))

    before = open_fds()
    links = []
    for _ in range(700):
        link = socket.create_connection(('127.0.0.1', console.port))
        link.sendall(b'GET /api/he')
        links.append(link)
    tap.eq(console.nobody().get('/api/health')[0], 200,
           'answers beside 700 open connections from this machine')
    for link in links:
        link.close()
    kit.wait_for('connections are let go', 20,
                 lambda: open_fds() <= before + 2)
    tap.ok(True, 'and lets go of them')


# What is left behind --------------------------------------------------------

def run_traces(tap, console, owner):
    secrets = [PASSWORD, owner.secret, owner.cookies['safar'], owner.csrf,
               owner.recovery[3], owner.recovery[3].replace('-', '')]
    folder = os.listdir(console.data)
    files = [os.path.join(console.data, name) for name in folder
             if name.startswith('console')]
    found = kit.find_traces([f for f in files if os.path.isfile(f)] +
                            [console.process.log], ['+996555000111'], secrets)
    tap.eq(found, {}, 'no password, token, secret or code is in %d files '
           'and the log' % len(files))
    with open(console.process.log, encoding='utf-8') as log:
        lines = log.read()
    tap.ok('?' not in lines and 'chinara' not in lines,
           'the log has no query and no name')
    for name in folder:
        mode = os.stat(os.path.join(console.data, name)).st_mode & 0o077
        if mode and name not in ('editions', 'prompts'):
            tap.ok(False, '%s is its owner\'s alone' % name, oct(mode))


def run_confined(tap, console):
    pid = console.process.pid
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        status = file.read()
    said = re.search(r'ev=sandbox.*', open(
        console.process.log, encoding='utf-8').read())
    if said is None or 'sandbox_missing' in said.group(0):
        tap.skip('the sandbox', 'this kernel lacks a part of it')
    else:
        tap.ok(re.search(r'Seccomp:\s*2', status)
               and re.search(r'NoNewPrivs:\s*1', status),
               'confined by seccomp and Landlock')
    held = [os.readlink('/proc/%d/fd/%s' % (pid, fd))
            for fd in os.listdir('/proc/%d/fd' % pid)]
    tap.eq([path for path in held if '/keys' in path or '/messages' in path
            or 'safard' in path], [], 'it holds no key and no message')
    tap.eq({os.path.basename(path).split('.')[0] for path in held
            if '.db' in path}, {'console', 'directory', 'hotline'},
           'but its databases')


def run_audit(tap, console):
    ctl = [os.path.join(BIN, 'safarctl'), '--data', console.data, 'audit',
           'verify']
    good = subprocess.run(ctl, capture_output=True, check=False, timeout=kit.patient(30))
    tap.ok(good.returncode == 0, 'safarctl audit verify: both chains',
           good.stdout, good.stderr)
    rows = console.sql('SELECT count(*) FROM audit')[0][0]
    tap.ok(b'console.db' in good.stdout and str(rows).encode() in good.stdout,
           'it counts the console\'s %d rows' % rows, good.stdout)
    one = console.sql('SELECT id FROM user WHERE name = ?', 'r.admin')[0][0]
    admin = console.session(one)
    seen, before = [], ''
    while True:
        status, got = admin.get('/api/audit' + before)
        if status != 200 or not got['rows']:
            break
        seen += got['rows']
        before = '?before=%d' % got['rows'][-1]['id']
    tap.eq(untold(row['action'] for row in seen), [],
           'the pages have words for all of it')
    ids = [row['id'] for row in seen]
    tap.eq(ids, sorted(ids, reverse=True), 'the page reads it, newest first')
    tap.ok(len(seen) >= rows and all(row['whole'] for row in seen),
           'all of it, all whole', '%d of %d' % (len(seen), rows))
    console.sql("UPDATE audit SET who = 'somebody' WHERE id = 3")
    bad = subprocess.run(ctl, capture_output=True, check=False, timeout=kit.patient(30))
    tap.ok(bad.returncode == 1, 'a changed row shows', bad.stdout, bad.stderr)
    seen = {row['id']: row['whole'] for row in admin.get(
        '/api/audit?before=6')[1]['rows']}
    tap.ok(not seen[3] and seen[2], 'on the page, too', seen)


# TLS and nginx --------------------------------------------------------------

def certificate(stage):
    paths = stage.path('cert.pem'), stage.path('key.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
                    '-subj', '/CN=localhost', '-addext',
                    'subjectAltName=DNS:localhost,IP:127.0.0.1',
                    '-out', paths[0], '-keyout', paths[1]],
                   check=True, capture_output=True)
    os.chmod(paths[1], 0o600)
    return paths


class TlsClient(Client):
    """One that trusts this certificate alone."""

    def __init__(self, console, cert, port=None):
        super().__init__(console)
        self.context = ssl.create_default_context(cafile=cert)
        self.port = port

    def connect(self, seconds=30):
        return http.client.HTTPSConnection(
            'localhost', self.port or self.console.port, timeout=seconds,
            context=self.context)


def run_tls(tap, stage, folder):
    cert, key = certificate(stage)
    console = Console(stage, ['tls_certificate: "%s"' % cert,
                              'tls_key: "%s"' % key], folder=folder)
    who = TlsClient(console, cert)
    link = console.invite('elnura', 'operator')
    tap.ok(link.startswith('https://'), 'a link says https', link)
    who.accept(link)
    tap.ok('__Host-safar' in who.cookies, 'cookies are for this host alone')
    tap.ok('strict-transport-security' in who.headers, 'HSTS')
    tap.eq([who.get('/api/me')[0] for _ in range(50)], [200] * 50,
           'requests by TLS')
    spoken = subprocess.run(
        ['openssl', 's_client', '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0',
         '-connect', '127.0.0.1:%d' % console.port], stdin=subprocess.DEVNULL,
        capture_output=True, check=False, timeout=kit.patient(20))
    tap.ok(b'handshake failure' in spoken.stderr
           or b'protocol version' in spoken.stderr, 'TLS 1.1 is not spoken',
           spoken.stderr)
    tap.ok(b'200' not in raw(console, b'GET /api/health HTTP/1.1\r\n\r\n')[
        :20], 'nor is anything without TLS')
    tap.eq(console.stop(), 0, 'ends when it is asked to')
    os.chmod(key, 0o644)
    refused = subprocess.run(
        [os.path.join(BIN, 'safar-console'), '--data', console.data],
        capture_output=True, check=False, timeout=kit.patient(20))
    tap.ok(refused.returncode == 1 and b'tls_key' in refused.stderr,
           'a key that everybody can read is refused', refused.stderr)


def run_nginx(tap, stage, folder):
    nginx = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin')
    if nginx is None:
        tap.skip('behind nginx', 'nginx is not installed')
        return
    cert, key = certificate(stage)
    port = kit.free_port()
    console = Console(stage, ['address: "https://localhost:%d"' % port],
                      folder=folder)
    with open(os.path.join(kit.ROOT, 'conf', 'nginx-safar.conf'),
              encoding='utf-8') as file:
        sample = file.read()
    for old, new in (('127.0.0.1:8080', '127.0.0.1:%d' % console.port),
                     ('/etc/ssl/console.example.org.pem', cert),
                     ('/etc/ssl/private/console.example.org.key', key),
                     ('console.example.org', 'localhost')):
        tap.ok(old in sample, 'the sample names %s' % old)
        sample = sample.replace(old, new)
    sample = re.sub(r'listen \[::\]:443[^;]*;', '', sample)
    sample = re.sub(r'listen 443 ', 'listen 127.0.0.1:%d ' % port, sample)
    sample = re.sub(r'server \{\s*listen 80;.*?\n\}\n', '', sample,
                    flags=re.S)
    conf = stage.path('nginx.conf')
    temp = ''.join('  %s_temp_path %s;\n' % (name, stage.path('ng-' + name))
                   for name in ('client_body', 'proxy', 'fastcgi', 'uwsgi',
                                'scgi'))
    with open(conf, 'w', encoding='utf-8') as file:
        file.write('daemon off;\npid %s;\nerror_log stderr;\nevents {}\n'
                   'http {\n  access_log off;\n%s%s}\n' % (
                       stage.path('nginx.pid'), temp, sample))
    server = kit.Process(stage, 'nginx', [nginx, '-e', 'stderr', '-c', conf])
    kit.wait_for('nginx', 20, lambda: kit.is_listening(port)
                 or not server.alive())
    who = TlsClient(console, cert, port)
    link = console.invite('farida', 'operator')
    tap.ok(link.startswith('https://localhost:%d/#/invite/' % port),
           'a link says the public address', link)
    who.accept(link)
    tap.ok('__Host-safar' in who.cookies
           and 'strict-transport-security' in who.headers,
           'behind nginx cookies and headers are those of TLS')
    tap.eq(who.get('/api/me')[0], 200, 'requests through nginx')
    spoofer = TlsClient(console, cert, port)

    def spoof(at):
        spoofer.address = '9.9.%d.%d' % (at // 250, at % 250)
        return spoofer.get('/api/me')[0]

    tap.eq(until_refused(spoof)[-1], 429,
           'who writes X-Forwarded-For itself is counted all the same')
    server.signal(signal.SIGQUIT)
    console.stop()


def run(tap, stage):
    console = Console(stage)
    slow = Slow(console)
    for role in ROLES:
        console.invite('r.' + role, role)
    # they can log in, as far as anybody counts
    console.sql("UPDATE user SET password = '$argon2id$none'")
    run_routes(tap, console)
    run_sessions(tap, console)
    owner = run_invite(tap, console)
    run_login(tap, console, owner)
    run_queue(tap, console)
    run_gone(tap, console)
    run_sites(tap, console)
    run_bad(tap, console)
    run_much(tap, console)
    run_many(tap, console)
    run_confined(tap, console)
    run_traces(tap, console, owner)
    run_audit(tap, console)
    slow.check(tap, console)
    run_restart(tap, console, owner)
    tap.eq(console.stop(), 0, 'ends when it is asked to')
    run_tls(tap, stage, console.safard)
    run_nginx(tap, stage, console.safard)


if __name__ == '__main__':
    kit.main(run, 420)
    sys.exit(0)
