#!/usr/bin/python3
"""Front ends as processes of their own: slixmpp users on both chat with each other, and a device
moves between them under load."""

import asyncio
import contextlib
import logging
import shutil

from checker import parse
from harness import Server, Skip, run_tests
from senders import Sender
from slixmpp_test import client_of, finish, slixmpp
from wire_device import WireDevice
from workers_chat_test import says, settled, stored

MOVES = 5
STREAMS = "{http://etherx.jabber.org/streams}"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"


@contextlib.contextmanager
def fronts():
    """Of one middle node; one certificate, as of one name."""
    with Server(["tier.roles=middle", "tier.listen=127.0.0.1:0"]) as middle:
        settings = ["tier.roles=xmpp,http", f"tier.middle=127.0.0.1:{middle.ports['tier']}"]
        with Server(settings) as first, Server(settings) as second:
            second.stop()
            shutil.rmtree(second.data / "tls")
            shutil.copytree(first.data / "tls", second.data / "tls")
            second.start()
            yield middle, first, second


def play(scene):
    """A coroutine on two front ends with the users ann and bob, as one test case."""
    def case():
        if slixmpp is None:
            raise Skip("python3-slixmpp is not installed")
        logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
        with fronts() as (middle, first, second):
            for user in ("ann", "bob"):
                middle.command("user", "add", user, "--password", f"{user}-secret")
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            try:
                loop.run_until_complete(asyncio.wait_for(scene(first, second), 120))
            finally:
                finish(loop)

    case.__name__ = scene.__name__
    return case


async def users_on_two_front_ends_see_each_other_and_chat(first, second):
    ann = await client_of(first, "ann").log_in()
    bob = await client_of(second, "bob").log_in()
    ann.send_presence_subscription(pto="bob@localhost", ptype="subscribe")
    await bob.wait("presence_subscribe")
    bob.send_presence_subscription(pto="ann@localhost", ptype="subscribed")
    online = await ann.wait("got_online")
    while online["from"].bare != "bob@localhost":
        online = await ann.wait("got_online")
    for number in range(10):
        await says(ann, bob, f"question {number}")
        await says(bob, ann, f"answer {number}")
    await bob_leaves_and_comes_back_at(first, ann, bob)


async def bob_leaves_and_comes_back_at(front, ann, bob):
    offline = asyncio.Queue()
    ann.add_event_handler("got_offline", offline.put_nowait)
    await settled(bob)
    await bob.leave()
    assert (await asyncio.wait_for(offline.get(), 20))["from"].bare == "bob@localhost"
    for number in range(3):
        ann.send_message(mto="bob@localhost", mbody=f"meanwhile {number}", mtype="chat")
    await stored(ann)
    again = await client_of(front, "bob").log_in()
    heard = [await again.wait_message() for _ in range(3)]
    assert [one["body"] for one in heard] == [f"meanwhile {n}" for n in range(3)], heard
    assert len({one.xml.find(STANZA_ID).get("id") for one in heard}) == 3, heard
    online = await ann.wait("got_online")
    assert online["from"].bare == "bob@localhost", online
    await says(ann, again, "live")
    await settled(again)
    assert again.messages.empty(), "a message came twice"
    await again.leave()
    await ann.leave()


class MovingDevice(WireDevice):
    """Remembers the last stream error of each connection."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.error = None

    def _take(self, element):
        if element.tag == STREAMS + "error":
            self.error = element[0].tag.partition("}")[2]
        super()._take(element)


async def move(device, to):
    """Another connection of the same device at `to`, that goes on where this one is."""
    other = MovingDevice(to, device.app, account=device.account)
    other.registration, other.numbers = device.registration, dict(device.numbers)
    other.pushes = device.pushes
    await other.connect()
    return other


async def device_that_moves_sees_each_entry_once_and_its_old_session_a_conflict(first, second):
    app = first.create_app()
    device = MovingDevice(first, app)
    await device.connect()
    reg_id = (await device.register()).reg_id
    sender = Sender(first, app, "one", "regid", {"registration_id": reg_id}, pause=0.005)
    sender.start()
    for number in range(MOVES):
        await device.wait_pushes(len(device.pushes) + 20)
        before = device
        device = await move(before, (second, first)[number % 2])
        await before.wait_until(before.closed.is_set, "the end of the session before")
        assert before.error == "conflict", before.error
    await device.wait_pushes(len(device.pushes) + 20)
    await asyncio.to_thread(sender.stop)
    accepted = [parse(payload)[1] for payload in sender.accepted]
    await device.wait_until(lambda: device.numbers[device.registration.inbox] >= len(accepted),
                            "all that was sent")
    numbers = [push[3] for push in device.pushes]
    got = dict(zip(numbers, (parse(payload)[1] for payload in device.payloads())))
    # What came to both connections in the moment of a move has one number, and one payload.
    assert [got[number] for number in sorted(got)] == accepted, (len(got), len(accepted))
    assert len(numbers) - len(got) <= MOVES * 5, f"{len(numbers) - len(got)} came twice"
    print(f"{len(accepted)} accepted, {len(numbers) - len(got)} came twice over the wire")
    await device.cut()


if __name__ == "__main__":
    run_tests([play(scene) for scene in (
        users_on_two_front_ends_see_each_other_and_chat,
        device_that_moves_sees_each_entry_once_and_its_old_session_a_conflict)])
