#!/usr/bin/env python3
"""Kill safard over and over, at random and where it hurts, cut its links, fill
its disk, let its fsync fail.  At the end nothing it acknowledged is lost,
every answer is the right one, and only what was under way came twice.

KILLS=100 how often; SEED=n the same again, as far as a machine allows.
"""

import collections
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'real'))

# pylint: disable=wrong-import-position
import kit
from safard import Safard

from crowd import Crowd
from fault import Fault
from peers import Bearerbox, Loop, Smsc, password_write
from people import ODD, Ledger, scripts

KILLS = int(os.environ.get('KILLS', '100'))
SEED = int(os.environ.get('SEED', str(int(time.time()))))
WRITERS = 20  # people who write at once, at each gateway
WINDOW = 32  # gateways.window: what may come twice after a cut
REACH_S = 3  # to come to the point, else it is killed at random
UP_S = 20  # to be there again
DRAIN_S = 90  # until all is said

Card = collections.namedtuple('Card', [
    'name', 'point', 'most', 'share'])  # of 100: at its most-th time at most
PLAN = [Card(*row) for row in [
    ('before commit', 'before_commit', 12, 14),
    ('between commit and acknowledge', 'after_commit', 12, 14),
    ('between acknowledge and submit', 'after_ack', 60, 14),
    ('between submit and mark', 'after_submit', 60, 14),
    ('in the middle of a frame', 'in_frame', 60, 8),
    ('in a checkpoint', 'checkpoint', 2, 4),
    ('while it starts', 'any', 100, 8),
    ('at any call', 'any', 400, 8),
    ('at random', None, 0, 16),
]]
# of 100 lives, how many see this before they end
TROUBLES = [('link cut', 25), ('disk full', 10), ('fsync fails', 10),
            (None, 55)]


