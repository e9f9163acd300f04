"""crowd.py - people who write all the time, a few at once at each gateway."""

import collections

THINK_S = 0.05  # at most, between an answer and the next text


class Crowd:
    def __init__(self, loop, ledger, rng, scripts):
        self.loop = loop
        self.ledger = ledger
        self.rng = rng
        self.scripts = scripts
        self.free = list(scripts)  # two who write at once say different things
        self.active = collections.Counter()  # by gateway
        self.most = 0
        self.ending = False
        self.calm = False  # nobody thinks, no gateway puts off
        self.acked = 0
        self.answered = 0

    def fill(self, peers, most):
        """From now on so many people write at each gateway; 0: nobody
        begins, and each ends with the text at hand."""
        self.most = most
        self.ending = most == 0
        for peer in peers:
            while self.active[peer.name] < self.most:
                self.begin(peer)

    def begin(self, peer, script=None):
        if script is None:
            script = self.rng.choice([s for s in self.free if
                                      peer.names_texts or not s.repeats])
        self.free.remove(script)
        self.active[peer.name] += 1
        self._say(self.ledger.person(script, peer))

    def _say(self, person):
        said = None if self.ending else person.next()
        if said is not None:
            person.peer.say(said)
            return
        self.active[person.peer.name] -= 1
        self.free.append(person.script)
        if self.active[person.peer.name] < self.most:
            self.begin(person.peer)

    def _after(self, said):
        if said.done:
            pause = 0 if self.calm else self.rng.random() * THINK_S
            self.loop.later(pause, self._say, said.person)

    # told by the gateways

    def on_ack(self, message):
        said = message.said
        if said is None or said.acked:
            return
        said.acked_parts.add(message.part)
        if said.acked:
            self.acked += 1
            self._after(said)

    def on_refused(self, message):
        if message.said is not None:
            message.said.refused = True

    def on_answer(self, number, text):
        said = self.ledger.answer(number, text)
        if said is not None:
            self.answered += 1
            self._after(said)
