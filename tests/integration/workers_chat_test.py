#!/usr/bin/python3
"""slixmpp, unmodified, over several workers: a resumption that another worker gets, and a drain."""

import asyncio
import logging

from harness import Programs, Skip, run_tests, wait_until
from slixmpp_test import SECONDS, client_of, finish, slixmpp
from workers_test import DEADLINE, tiers

ROUNDS, ROUNDS_MAX = 6, 40


def play(scene):
    """A coroutine on three workers with the users ann and bob, as one test case."""
    def case():
        if slixmpp is None:
            raise Skip("python3-slixmpp is not installed")
        logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
        with tiers(3) as (middle, _, front):
            for user in ("ann", "bob"):
                middle.command("user", "add", user, "--password", f"{user}-secret")
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            try:
                loop.run_until_complete(asyncio.wait_for(scene(front), 120))
            finally:
                finish(loop)

    case.__name__ = scene.__name__
    return case


async def settled(client):
    """All that either side said before is dealt with, and acknowledged: the server asks for a count
    once at a time, and what it asks for on the first way is answered before the second."""
    for _ in range(2):
        await client["xep_0199"].ping("localhost", timeout=SECONDS)


async def stored(client):
    """All that it said is acknowledged, and so durable."""
    for turn in range(100 * SECONDS):
        if turn % 20 == 0:  # an answer tells of what is durable by then
            client["xep_0198"].request_ack()
        if all(stanza.name != "message" for _, stanza in client["xep_0198"].unacked_queue):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("messages stay unacknowledged")


async def comes_back(client):
    """By a resumption, or by a login after one that failed: which."""
    waits = {name: asyncio.ensure_future(client.happened[name].get())
             for name in ("session_resumed", "session_start")}
    done, pending = await asyncio.wait(waits.values(), timeout=SECONDS,
                                       return_when=asyncio.FIRST_COMPLETED)
    for waiting in pending:
        waiting.cancel()
    assert done, "neither resumed nor logged in"
    if waits["session_start"] in done:
        client.send_presence()
        return "session_start"
    return "session_resumed"


async def says(sender, receiver, body):
    sender.send_message(mto=receiver.boundjid.bare, mbody=body, mtype="chat")
    message = await receiver.wait_message()
    assert message["body"] == body, message


async def resumption_at_another_worker_is_answered_there_and_nothing_is_lost_or_doubled(front):
    ann = await client_of(front, "ann").log_in()
    bob = await client_of(front, "bob").log_in()
    await bob.wait("sm_enabled")
    seen = {"session_resumed": 0, "session_start": 0}
    number = 0
    while number < ROUNDS or min(seen.values()) == 0:
        assert number < ROUNDS_MAX, seen
        await says(ann, bob, f"live {number}")
        await stored(ann)
        await settled(bob)
        bob.cut()
        await bob.wait("disconnected")
        ann.send_message(mto="bob@localhost", mbody=f"meanwhile {number}", mtype="chat")
        await settled(ann)
        bob.begin()
        seen[await comes_back(bob)] += 1
        message = await bob.wait_message()
        assert message["body"] == f"meanwhile {number}", message
        await says(bob, ann, f"back {number}")
        await settled(bob)
        await settled(ann)
        assert bob.messages.empty() and ann.messages.empty(), "a message came twice"
        number += 1
    # The session that was left behind is closed by the one that took its name.
    wait_until(lambda: sum(one["sessions"] for one in front.workers()) == 2, DEADLINE,
               "two sessions alone")
    print(seen)
    await ann.leave()
    await bob.leave()


class Talker:
    """One side of a chat that goes on while workers are replaced under it."""

    def __init__(self, client):
        self.client = client
        self.sent, self.acknowledged = [], set()
        self.returns = 0
        client.add_event_handler("stanza_acked", self._acknowledged)

    def _acknowledged(self, stanza):
        if stanza.name == "message":
            self.acknowledged.add(stanza["body"])

    def uncertain(self):
        """On their way when a connection ended: slixmpp forgets them where a resumption fails."""
        return set(self.sent) - self.acknowledged

    async def say(self, to, body):
        if not self.client.happened["disconnected"].empty():
            self.client.happened["disconnected"].get_nowait()
            self.client.begin()
            await comes_back(self.client)
            self.returns += 1
        self.client.send_message(mto=f"{to}@localhost", mbody=body, mtype="chat")
        self.sent.append(body)

    async def check_heard(self, other):
        """Each acknowledged message of the other once, another one at most once."""
        await settled(self.client)
        certain = other.acknowledged
        heard = []
        while not certain <= set(heard):
            heard.append((await self.client.wait_message())["body"])
        await settled(self.client)
        while not self.client.messages.empty():
            heard.append(self.client.messages.get_nowait()["body"])
        assert len(heard) == len(set(heard)), f"twice: {[b for b in heard if heard.count(b) > 1]}"
        assert set(heard) <= set(other.sent), set(heard) - set(other.sent)


async def chat_goes_on_while_all_workers_are_replaced(front):
    ann, bob = [Talker(await client_of(front, name).log_in()) for name in ("ann", "bob")]
    for talker in (ann, bob):
        await talker.client.wait("sm_enabled")
    drain = await asyncio.create_subprocess_exec(
        Programs.path("longwire"), "drain", "--spread", "1", "--data", str(front.data))
    until = asyncio.ensure_future(drain.wait())
    while not until.done() or min(ann.returns, bob.returns) == 0:
        await ann.say("bob", f"ann {len(ann.sent)}")
        await bob.say("ann", f"bob {len(bob.sent)}")
        await asyncio.sleep(0.01)
    assert until.result() == 0
    await stored(ann.client)
    await stored(bob.client)
    await bob.check_heard(ann)
    await ann.check_heard(bob)
    # The last count that a worker says leaves only what crossed it on the way.
    uncertain = ann.uncertain() | bob.uncertain()
    assert len(uncertain) <= ann.returns + bob.returns, uncertain
    print(f"{len(ann.sent) + len(bob.sent)} messages, {ann.returns + bob.returns} returns, "
          f"{len(uncertain)} uncertain")
    await ann.client.leave()
    await bob.client.leave()


if __name__ == "__main__":
    run_tests([play(scene) for scene in (
        resumption_at_another_worker_is_answered_there_and_nothing_is_lost_or_doubled,
        chat_goes_on_while_all_workers_are_replaced,
    )])