def deck(rng, shares, count):
    """count cards, each as often as its share of 100 says."""
    cards = [card for card, share in shares for _ in range(share)]
    cards = [cards[at * len(cards) // count] for at in range(count)]
    rng.shuffle(cards)
    return cards


class Campaign:
    def __init__(self, tap, stage):
        self.tap = tap
        self.rng = random.Random(SEED)
        self.loop = Loop()
        self.ledger = Ledger()
        self.crowd = Crowd(self.loop, self.ledger, self.rng, scripts())
        common = (self.loop, self.crowd, self.rng)
        smscs = [Smsc('smpp1', *common, 'transceiver'),
                 Smsc('smpp2', *common, 'transmitter+receiver')]
        self.peers = [Bearerbox('kannel', *common)] + smscs
        self.kills = collections.Counter()
        self.dark = 0  # kills that took the machine's power too
        self.troubles = collections.Counter()
        self.unasked = []
        self.fault = Fault(stage, [peer.port for peer in smscs])
        self.stage = stage

    def daemon(self, name):
        safard = Safard(self.stage, name=name)
        safard.set('gateways', [line for peer in self.peers
                                for line in peer.settings()])
        for peer in self.peers:
            password_write(safard, peer.name)
        safard.set('outbox', ['  retry_s: 1', '  retry_most_s: 1'])
        return safard

    def up(self):
        return all(peer.up for peer in self.peers)

    # the right answers ---------------------------------------------------

    def learn(self):
        """Every conversation once, with a safard nobody disturbs."""
        safard = self.daemon('quiet')
        safard.start()
        self.loop.run(UP_S, self.up)
        self.crowd.calm = True
        bad = []
        for at, script in enumerate(self.crowd.scripts):
            self.ledger.learning = script
            self.crowd.begin(self.peers[at % len(self.peers)], script)
            if not self.loop.run(20, lambda: not any(
                    self.crowd.active.values())):
                raise kit.TooLong('%s: no answer' % script.name)
            if script.want is not None and script.answers != script.want:
                bad.append(script.name)
        self.tap.eq(bad, [], 'with nobody disturbing, the golden answers')
        self.loop.run(20, lambda: all(peer.idle for peer in self.peers))
        self.tap.eq(safard.stop(), 0, 'and safard ends well')
        self._learn_rows(safard)
        self.loop.run(5, lambda: not any(p.links for p in self.peers))
        self.ledger.people.clear()
        self.ledger.learning = None
        self.crowd.calm = False

    def _learn_rows(self, safard):
        rows = log_rows(safard)
        for script in self.crowd.scripts:
            count = len(script.texts)
            script.rows = [row[2:] for row in rows[:count]]
            people = {row[1] for row in rows[:count]}
            if len(people) != 1:
                raise ValueError('%s: log rows of %d people' % (
                    script.name, len(people)))
            del rows[:count]
            script.cut()
        self.tap.eq(rows, [], 'and one log row for each text')

    # one life ------------------------------------------------------------

    def begin(self, safard):
        safard.launch(self.fault.env)
        self.loop.run(UP_S, lambda: self.up() or not safard.process.alive())

    def live(self, safard, card, trouble):
        if card.name == 'while it starts':
            self.arm(card)
        self.begin(safard)
        started = safard.process.alive()
        if started:
            self.work(self.rng.randrange(5, 80))
            if trouble is not None:
                self.trouble(trouble, safard)
            if card.point == 'checkpoint':
                self.crowd.fill(self.peers, 0)  # it waits for a quiet moment
            self.arm(card)
        self.die(safard, card, started)
        self.crowd.fill(self.peers, WRITERS)

    def arm(self, card):
        if card.point is not None:
            self.fault.arm(card.point, self.rng.randrange(1, card.most + 1),
                           self.rng.random() < 0.5, self.rng.getrandbits(30))

    def work(self, texts):
        goal = self.crowd.acked + texts
        self.loop.run(3, lambda: self.crowd.acked >= goal)

    def trouble(self, name, safard):
        self.troubles[name] += 1
        if name == 'link cut':
            peer = self.rng.choice(self.peers)
            peer.drop_links(self.rng.random() < 0.5)
            self.ledger.fault(name, peer)
            if self.rng.random() < 0.5:
                self.loop.run(UP_S, self.up)
            return
        before = self.fault.get('failed')
        self.fault.fail('full' if name == 'disk full' else 'sync')
        self.loop.run(2, lambda: self.fault.get('failed') > before or
                      not safard.process.alive())
        if self.rng.random() < 0.5:  # or it dies of something else meanwhile
            self.loop.run(self.rng.random())
            self.fault.fail('')
            self.work(10)

    def die(self, safard, card, started):
        """Until it is dead, and all it has said is read."""
        process = safard.process
        if card.point is None:
            self.loop.run(self.rng.random() * 0.3)
            process.signal(signal.SIGKILL)
        self.loop.run(REACH_S, lambda: not process.alive())
        process.kill()
        if process.popen.returncode != -signal.SIGKILL:
            self.unasked.append((card.name, process.popen.returncode))
        self.loop.run(5, lambda: not any(p.links for p in self.peers))
        ended = self.fault.disarm()
        self.dark += self.fault.get('power') if ended else 0
        self.fault.fail('')
        name = card.name if ended or card.point is None else 'at random'
        if name == 'while it starts' and started:
            name = 'at any call'
        self.kills[name] += 1
        self.ledger.fault(name)

    def run(self, safard):
        plan = deck(self.rng, [(card, card.share) for card in PLAN], KILLS)
        troubles = deck(self.rng, TROUBLES, KILLS)
        self.crowd.fill(self.peers, WRITERS)
        for card, trouble in zip(plan, troubles):
            self.live(safard, card, trouble)
        self.begin(safard)
        self.work(100)
        self.crowd.fill(self.peers, 0)
        done = self.loop.run(DRAIN_S, lambda: not any(
            self.crowd.active.values()) and all(p.idle for p in self.peers))
        self.tap.ok(done, 'all that was said is acknowledged and answered')
        self.loop.run(2)  # for what should not come


def log_rows(safard):
    """(gateway, person, ...) by the order of turns."""
    return safard.query(
        'SELECT gateway, person, country, lang, topic, place, node, listings,'
        ' outcome, parts FROM log ORDER BY id')


def tell(campaign, figures):
    """On standard error, which is also seen through prove."""
    rows = [(count, name) for name, count in figures.items()]
    for peer in campaign.peers:
        rows += [(count, '%s: %s' % (peer.name, name))
                 for name, count in sorted(peer.counts.items())]
    rows.append((sum(campaign.kills.values()),
                 'kills, %d of them with the power cut' % campaign.dark))
    rows += [(count, '  ' + name)
             for name, count in campaign.kills.most_common()]
    rows += [(count, name) for name, count in campaign.troubles.most_common()]
    rows.append((campaign.fault.get('failed'),
                 'writes and fsyncs that failed'))
    print('the ledger, SEED=%d' % SEED, file=sys.stderr)
    for count, name in rows:
        print('%8d  %s' % (count, name), file=sys.stderr)
    sys.stderr.flush()


def judge(tap, campaign):
    ledger = campaign.ledger
    figures = ledger.judge(WINDOW)
    figures['answers of which a part is missing'] = sum(
        len(peer.joiner.waiting) for peer in campaign.peers
        if isinstance(peer, Smsc))
    tell(campaign, figures)
    for name in ('lost', 'never acknowledged', 'refused', 'wrong', 'mixed',
                 'answers of which a part is missing',
                 'repeats without a cut',
                 'cuts with more repeats than the window'):
        tap.eq(figures[name], 0, name)
    for note in (ledger.wrong + ledger.mixed)[:5]:
        tap.note(note)
    tap.eq(campaign.unasked, [], 'safard never ended by itself')
    if KILLS >= 100:
        tap.eq([c.name for c in PLAN if not campaign.kills[c.name]], [],
               'killed at every point')


def judge_store(tap, campaign, safard):
    people = campaign.ledger.people.values()
    # sorted: within an hour that is over, rows stand in no order
    want = collections.Counter(
        (p.peer.name, tuple(sorted(p.script.rows[:len(p.said)])))
        for p in people)
    rows = collections.defaultdict(list)
    for row in log_rows(safard):
        rows[row[:2]].append(row[2:])
    got = collections.Counter(
        (gateway, tuple(sorted(texts)))
        for (gateway, _person), texts in rows.items())
    tap.ok(want == got, 'every text has one log row, with what it asked',
           'missing %r' % list((want - got).items())[:3],
           'too many %r' % list((got - want).items())[:3])
    tap.eq((safard.answers()[0], safard.sealed()), (0, 0),
           'no answer is left to send, none keeps its number')
    tap.eq(safard.query('PRAGMA integrity_check')[0][0], 'ok',
           'the store is sound')
    texts = {text for script in campaign.crowd.scripts
             for text in script.texts if len(text) >= 16}
    kit.expect_no_traces(tap, campaign.stage, safard.files(),
                         list(campaign.ledger.people), list(texts) + ODD)


def run(tap, stage):
    campaign = Campaign(tap, stage)
    campaign.learn()
    safard = campaign.daemon('data')
    campaign.run(safard)
    tap.eq(safard.stop(), 0, 'safard ends well')
    judge(tap, campaign)
    judge_store(tap, campaign, safard)


if __name__ == '__main__':
    kit.main(run, 300 + 6 * KILLS)
