"""console.py - a safar-console under test, and people who use it.

    console = Console(stage)            # a data folder and a safar-console
    anna = console.user('anna', 'operator,approver')   # invited, logged in
    status, body = anna.get('/api/me')
    status, body = anna.post('/api/listings/search', {'q': 'osh'})
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import sqlite3
import struct
import subprocess
import time

import kit
from safard import BIN, Safard

PASSWORD = 'correct horse battery'


def totp(secret, at=None, step=0):
    """RFC 6238: the code that an authenticator shows for a base32 secret."""
    count = int((time.time() if at is None else at) // 30) + step
    key = base64.b32decode(secret + '=' * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack('>Q', count), hashlib.sha1).digest()
    at = mac[-1] & 15
    code = struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff
    return '%06d' % (code % 1000000)


def texts():
    """The ids of what the pages can say."""
    path = os.path.join(kit.ROOT, 'content', 'lang', 'en.console.po')
    with open(path, encoding='utf-8') as file:
        return set(re.findall(r'^msgid "([^"]+)"', file.read(), re.M))


def untold(actions):
    """Actions of the audit that the pages have no words for."""
    known = texts()

    def told(words):
        return any('did.' + '-'.join(words[:n]).replace('_', '-')
                   in known for n in range(len(words), 0, -1))

    return sorted({a for a in actions if not told(a.split(' '))})


class Client:
    """A browser: cookies, the CSRF token, an address as nginx would tell."""

    def __init__(self, console, address=None):
        self.console = console
        self.address = address
        self.cookies = {}
        self.csrf = None
        self.secret = None
        self.recovery = []
        self.headers = {}   # of the last answer
        self.name = None

    def connect(self, seconds=30):
        return http.client.HTTPConnection('127.0.0.1', self.console.port,
                                          timeout=kit.patient(seconds))

    def ask(self, method, path, body=None, headers=None, raw=None):
        """(status, the JSON or the bytes)"""
        send = {'Accept': 'application/json'}
        if self.cookies:
            send['Cookie'] = '; '.join(
                '%s=%s' % pair for pair in self.cookies.items())
        if self.csrf and method not in ('GET', 'HEAD'):
            send['X-CSRF-Token'] = self.csrf
        if self.address:
            send['X-Forwarded-For'] = self.address
        if body is not None:
            send['Content-Type'] = 'application/json'
            raw = json.dumps(body).encode()
        send.update(headers or {})
        link = self.connect()
        try:
            link.request(method, path, body=raw, headers={
                name: value for name, value in send.items()
                if value is not None})
            answer = link.getresponse()
            data = answer.read()
        finally:
            link.close()
        self.headers = {name.lower(): value
                        for name, value in answer.getheaders()}
        for name, value in answer.getheaders():
            if name.lower() == 'set-cookie':
                self.take_cookie(value)
        if self.headers.get('content-type') == 'application/json':
            data = json.loads(data)
            if isinstance(data, dict) and data.get('csrf'):
                self.csrf = data['csrf']
        return answer.status, data

    def take_cookie(self, text):
        name, _, value = text.split(';')[0].partition('=')
        if 'Max-Age=0' in text:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def get(self, path, **more):
        return self.ask('GET', path, **more)

    def post(self, path, body=None, **more):
        return self.ask('POST', path, {} if body is None else body, **more)

    def put(self, path, body=None, **more):
        return self.ask('PUT', path, {} if body is None else body, **more)

    def delete(self, path, **more):
        return self.ask('DELETE', path, **more)

    def accept(self, link, password=PASSWORD):
        """Take an invitation, as its page does; logged in afterwards."""
        token = link.strip().rsplit('/', 1)[1]
        status, shown = self.post('/api/invite', {'token': token})
        assert status == 200, (status, shown)
        self.secret = shown['totp']['secret']
        self.name = shown['name']
        status, got = self.post('/api/invite/accept', {
            'token': token, 'password': password, 'code': totp(self.secret)})
        assert status == 200, (status, got)
        self.recovery = got['recovery']
        return got

    def login(self, name=None, password=PASSWORD, code=None):
        body = {'name': name or self.name, 'password': password}
        if code is not None:
            body['code'] = code
        return self.post('/api/login', body)


class Console:
    """A data folder, and a safar-console that serves it."""

    under = ()  # the command that runs it

    def __init__(self, stage, settings=(), folder=None, start=True):
        self.stage = stage
        self.safard = folder or Safard(stage)
        self.data = self.safard.data
        self.safard.set('console', ['  listen: "127.0.0.1:0"'] + [
            '  ' + line for line in settings])
        self.port = None
        self.process = None
        if start:
            self.start()

    def start(self, *args, env=None):
        self.process = kit.Process(
            self.stage, 'safar-console',
            [*self.under, os.path.join(BIN, 'safar-console'), '--data',
             self.data, *args],
            cwd=kit.ROOT, env=env)
        line = self.process.wait_line(r'\bev=listen\b')
        self.port = int(line.rsplit('port=', 1)[1])
        self.process.wait_line(r'\bev=ready\b')

    def stop(self):
        return self.process.stop()

    def invite(self, name, roles, *scope):
        """The link for a new user."""
        return self.safard.ctl('--data', self.data, 'user', 'add', name,
                               '--role', roles, *scope)

    def user(self, name, roles, *scope, address=None):
        """A new user, who has taken the invitation and is logged in."""
        client = Client(self, address)
        client.accept(self.invite(name, roles, *scope))
        return client

    def nobody(self, address=None):
        return Client(self, address)

    def sql(self, text, *values):
        """What a console cannot do: change its own store behind its back."""
        with sqlite3.connect(os.path.join(self.data, 'console.db'),
                             timeout=10) as store:
            return store.execute(text, values).fetchall()

    def session(self, user_id, began_ms=None, used_ms=None, address=None):
        """A browser with a session, without a login."""
        token, now = secrets.token_urlsafe(32), int(time.time() * 1000)
        self.sql('INSERT INTO session (token, user_id, began_ms, used_ms)'
                 ' VALUES (?, ?, ?, ?)',
                 hashlib.blake2b(token.encode(), digest_size=32).digest(),
                 user_id, began_ms or now, used_ms or now)
        client = Client(self, address)
        client.cookies['safar'] = token
        client.get('/api/me')
        return client

    def routes(self):
        out = subprocess.run([os.path.join(BIN, 'safar-console'), '--routes'],
                             stdout=subprocess.PIPE, check=True).stdout
        return [json.loads(line) for line in out.splitlines()]
