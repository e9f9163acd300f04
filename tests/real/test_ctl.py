#!/usr/bin/env python3
"""safarctl as an administrator meets it: every command, with and without a
daemon, right and wrong."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import stat
import subprocess
import sys
import termios
import time

import kit
from safard import BIN

CTL = os.path.join(BIN, 'safarctl')
COMMANDS = ('init', 'phone', 'try', 'match', 'words', 'check', 'parts',
            'publish', 'directory', 'log', 'status', 'backup', 'restore',
            'conf', 'callback')
FIRST = '+996555120801'
KEYS = ['replies', 'intent', 'place', 'lang', 'node', 'listings', 'edition']


class Ctl:
    """Runs safarctl in the test's folder, with nothing of ours around it."""

    def __init__(self, stage):
        self.stage = stage
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith('SAFAR_')}

    def __call__(self, *args, stdin='', seconds=30, **env):
        """(exit code, standard output, standard error)"""
        if isinstance(stdin, str):
            stdin = stdin.encode('utf-8')
        done = subprocess.run([CTL, *args], input=stdin, check=False,
                              cwd=self.stage.folder, timeout=seconds,
                              env=dict(self.env, **env),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return (done.returncode, done.stdout.decode('utf-8'),
                done.stderr.decode('utf-8'))


def refused(tap, got, code, pattern, name):
    """It ends with this code and one sentence that matches."""
    lines = got[2].strip().splitlines()
    tap.ok(got[0] == code and lines and lines[-1].startswith('safarctl: ')
           and re.search(pattern, got[2]), name, 'exit %d' % got[0], got[2])


def run_help(tap, ctl):
    code, out, _err = ctl('--help')
    tap.ok(code == 0 and all(re.search(r'(?m)^  %s ' % c, out)
                             for c in COMMANDS), '--help names every command')
    for command in COMMANDS:
        code, out, err = ctl(command, '--help')
        tap.ok(code == 0 and out.startswith('usage: safarctl') and not err,
               '%s --help' % command, out, err)
    code, _out, err = ctl()
    tap.ok(code == 2 and err.startswith('usage:'), 'no command')
    tap.eq(ctl('help'), ctl('--help'), 'help is --help')
    tap.eq(ctl('help', 'log'), ctl('log', '--help'), 'help COMMAND, too')
    refused(tap, ctl('help', 'dance'), 2, "no command 'dance'",
            'help on an unknown command')
    refused(tap, ctl('dance'), 2, "no command 'dance'", 'an unknown command')
    refused(tap, ctl('--colour', 'log'), 2, '--colour', 'an unknown option')
    refused(tap, ctl('--data'), 2, 'name the folder', '--data without DIR')
    refused(tap, ctl('log', '--colour'), 2, '--colour.*log --help',
            'an unknown option of a command')
    refused(tap, ctl('log', '-n'), 2, 'needs a value', '-n without a number')
    refused(tap, ctl('log', '-n', 'ten'), 2, "'ten': write a number",
            '-n with a word')
    refused(tap, ctl('log', '-xz'), 2, "'-x' is not an option",
            'letters that are no option')
    refused(tap, ctl('log', 'today'), 2, "'today'", 'one argument too many')
    for args in (('--data', '', 'panic', '--yes'), ('--data=', 'status'),
                 ('panic', '--yes', '--data')):
        refused(tap, ctl(*args), 2, '--data: name the folder',
                'no other folder in the place of one without a name')
    for option, value, want in (('--lang', 'kyrgyz', 'ru, ky, tg'),
                                ('--outcome', 'ok', 'answered, asked_back'),
                                ('--country', 'Russia', 'as kg'),
                                ('--country', 'KG', 'as kg')):
        refused(tap, ctl('log', option, value), 2, want,
                'log %s with a slip' % option)
    refused(tap, ctl('words', 'explain'), 2, 'explain TEXT',
            'words without its argument')
    refused(tap, ctl('directory', 'list', '--country', 'KG'), 2, 'as kg',
            'directory list with a slip')
    refused(tap, ctl('directory', 'show'), 2, 'the ID of a listing is missing',
            'directory show without an id')
    refused(tap, ctl('directory', 'import'), 2, 'FILE or FOLDER',
            'directory import without a file')


def run_closed(tap, ctl, stage, data):
    """Somebody who is not the user that safard runs as: most of us, once."""
    args = [CTL, '--data', data, 'status']
    if os.geteuid() == 0:
        os.chmod(stage.folder, 0o711)
        nobody = dict(user=65534, group=65534, extra_groups=[])
        want = 'is for the user root alone; run `sudo -u root safarctl'
    else:
        os.chmod(data, 0)
        nobody, want = {}, 'may not be read; correct its owner'
    try:
        done = subprocess.run(args, check=False, env=ctl.env, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **nobody)
        refused(tap, (done.returncode, '', done.stderr.decode()), 1, want,
                'another user is told who may')
    except PermissionError as error:
        tap.skip('another user is told who may',
                 'nobody cannot reach the program: %s' % error)
    os.chmod(data, 0o700)


def run_no_text(tap, ctl, stage, data):
    """A folder in the place of a file is not an empty file."""
    refused(tap, ctl('--data', data, 'words', 'test', stage.folder), 1,
            'cannot be read', 'words test of a folder')
    refused(tap, ctl('--data', data, 'parts', stage.folder), 1,
            'cannot be read', 'parts of a folder')
    for command in 'match', 'try':
        folder = os.open(stage.folder, os.O_RDONLY)
        done = subprocess.run([CTL, '--data', data, command], stdin=folder,
                              check=False, env=ctl.env, timeout=30,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(folder)
        refused(tap, (done.returncode, '', done.stderr.decode()), 1,
                'cannot be read', '%s of a folder' % command)


def share_copy(stage, name):
    """The shared files, to be broken."""
    root = stage.path(name)
    for folder in ('menus', 'content'):
        shutil.copytree(os.path.join(kit.ROOT, folder),
                        os.path.join(root, folder))
    return root


def edit(path, old, new):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    if old not in text:
        raise ValueError('%s: no %r' % (path, old))
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace(old, new, 1))


def snapshot(folder):
    """Every file below and its bytes."""
    found = {}
    for path in kit.files_under(folder):
        with open(path, 'rb') as file:
            found[os.path.relpath(path, folder)] = file.read()
    return found


def run_init(tap, ctl, stage, data):
    code, out, err = ctl('init', data)
    tap.ok(code == 0 and 'safard --data' in out and not err,
           'init makes a folder and says what to do next', out, err)
    tap.eq(stat.S_IMODE(os.stat(data).st_mode), 0o700, 'for its owner only')
    tap.eq(sorted(os.listdir(data)), sorted(
        ['directory.db', 'editions', 'hotline.db', 'keys', 'safar.yaml',
         'safard.lock']), 'with all it needs and nothing half-made')
    tap.eq(os.listdir(os.path.join(data, 'editions')), ['0001'],
           'and edition 1')
    before = snapshot(data)
    refused(tap, ctl('init', data), 1, 'already holds safar.yaml',
            'init again is refused')
    tap.ok(snapshot(data) == before, 'and changes nothing')
    refused(tap, ctl('init'), 2, 'name the folder', 'init without a folder')
    refused(tap, ctl('init', 'a', 'b'), 2, "'b'", 'init with two folders')
    refused(tap, ctl('init', stage.path('no', 'where')), 1, 'cannot be made',
            'init in a folder that is not there')
    path = stage.path('a-file')
    with open(path, 'w', encoding='utf-8'):
        os.chmod(path, 0o644)
    refused(tap, ctl('init', path), 1, 'no folder', 'init of a file')
    tap.eq(stat.S_IMODE(os.stat(path).st_mode), 0o644, 'which stays as it is')


def run_init_broken(tap, ctl, stage):
    """A seed that cannot be read: file and line, and nothing stays."""
    share = share_copy(stage, 'share-orgs')
    orgs = os.path.join(share, 'content', 'orgs', 'broken.csv')
    with open(orgs, 'w', encoding='utf-8') as file:
        file.write('id,name_en\nx,"never closed\n')
    half = stage.path('half')
    refused(tap, ctl('init', half, SAFAR_SHARE=share), 1,
            r'broken\.csv:\d+: ', 'init names file and line of a broken seed')
    tap.ok(not os.path.exists(half), 'and leaves no half-made folder')
    os.mkdir(half)
    with open(os.path.join(half, 'mine'), 'w', encoding='utf-8'):
        pass
    refused(tap, ctl('init', half, SAFAR_SHARE=share), 1, 'broken',
            'the same in a folder that was there')
    tap.eq(os.listdir(half), ['mine'], 'which keeps what it had')
    keys, key = stage.path('half-keys'), stage.path('half.key')
    args = ('init', half, '--keys', keys, '--reviewers', key)
    for there in False, True:
        if there:
            os.mkdir(keys, 0o700)
        refused(tap, ctl(*args, SAFAR_SHARE=share), 1, 'broken',
                'the same with keys elsewhere')
        tap.eq((os.path.exists(keys), os.path.exists(key)), (there, False),
               'which are gone with it')
    tap.eq((os.listdir(keys), os.listdir(half)), ([], ['mine']),
           'a folder for keys that was there stays, empty')
    refused(tap, ctl('init', half, SAFAR_SHARE=stage.path('none')), 1,
            'SAFAR_SHARE', 'a share folder that is not there')


def run_conf(tap, ctl, stage, data):
    code, out, _err = ctl('conf', '--explain')
    tap.ok(code == 0 and 'per_sender:' in out and '\n# ' in out,
           'conf --explain')
    with open(os.path.join(data, 'safar.yaml'), encoding='utf-8') as file:
        tap.eq(file.read(), out, 'is what init wrote')
    production = ctl('conf', '--explain', '--production')[1]
    tap.ok(re.search(r'require_verified_days: [1-9]', production),
           'production gives out only what is verified')
    with open(os.path.join(kit.ROOT, 'conf', 'safar.yaml'),
              encoding='utf-8') as file:
        tap.ok(file.read() == production, 'and is what conf/safar.yaml shows')
    code, out, _err = ctl('--data', data, 'conf', '--check')
    tap.ok(code == 0 and 'ok' in out, 'conf --check')
    refused(tap, ctl('conf'), 2, '--explain or --check', 'conf alone')
    other = stage.path('other')
    os.mkdir(other)
    with open(os.path.join(other, 'safar.yaml'), 'w',
              encoding='utf-8') as file:
        file.write('limit:\n  per_sender: 30\n  per_minute: 4\n')
    refused(tap, ctl('--data', other, 'conf', '--check'), 1,
            r'safar\.yaml:3: ', 'a wrong setting, with its line')
    refused(tap, ctl('--data', stage.path('none'), 'conf', '--check'), 1,
            'safarctl init', 'a data folder that is not there')
    refused(tap, ctl('status'), 1, '--data DIR', 'no data folder at all')


def objects(out):
    return [json.loads(line) for line in out.splitlines()]


def run_try(tap, ctl, data):
    said = ['меню', 'мне нужен юрист в Москве', 'menga yordam kerak',
            'I need a lawyer in Moscow', '', 'я' * 2000, 'ёрӣ', '1', '000']
    code, out, err = ctl('--data', data, 'try', '--from', FIRST,
                         stdin=''.join(t + '\n' for t in said))
    got = objects(out)
    tap.ok(code == 0 and not err, 'try', err)
    tap.eq(len(got), len(said), 'one object for each text, empty ones too')
    tap.ok(all(list(o) == KEYS for o in got), 'each with the same members')
    tap.ok(all(len(o['replies']) == 1
               and 1 <= o['replies'][0]['parts'] <= 3
               and o['replies'][0]['encoding'] in ('gsm7', 'ucs2')
               and o['replies'][0]['text'] for o in got),
           'each with one answer of three parts at most')
    tap.ok(all(o['edition'] == 1 for o in got), 'from edition 1')
    tap.eq([o['intent'] for o in got[:4]],
           ['menu', 'legal', 'menu', 'legal'], 'intents')
    tap.eq((got[1]['place'], got[1]['lang']), ('ru-moscow', 'ru'),
           'place and language')
    tap.ok(got[1]['listings'], 'listings')
    tap.eq(got[2]['lang'], 'uz', 'Uzbek is answered in Uzbek')
    tap.eq(got[3]['lang'], 'en', 'English in English')
    tap.eq(got[6]['lang'], 'tg', 'Tajik in Tajik')
    tap.eq((got[4]['intent'], got[5]['intent']), ('none', 'none'),
           'no meaning, no intent')
    tap.eq(got[7]['intent'], 'number:1', 'a digit')
    tap.eq(got[8]['intent'], 'forget', 'forget')
    code, out, _err = ctl('--data', data, 'try',
                          stdin=b'menu\n\xff\xfe\nmenu')
    got = objects(out)
    tap.ok(code == 0 and len(got) == 3 and list(got[1]) == ['error']
           and got[2]['intent'] == 'menu',
           'a line that is not UTF-8 is told, and it goes on', out)
    refused(tap, ctl('--data', data, 'try', '--from', '1414'), 2, '1414',
            'a short code is no person')
    code, out, err = ctl('try', stdin='menu\n')
    tap.ok(code == 0 and objects(out)[0]['edition'] == 0
           and err.count('\n') == 1 and 'no data folder' in err,
           'without a data folder: edition 0, said once', err)


def run_try_driven(tap, ctl, data):
    """Line by line through a pipe."""
    with subprocess.Popen([CTL, '--data', data, 'try'], cwd=ctl.stage.folder,
                          env=ctl.env, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        for text in ('menu', 'back'):
            process.stdin.write(text.encode() + b'\n')
            process.stdin.flush()
            ready, _w, _x = select.select([process.stdout], [], [], 10)
            line = process.stdout.readline() if ready else b'{}'
            tap.eq(json.loads(line).get('intent'), text,
                   'try answers at once: ' + text)
        process.stdin.close()
        tap.eq(process.wait(10), 0, 'and ends with its input')


def run_match(tap, ctl, data):
    rows = [('a', 'мне нужен юрист в Москве'), ('b', 'menu'), ('c', '3'),
            ('d', 'Москва'), ('e', ''), ('f', 'zzzzqqq'), ('', 'menu')]
    code, out, err = ctl('--data', data, 'match',
                         stdin=''.join('%s\t%s\n' % r for r in rows))
    got = [line.split('\t') for line in out.splitlines()]
    tap.ok(code == 0 and not err, 'match', err)
    tap.eq([r[0] for r in got], [r[0] for r in rows], 'ids in order')
    tap.ok(all(len(r) == 6 for r in got), 'six columns')
    tap.eq([r[1] for r in got],
           ['legal', 'menu', 'number:3', 'place', 'none', 'none', 'menu'],
           'verdicts')
    tap.eq([r[2] for r in got],
           ['ru-moscow', '', '', 'ru-moscow', '', '', ''], 'places')
    tap.eq(got[0][3], 'ru', 'language')
    code, out, err = ctl('--data', data, 'match', stdin='a\tmenu\nb menu\n')
    refused(tap, (code, out, err), 1, 'line 2', 'a line without a tab')
    code, out, _err = ctl('--data', data, 'match', stdin=b'a\t\xff\nb\tmenu\n')
    tap.ok(code == 0 and [line.split('\t')[1] for line in out.splitlines()] ==
           ['none', 'menu'], 'a text that is not UTF-8 is none', out)


def run_words_add(tap, ctl, stage):
    content = stage.path('words-content')
    shutil.copytree(os.path.join(kit.ROOT, 'content'), content)
    path = os.path.join(content, 'lang', 'ru.words.po')
    with open(path, encoding='utf-8') as f:
        before = f.read()

    def add(*args):
        return ctl('words', 'add', '--content', content, *args)

    code, out, err = add('ru', 'wages', 'жалованьишк*')
    tap.ok(code == 0 and 'wages' in out and not err, 'words add', out, err)
    with open(path, encoding='utf-8') as f:
        after = f.read()
    tap.ok(after.replace('"жалованьишк*\\n"\n', '') == before != after,
           'one line is new')
    for args, code, pattern, name in (
            (('ru', 'jobs', 'зарплат*'), 1, r'ru\.words\.po:\d+: .*owner',
             'a word of two topics'),
            (('ru', 'nothing', 'слово'), 1, 'unknown name', 'no such entry'),
            (('ru', 'jobs', '/(/'), 1, 'at character', 'a bad pattern'),
            (('xx', 'jobs', 'слово'), 2, 'no language', 'no such language'),
            (('ru', 'jobs', 'a"b'), 2, 'one line', 'a quote'),
            (('ru', 'jobs', 'a\nb'), 2, 'one line', 'two lines'),
            (('ru', 'jobs', ''), 2, 'keyword', 'no word'),
            (('ru', 'jobs'), 2, 'add LANG NAME WORD', 'too few arguments')):
        refused(tap, add(*args), code, pattern, 'words add: ' + name)
    with open(path, encoding='utf-8') as f:
        tap.ok(f.read() == after, 'what is refused changes nothing')
    tap.eq([n for n in os.listdir(os.path.join(content, 'lang'))
            if n.startswith('.')], [], 'and leaves nothing behind')


def run_user(tap, ctl, data):
    """Who did it is who typed it, also behind sudo."""
    code, out, err = ctl('--data', data, 'user', 'add', 'olga', '--role',
                         'operator', SUDO_USER='anna')
    tap.ok(code == 0 and '/#/invite/' in out, 'user add', err)
    out = ctl('--data', data, 'audit')[1]
    tap.eq(re.findall(r'Z +(\S+) +(\S+) olga', out),
           [('anna', 'user_added'), ('anna', 'user_invited')],
           'the audit has who was behind sudo')


def run_words(tap, ctl, stage, data):
    code, out, err = ctl('--data', data, 'words', 'explain', 'зарплта')
    tap.ok(code == 0 and not err and 'as typed' in out and
           re.search('points:.* wages', out) and
           out.splitlines()[-1].startswith('means: wages'),
           'words explain', out, err)
    texts = stage.path('texts.tsv')
    with open(texts, 'w', encoding='utf-8') as f:
        f.write('a\tврач\thealth\nb\tменю\tmenu\textra\nc\tврач\tjobs\n')
    code, out, err = ctl('--data', data, 'words', 'test', texts)
    tap.ok(code == 1 and not err and out.splitlines() ==
           ['c\tврач\thealth instead of jobs',
            '1 of 3 are understood otherwise'], 'words test', out, err)
    with open(texts, 'w', encoding='utf-8') as f:
        f.write('a\tврач\thealth\nb\n')
    refused(tap, ctl('--data', data, 'words', 'test', texts), 1,
            r'texts\.tsv:2:', 'words test: a line without an intent')
    refused(tap, ctl('words', 'test', stage.path('none.tsv')), 1, 'none.tsv',
            'words test: no file')
    refused(tap, ctl('words', 'learn', 'x'), 2, 'explain TEXT',
            'words: no such thing')
    run_words_add(tap, ctl, stage)


def run_check(tap, ctl, stage, data):
    code, out, err = ctl('--data', data, 'check')
    tap.ok(code == 0 and 'parts' in out and 'no problem' in out and not err,
           'check of the published edition', out[-400:], err)
    code, out, err = ctl('check')
    tap.ok(code == 0 and 'no data folder' in err,
           'check without a data folder')
    share = share_copy(stage, 'share-seen')
    edit(os.path.join(share, 'content', 'lang', 'en.po'), '"Ask these:"',
         '"HIV help:"')
    refused(tap, ctl('check', share), 1, 'problems',
            'a word for a locked phone to show')
    told = ctl('check', share)[1]
    tap.ok(re.search(r"(?m)^problem: en: page \d of \S+, from \w\w: 'hiv'",
                     told), 'which no text shows by itself: the page is named',
           told[:400])
    share = share_copy(stage, 'share-long')
    code, out, _err = ctl('check', share)
    tap.ok(code == 0 and re.search(r'nor on \d{4} pages', out),
           'check of a folder', out[-200:])
    with open(os.path.join(share, 'content', 'orgs', 'z.csv'), 'w',
              encoding='utf-8') as file:
        file.write('id,name_en,country,places,topics,kind,listing,email,'
                   'checked\nzz,Z,kg,kg,jobs,ngo,callers-after-check,'
                   'z@example.org,2062-01-02\n')
    told = ctl('check', share)[1]
    tap.ok(re.search(r'(?m)^problem: listing zz: checked is 2062-01-02, a day '
                     r'still to come; write', told),
           'a check that is still to come', told[-400:])
    os.unlink(file.name)
    for lang, head in (('en', 'Safar. Send a number:'),
                       ('ru', None)):
        path = os.path.join(share, 'content', 'lang', lang + '.po')
        if head is None:
            with open(path, encoding='utf-8') as file:
                head = re.search(r'msgid "main\.head"\nmsgstr "(.*)"',
                                 file.read())[1]
        edit(path, '"%s"' % head, '"%s %s"' % (head, 'long ' * 100))
    got = ctl('check', share)
    tap.ok(len(re.findall(r'(?m)^problem: ', got[1])) >= 2,
           'every problem is told', got[1][:400])
    refused(tap, got, 1, 'problems', 'and it fails')
    edit(os.path.join(share, 'menus', 'trees', 'main.yaml'), 'version: 1',
         'version: 1\nbroken: [')
    refused(tap, ctl('check', share), 1, r'main\.yaml:\d+: ',
            'a broken menu, with its line')


def run_parts(tap, ctl, stage, data):
    code, out, err = ctl('--data', data, 'parts')
    rows = re.findall(r'(?m)^(\S+) +(\S+) +(\d+) +(\d+) +(\d+)$', out)
    tap.ok(code == 0 and not err and len(rows) > 7 * 25,
           'parts of every node in every language', out[-400:], err)
    tap.ok(all(0 < int(row[3]) <= 3 and 0 < int(row[4]) <= 3 for row in rows),
           'none over its parts')
    sums = re.search(r'(?m)^all +(\d+) +(\d+) +(\d+) +(\d+) ', out)
    tap.ok(sums and int(sums[1]) == len(rows) and
           [int(sums[n]) for n in (2, 3, 4)] ==
           [sum(int(row[n]) for row in rows) for n in (2, 3, 4)],
           'the sums are theirs')
    talk = os.path.join(stage.folder, 'talk.txt')
    with open(talk, 'w', encoding='utf-8') as file:
        file.write('# two texts\nfrom %s\n> меню\n< no matter\n'
                   '> LAT\n> юрист\n= ucs2 2\n' % FIRST)
    code, out, err = ctl('--data', data, 'parts', talk)
    rows = re.findall(r'(?m)^(ky|ru) +(\S+) +(\d+) +(\d+) +(\d+)$', out)
    tap.ok(code == 0 and [row[1] for row in rows][:2] == ['main', 'legal'],
           'parts of a conversation', out, err)
    refused(tap, ctl('--data', data, 'parts', talk + '.none'), 1,
            'cannot be read', 'no such conversation')
    with open(talk, 'w', encoding='utf-8') as file:
        file.write('from nobody\n')
    refused(tap, ctl('--data', data, 'parts', talk), 1, r'talk\.txt:1: ',
            'a number that is none')


HEAD = 'id,name_en,country,places,topics,kind,listing,phone_e164,email\n'
GOOD = ('test-osh,"Test, Osh",kg,kg-osh,legal;wages,ngo,callers-after-check,,'
        'test@example.org\n')


def run_directory(tap, ctl, stage, data):
    def directory(*args):
        return ctl('--data', data, 'directory', *args)

    path = stage.path('rows.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(HEAD + GOOD + GOOD.replace('test-osh', 'Test Osh')
                   + GOOD.replace('test-osh', 'b').replace('legal', 'magic'))
    before = directory('list', '--json')[1]
    got = directory('import', path)
    refused(tap, got, 1, 'rows.csv:3: ', 'a wrong id, with its line')
    tap.ok('rows.csv:4: ' in got[2], 'and every other wrong row', got[2])
    tap.eq(directory('list', '--json')[1], before, 'nothing was changed')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(HEAD + GOOD)
    code, out, _err = directory('import', path, '--dry-run')
    tap.ok(code == 0 and '1 added' in out and 'test-osh' in out,
           'a dry run tells', out)
    tap.eq(directory('list', '--json')[1], before, 'and changes nothing')
    code, out, _err = directory('import', path)
    tap.ok(code == 0 and '1 added' in out and 'publish' in out, 'import', out)
    code, out, _err = directory('import', path)
    tap.ok(code == 0 and '1 the same' in out and 'publish' not in out,
           'import again', out)
    refused(tap, directory('import', stage.path('none.csv')), 1, r'none\.csv',
            'a file that is not there')
    refused(tap, directory('import'), 2, 'missing', 'import of nothing')

    code, out, _err = directory('list', '--topic', 'wages', '--place',
                                'kg-osh', '--country', 'kg')
    tap.ok(code == 0 and re.search(r'(?m)^test-osh ', out), 'list', out)
    tap.ok('test-osh' not in directory('list', '--topic', 'hiv')[1],
           'list of another topic')
    with subprocess.Popen([CTL, '--data', data, 'directory', 'list', '--json'],
                          env=ctl.env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        tap.eq(process.stderr.read(), b'', 'a reader may leave early')
    tap.ok('test-osh' in directory('list', '--place', 'kg')[1],
           'list of the whole country')
    refused(tap, directory('list', '--topic', 'magic'), 2, 'magic',
            'no such topic')
    refused(tap, directory('list', '--place', 'magic'), 2, 'magic',
            'no such place')
    code, out, _err = directory('show', 'test-osh', '--json')
    row = json.loads(out)
    tap.ok(code == 0 and row['topics'] == ['legal', 'wages']
           and row['checked'] is None, 'show --json', out)
    tap.ok('Test, Osh' in directory('show', 'test-osh')[1], 'show')
    refused(tap, directory('show', 'magic'), 1, 'magic', 'show of nobody')
    refused(tap, directory('verify', 'test-osh', '--who', 'A'), 2, '--how',
            'verify without --how')
    refused(tap, directory('verify', 'test-osh', '--how', 'phone'), 2,
            '--who', 'verify without --who')
    refused(tap, directory('verify', 'magic', '--how', 'phone', '--who', 'A'),
            1, 'magic', 'verify of nobody')
    code, out, _err = directory('verify', 'test-osh', '--how', 'phone',
                                '--who', 'A')
    tap.ok(code == 0 and 'publish' in out, 'verify', out)
    row = json.loads(directory('show', 'test-osh', '--json')[1])
    tap.ok(re.fullmatch(r'\d{4}-\d\d-\d\d', row['checked'] or ''),
           'and it is seen')
    refused(tap, directory('dance'), 2, 'dance', 'no such part')


def run_older_edition(tap, ctl, stage, data):
    """A program that names a text which the edition does not have yet."""
    older = stage.path('older')
    shutil.copytree(data, older)
    texts = os.path.join(older, 'editions', '0001', 'content', 'lang')
    for name in ('en.po', 'ru.po', 'ky.po'):
        edit(os.path.join(texts, name), 'msgid "list.else"',
             'msgid "list.other"')
    refused(tap, ctl('--data', older, 'try'), 1,
            r'edition 1 does not fit .*safarctl --data \S+/older publish.*'
            r'list\.else', 'an edition of an older program')
    code, out, _err = ctl('--data', older, 'publish')
    tap.ok(code == 0 and 'edition 2' in out, 'and what is said helps', out)
    code, out, _err = ctl('--data', older, 'try', stdin='menu\n')
    tap.eq((code, len(objects(out))), (0, 1), 'it answers')


def run_resting(tap, ctl, stage, data):
    """Without a daemon."""
    run_older_edition(tap, ctl, stage, data)
    tap.eq(ctl('status', '--data', data), ctl('--data', data, 'status'),
           '--data behind the command')
    code, out, err = ctl('--data', data, 'status')
    tap.ok(code == 1 and 'edition    1' in out and 'does not run' in err,
           'status tells what it can', out, err)
    code, out, err = ctl('--data', data, 'status', '--json')
    tap.ok(code == 1 and json.loads(out)['running'] is False,
           'status --json', out)
    code, out, _err = ctl('--data', data, 'log')
    tap.eq((code, out), (0, 'no such request\n'), 'log of a new folder')
    refused(tap, ctl('--data', data, 'log', '--since', 'monday'), 2,
            'monday', 'log --since some day')
    refused(tap, ctl('--data', data, 'phone'), 1, 'safard --data',
            'phone says how to start safard')
    empty = stage.path('empty')
    os.mkdir(empty)
    shutil.copy(os.path.join(data, 'safar.yaml'), empty)
    refused(tap, ctl('--data', empty, 'try'), 1, r'directory\.db',
            'a folder without its databases')
    tap.eq(os.listdir(empty), ['safar.yaml'], 'gets none by being looked at')


def boxes(out):
    """[(parts, encoding, text)] of what a phone printed."""
    found = []
    for head, body in re.findall(r'(?m)^┌ (.*)\n((?:│ .*\n)+)└$', out):
        parts, encoding = re.search(r'(\d+) SMS, (\w+)', head).groups()
        found.append((int(parts), encoding,
                      '\n'.join(s[2:] for s in body.splitlines())))
    return found


def run_phone(tap, ctl, data):
    said = ['меню', 'I need a lawyer', 'адвокат Москва']
    code, out, err = ctl('--data', data, 'phone', '--from', FIRST,
                         stdin=''.join(t + '\n' for t in said))
    got = boxes(out)
    tap.ok(code == 0 and not err, 'phone', err)
    tap.eq(len(got), len(said), 'one answer for each line')
    want = [o['replies'][0] for o in objects(
        ctl('--data', data, 'try', '--from', FIRST,
            stdin=''.join(t + '\n' for t in said))[1])]
    tap.eq(got, [(w['parts'], w['encoding'], w['text']) for w in want],
           'the same as try says, with parts and alphabet')
    code, out, err = ctl('--data', data, 'phone', stdin='/from +79261234567\n'
                         'адвокат Москва\n/from +1\n/quit\nменю\n')
    tap.ok(code == 0 and len(boxes(out)) == 1 and 'nobody' in err,
           '/from and /quit', out, err)
    code, out, err = ctl('--data', data, 'phone', stdin=b'\xff\nmenu')
    tap.ok(code == 0 and len(boxes(out)) == 1 and 'UTF-8' in err,
           'a line that is not UTF-8 is not sent', out, err)
    refused(tap, ctl('--data', data, 'phone', '--from', '+1'), 2, r'\+1',
            'a number that is none')
    code, out, err = ctl('--data', data, 'phone', stdin=b'/from a\xff\nmenu\n')
    tap.ok(code == 0 and len(boxes(out)) == 1 and 'not UTF-8' in err,
           'nor is what is not UTF-8', out, err)
    for line in (b'\xff', b'1' * 21):
        refused(tap, ctl('--data', data, 'phone', '--to', line,
                         stdin='menu\n'), 2, '--to: write the number',
                'a line that is none')


def run_phone_terminal(tap, ctl, data):
    """The same in a terminal: prompt, answer, prompt."""
    pid, tty = pty.fork()
    if pid == 0:
        os.chdir(ctl.stage.folder)
        os.execve(CTL, [CTL, '--data', data, 'phone', '--from',
                        '+996555120802'], ctl.env)
    seen = b''

    def until(pattern):
        nonlocal seen
        end = time.monotonic() + 10
        while not re.search(pattern, seen.decode('utf-8', 'replace')):
            ready, _w, _x = select.select([tty], [], [], 0.2)
            try:
                seen += os.read(tty, 4096) if ready else b''
            except OSError:
                break
            if time.monotonic() > end:
                return False
        found = re.search(pattern, seen.decode('utf-8', 'replace'))
        seen = b''
        return bool(found)

    try:
        tap.ok(until(r'адвокат Москва(?s:.*)\+996555120802> $'),
               'a terminal gets a word of help and a prompt')
        os.write(tty, b'menga yordam kerak\n')
        tap.ok(until(r'┌ 1414: \d SMS, \w+(?s:.*)└(?s:.*)> $'),
               'an answer in its box, and a prompt again')
        os.write(tty, b'\x04')
        kit.wait_for('the phone to end', 10, lambda: os.waitpid(
            pid, os.WNOHANG)[0] == pid)
        tap.ok(True, 'Ctrl-D ends it')
    finally:
        os.close(tty)


def run_log(tap, ctl, data):
    code, out, _err = ctl('--data', data, 'log')
    rows = out.splitlines()
    tap.ok(code == 0 and rows[0].startswith('HOUR') and len(rows) > 3, 'log',
           out)
    rows = objects(ctl('--data', data, 'log', '--json')[1])
    ids = [r['id'] for r in rows]
    tap.eq(ids, sorted(ids, reverse=True), 'newest first')
    persons = {r['person'] for r in rows}
    tap.ok(all(re.fullmatch('[0-9a-f]{32}', p) for p in persons) and
           not any(p in out for p in persons),
           'pseudonyms only with --json')
    for option, value, field in (('--country', 'kg', 'country'),
                                 ('--lang', 'uz', 'lang'),
                                 ('--topic', 'legal', 'topic'),
                                 ('--place', 'ru-moscow', 'place'),
                                 ('--outcome', 'answered', 'outcome')):
        some = objects(ctl('--data', data, 'log', '--json', option,
                           value)[1])
        tap.eq(some, [r for r in rows if r[field] == value],
               'log %s %s' % (option, value))
        tap.ok(some, 'and there are some')
    tap.eq(len(objects(ctl('--data', data, 'log', '-n', '2', '--json')[1])),
           2, 'log -n 2')
    for since, want in (('24h', len(rows)), ('7d', len(rows)),
                        ('2020-02-29', len(rows)), ('2199-01-01', 0)):
        tap.eq(len(objects(ctl('--data', data, 'log', '--since', since,
                               '--json')[1])), want, 'log --since ' + since)
    tap.ok(FIRST[1:] not in json.dumps(rows) and FIRST[-9:] not in out,
           'no number')


def log_fill(base, rows):
    """Copies of the newest row of the log, with ids of their own."""
    base.execute(
        'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n'
        ' WHERE i < ?) INSERT INTO log_now SELECT id + i * 64, hour, epoch,'
        ' edition, people, turns FROM n,'
        ' (SELECT * FROM log_now ORDER BY id DESC LIMIT 1)', (rows,))
    base.commit()


def run_log_pager(tap, ctl, data):
    """Somebody reads a long log page by page; nobody writes meanwhile."""
    base = sqlite3.connect(os.path.join(data, 'hotline.db'))
    log_fill(base, 5000)
    rows = base.execute('SELECT count(*) FROM log').fetchone()[0]
    pager = subprocess.Popen([CTL, '--data', data, 'log', '-n', '1000000'],
                             stdout=subprocess.PIPE, env=ctl.env)
    room = fcntl.fcntl(pager.stdout, fcntl.F_GETPIPE_SZ)

    def waiting():
        there = fcntl.ioctl(pager.stdout, termios.FIONREAD, b'\0' * 4)
        return int.from_bytes(there, sys.byteorder) == room

    kit.wait_for('a full pipe', 20, waiting)
    log_fill(base, 1)
    held = base.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()
    tap.eq(held, (0, 0, 0), 'a pager that waits does not hold the store')
    lines = pager.communicate(timeout=kit.patient(20))[0].decode().splitlines()
    tap.eq(pager.returncode, 0, 'it ends well')
    tap.eq(len(lines), rows + 1, 'every row once, under one head')
    for most in (999, 1000, 1001, 2000):
        out = ctl('--data', data, 'log', '-n', str(most), '--json')[1]
        tap.eq(len({row['id'] for row in objects(out)}), most,
               'log -n %d' % most)
    base.close()


def status(ctl, data):
    return json.loads(ctl('--data', data, 'status', '--json')[1])


def run_unpublished(tap, ctl, stage, data):
    """Who pulls newer texts is told that people do not get them yet."""
    share = share_copy(stage, 'share-newer')
    dry = ('--data', data, 'publish', '--dry-run')
    code, out, _err = ctl(*dry, SAFAR_SHARE=share)
    tap.ok(code == 0 and re.search(r'^edition \d, .* are here$', out),
           'publish --dry-run: nothing new', out)
    edit(os.path.join(share, 'content', 'lang', 'ru.po'), 'Могут помочь:',
         'Вам помогут:')
    code, out, _err = ctl(*dry, SAFAR_SHARE=share)
    tap.ok(code == 0 and re.fullmatch(
        r'not published: \S+/share-newer/content/lang/ru\.po; .* edition 1,'
        r'.*` *%s --data %s publish`\n' % (re.escape(CTL), re.escape(data)),
        out), 'a changed text', out)
    code, out, _err = ctl('--data', data, 'status', SAFAR_SHARE=share)
    tap.ok('not published: ' in out and 'ru.po' in out, 'status tells, too',
           out)
    os.unlink(os.path.join(share, 'content', 'lang', 'kk.words.po'))
    edit(os.path.join(share, 'menus', 'trees', 'main.yaml'), 'version: 1',
         '# newer\nversion: 1')
    out = ctl(*dry, SAFAR_SHARE=share)[1]
    tap.ok('main.yaml and 2 more files' in out,
           'a changed menu, a file that is gone', out)
    tap.eq(sorted(os.listdir(os.path.join(data, 'editions'))), ['0001'],
           'and nothing was published')
    code, out, _err = ctl('--data', data, 'status')
    tap.ok('not published' not in out, 'status: nothing new', out)


def run_publish(tap, ctl, stage, data):
    tap.eq(status(ctl, data)['edition'], 1, 'safard answers from edition 1')
    code, out, _err = ctl('--data', data, 'publish', '--note', 'test')
    tap.ok(code == 0 and 'edition 2 is published' in out, 'publish', out)
    kit.wait_for('edition 2', 10,
                 lambda: status(ctl, data)['edition'] == 2)
    tap.ok(True, 'a running safard takes it')
    got = objects(ctl('--data', data, 'try', stdin='мне нужен юрист в Оше\n')[1])[0]
    tap.ok(got['edition'] == 2 and 'test-osh' in got['listings'],
           'with the listing that was imported', got)
    code, out, _err = ctl('--data', data, 'publish')
    tap.ok(code == 0 and 'nothing has changed: edition 2' in out,
           'publish again: there is nothing to publish', out)
    share = share_copy(stage, 'share-publish')
    edit(os.path.join(share, 'menus', 'trees', 'main.yaml'), 'version: 1',
         'version: 1\nbroken: [')
    refused(tap, ctl('--data', data, 'publish', SAFAR_SHARE=share), 1,
            r'share-publish/menus/trees/main\.yaml:\d+: ',
            'a broken menu is refused, with its line')
    tap.eq(sorted(os.listdir(os.path.join(data, 'editions'))),
           ['0001', '0002'], 'and leaves nothing behind')
    code, out, _err = ctl('--data', data, 'publish', '--edition', '1')
    tap.ok(code == 0 and 'edition 3 is published' in out,
           'an older edition again, under a new number', out)
    kit.wait_for('edition 3', 10,
                 lambda: status(ctl, data)['edition'] == 3)
    got = objects(ctl('--data', data, 'try', stdin='мне нужен юрист в Оше\n')[1])[0]
    tap.ok(got['edition'] == 3 and 'test-osh' not in got['listings'],
           'without the listing', got)
    refused(tap, ctl('--data', data, 'publish', '--edition', '77'), 1,
            'no edition 77', 'an edition that never was')


def run_running(tap, ctl, stage, data):
    safard = kit.Process(stage, 'safard', [
        os.path.join(BIN, 'safard'), '--data', data], cwd=stage.folder)
    safard.wait_line(r'\bev=ready\b', 20)
    run_phone(tap, ctl, data)
    run_phone_terminal(tap, ctl, data)
    run_log(tap, ctl, data)
    run_unpublished(tap, ctl, stage, data)
    run_publish(tap, ctl, stage, data)
    code, out, err = ctl('--data', data, 'status')
    tap.ok(code == 0 and not err and 'store      ok' in out
           and re.search(r'phone \(loop\) up', out), 'status', out, err)
    got = status(ctl, data)
    tap.ok(got['running'] and got['counters']['taken'] >= 5, 'status --json')
    tap.eq(safard.stop(), 0, 'safard ends')
    edit(os.path.join(data, 'safar.yaml'), 'enabled: yes', 'enabled: no')
    safard = kit.Process(stage, 'safard', [
        os.path.join(BIN, 'safard'), '--data', data], cwd=stage.folder)
    safard.wait_line(r'\bev=ready\b', 20)
    refused(tap, ctl('--data', data, 'phone'), 1, 'enabled: yes',
            'a phone that is switched off')
    safard.stop()
    run_log_pager(tap, ctl, data)


def run(tap, stage):
    ctl = Ctl(stage)
    data = stage.path('first')
    run_help(tap, ctl)
    run_init(tap, ctl, stage, data)
    run_init_broken(tap, ctl, stage)
    run_closed(tap, ctl, stage, data)
    run_no_text(tap, ctl, stage, data)
    run_conf(tap, ctl, stage, data)
    run_user(tap, ctl, data)
    run_try(tap, ctl, data)
    run_try_driven(tap, ctl, data)
    run_match(tap, ctl, data)
    run_words(tap, ctl, stage, data)
    run_check(tap, ctl, stage, data)
    run_parts(tap, ctl, stage, data)
    run_directory(tap, ctl, stage, data)
    run_resting(tap, ctl, stage, data)
    run_running(tap, ctl, stage, data)


if __name__ == '__main__':
    kit.main(run, 120)
