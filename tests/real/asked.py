"""asked.py - a log of people who have asked, for the reports of a console.

    safard.start(); safard.stop()        # hotline.db is there
    asked.put(safard.data, rows)      # rows of the past: Request(...)
    safard.start(); asked.wait(safard.data)    # it has counted them
"""

import collections
import os
import sqlite3
import time

import kit

Request = collections.namedtuple(
    'Request', 'day country lang topic place outcome listings channel gateway',
    defaults=('kg', 'ky', 'wages', '', 'answered', '', 'sms', 'kannel1'))

DAY_MS = 24 * 3600 * 1000


def today():
    return int(time.time() * 1000) // DAY_MS


def date(day):
    return time.strftime('%Y-%m-%d', time.gmtime(day * 86400))


def monday(day):
    return day - (day - 4) % 7


def put(data, rows):
    """(Request, how often) into hours that are over; safard must not run."""
    base = sqlite3.connect(os.path.join(data, 'hotline.db'))
    at = 0
    with base:
        for row, count in sorted(rows):
            for _ in range(count):
                at += 1
                base.execute(
                    'INSERT INTO log_past VALUES'
                    ' (?, ?, 1, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 2)',
                    (at, row.day * DAY_MS, row.gateway, row.country,
                     row.channel, row.lang, row.topic, row.place, 'directory',
                     row.listings, row.outcome))
        base.execute("UPDATE meta SET value = ? WHERE key = 'mixed_turn'",
                     (str(at),))
        base.execute('INSERT OR REPLACE INTO meta VALUES (?, ?)',
                     ('next_turn', str(at + 1)))
    base.close()


def counted(data):
    base = sqlite3.connect('file:%s?mode=ro' % os.path.join(
        data, 'hotline.db'), uri=True)
    try:
        (n,) = base.execute(
            'SELECT coalesce(sum(count), 0) FROM rollup_day').fetchone()
        return n
    finally:
        base.close()


def wait(data, rows, seconds=60):
    """Until safard has counted that many."""
    end = time.monotonic() + kit.patient(seconds)
    while counted(data) < rows:
        if time.monotonic() > end:
            raise RuntimeError('%d of %d rows are counted' % (
                counted(data), rows))
        time.sleep(0.2)
