#!/usr/bin/python3
"""A chat client that stops reading is sent no more than it may leave unacknowledged, costs nobody
else anything, and gets the rest when it reads on, or comes back on another connection."""

import asyncio
import time

from harness import Server, run_tests
from wire_device import CLIENT, SECONDS, WireDevice

STOPPED = 4
READ_FIRST = 5
TO_EACH = 800
BODY_BYTES = 8000
ROUNDS = 50
# A quarter of it may be under way to one client; what is sent to each is 6 MB.
SETTINGS = (f"xmpp.unacked_bytes_max={2 << 20}",)
MANAGEMENT = "{urn:xmpp:sm:3}"


class WireUser(WireDevice):
    """A person's client that counts and acknowledges stanzas (XEP-0198)."""

    def __init__(self, server, name, resume=False, small_buffer=False):
        account = {"device": name, "password": f"{name}-secret", "domain": "localhost"}
        super().__init__(server, None, account=account, small_buffer=small_buffer)
        self.resume = resume
        self.bodies = []  # of this connection
        self.errors = []

    @classmethod
    async def logged_in(cls, server, name, **options):
        server.command("user", "add", name, "--password", f"{name}-secret")
        user = cls(server, name, **options)
        await user.connect()
        return user

    def bound(self):
        self.bodies = []
        self.received, self.sent, self.acknowledged = 0, 1, 0  # sent: the presence
        resume = " resume='true'" if self.resume else ""
        self._write(f"<enable xmlns='{MANAGEMENT[1:-1]}'{resume}/><presence/>")

    def chat(self, name, body):
        self.sent += 1
        self._write(f"<message type='chat' to='{name}@localhost'><body>{body}</body></message>")

    def acknowledge(self):
        self._write(f"<a xmlns='{MANAGEMENT[1:-1]}' h='{self.received}'/>")

    async def settled(self, seconds):
        """All that was sent is durable."""
        self._write(f"<r xmlns='{MANAGEMENT[1:-1]}'/>")
        await self.wait_until(lambda: self.acknowledged == self.sent, "the answer to <r/>", seconds)

    async def wait_bodies(self, count, seconds=SECONDS):
        await self.wait_until(lambda: len(self.bodies) >= count,
                              f"{count} messages of {self.account['device']}", seconds)

    def _take(self, element):
        if element.tag == MANAGEMENT + "r":
            self.acknowledge()
        elif element.tag == MANAGEMENT + "a":
            self.acknowledged = int(element.get("h"))
        elif element.tag.startswith(CLIENT):
            self.received += 1
            if element.get("type") == "error":
                self.errors.append(element)
            elif element.tag == CLIENT + "message":
                self.bodies.append(element.findtext(CLIENT + "body"))
        self._came.set()


def padded(number):
    return f"{number}-" + "x" * BODY_BYTES


def numbers(user):
    return [int(body.partition("-")[0]) for body in user.bodies]


async def talk(ann, bob):
    """One after the other, so that any message that waits holds up the talk; the slowest one."""
    slowest = 0
    for number in range(1, ROUNDS + 1):
        started = time.monotonic()
        ann.chat("bob", f"{number}-question")
        await bob.wait_bodies(number)
        bob.chat("ann", f"{number}-answer")
        await ann.wait_bodies(number)
        slowest = max(slowest, time.monotonic() - started)
    return slowest


async def flood(sender, names):
    for number in range(READ_FIRST, TO_EACH):
        for name in names:
            sender.chat(name, padded(number))
        await sender.writer.drain()
    await sender.settled(60)


async def readers_of_a_few(server, sender):
    """Half of them could resume their session; all have a few messages, and stop reading."""
    stopped = [await WireUser.logged_in(server, f"stopped{number}", small_buffer=True,
                                        resume=number % 2 == 0) for number in range(STOPPED)]
    for user in stopped:
        for number in range(READ_FIRST):
            sender.chat(user.account["device"], f"{number}-")
        await user.wait_bodies(READ_FIRST)
        user.acknowledge()
        user.stop_reading()
    return stopped


async def one_that_stops_is_sent_no_more_and_gets_the_rest_later(server):
    sender, ann, bob = [await WireUser.logged_in(server, name) for name in ("sender", "ann", "bob")]
    stopped = await readers_of_a_few(server, sender)
    before = server.metric("longwire_xmpp_stanzas_out_total")
    slowest, _ = await asyncio.gather(
        talk(ann, bob), flood(sender, [user.account["device"] for user in stopped]))
    written = server.metric("longwire_xmpp_stanzas_out_total") - before
    print(f"the slowest of {ROUNDS} rounds took {slowest * 1000:.0f} ms; {written} stanzas written")
    assert written < STOPPED * TO_EACH / 2, "most was written to those who do not read"
    for user in (sender, ann, bob):
        assert not user.errors and not user.closed.is_set(), user.account["device"]
    await stopped_ones_get_the_rest(stopped)
    for user in (sender, ann, bob, *stopped):
        await user.cut()


async def stopped_ones_get_the_rest(stopped):
    """Of either kind of session, one reads on and one loses its link and comes back."""
    reading, coming_back = stopped[:STOPPED // 2], stopped[STOPPED // 2:]
    for user in reading:
        user.resume_reading()
    for user in coming_back:
        await user.cut()
        user.small_buffer = False
        await user.connect()
    for user in reading:
        await user.wait_bodies(TO_EACH, 60)
        assert numbers(user) == list(range(TO_EACH)), numbers(user)[:20]
    for user in coming_back:
        await user.wait_bodies(TO_EACH - READ_FIRST, 60)
        assert numbers(user) == list(range(READ_FIRST, TO_EACH)), numbers(user)[:20]


def played(scene):
    def case():
        with Server(SETTINGS) as server:
            asyncio.run(asyncio.wait_for(scene(server), 240))

    case.__name__ = scene.__name__
    return case


if __name__ == "__main__":
    run_tests([played(one_that_stops_is_sent_no_more_and_gets_the_rest_later)])
