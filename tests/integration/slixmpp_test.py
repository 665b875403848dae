#!/usr/bin/python3
"""slixmpp, unmodified, against the running server: logins, roster, chat, offline, resumption."""

import asyncio
import logging

from harness import Server, Skip, run_tests

try:
    import slixmpp
except ImportError:
    slixmpp = None

SECONDS = 20


class Client(slixmpp.ClientXMPP if slixmpp else object):
    """Gathers what arrives in queues that a test waits on."""

    def __init__(self, server, name, password, mechanism=None, resource="test"):
        super().__init__(f"{name}@localhost/{resource}", password, sasl_mech=mechanism)
        self.ports = server.ports
        self.ca_certs = server.ca
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0199")
        self.register_plugin("xep_0198")
        self.auto_authorize = None
        self.auto_subscribe = False
        self.messages = asyncio.Queue()
        self.happened = {}
        self.add_event_handler("message", self.messages.put_nowait)
        for name_of_event in ("session_start", "session_resumed", "failed_auth", "disconnected",
                              "presence_subscribe", "presence_subscribed", "got_online",
                              "sm_enabled"):
            self.happened[name_of_event] = asyncio.Queue()
            self.add_event_handler(name_of_event, self.happened[name_of_event].put_nowait)

    def begin(self, direct_tls=False):
        port = self.ports["xmpps" if direct_tls else "xmpp"]
        self.connect(("127.0.0.1", port), use_ssl=direct_tls, force_starttls=not direct_tls,
                     disable_starttls=direct_tls)

    async def log_in(self, direct_tls=False, presence=True):
        self.begin(direct_tls)
        await self.wait("session_start")
        if presence:
            self.send_presence()
        return self

    async def wait(self, event):
        try:
            return await asyncio.wait_for(self.happened[event].get(), SECONDS)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.boundjid}: no {event}") from None

    async def wait_message(self):
        try:
            return await asyncio.wait_for(self.messages.get(), SECONDS)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.boundjid}: no message") from None

    async def leave(self):
        self.end_session_on_disconnect = True
        await self.disconnect(wait=2.0)

    def cut(self):
        """As a phone that loses its network."""
        self.transport.abort()


def play(scene):
    """A coroutine on a server with the users ann and bob, as one test case."""
    def case():
        if slixmpp is None:
            raise Skip("python3-slixmpp is not installed")
        logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
        with Server() as server:
            for user in ("ann", "bob"):
                server.command("user", "add", user, "--password", f"{user}-secret")
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            try:
                loop.run_until_complete(asyncio.wait_for(scene(server), 120))
            finally:
                finish(loop)

    case.__name__ = scene.__name__
    return case


def finish(loop):
    """Lets what slixmpp left behind end, so that its complaints do not hide ours."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.close()


def client_of(server, name, **options):
    return Client(server, name, f"{name}-secret", **options)


# slixmpp offers tls-unique; without -PLUS that would look like a downgrade, and is refused.
async def ann_logs_in_by_scram_over_starttls(server):
    for mechanism in ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"):
        ann = await client_of(server, "ann", mechanism=mechanism).log_in()
        assert ann["feature_mechanisms"].mech.name == mechanism
        await ann.leave()


async def ann_logs_in_by_scram_over_direct_tls(server):
    mechanism = "SCRAM-SHA-256-PLUS"
    ann = await client_of(server, "ann", mechanism=mechanism).log_in(direct_tls=True)
    assert ann["feature_mechanisms"].mech.name == mechanism
    await ann.leave()


async def slixmpps_own_choice_is_a_scram(server):
    ann = await client_of(server, "ann").log_in()
    assert ann["feature_mechanisms"].mech.name.startswith("SCRAM-"), ann["feature_mechanisms"].mech
    await ann.leave()


async def wrong_password_is_refused(server):
    ann = Client(server, "ann", "wrong")
    ann.begin()
    await ann.wait("failed_auth")
    await ann.disconnect(wait=1.0)


async def server_is_pinged_and_discovered(server):
    ann = await client_of(server, "ann").log_in()
    assert await ann["xep_0199"].ping("localhost", timeout=SECONDS) >= 0
    info = await ann["xep_0030"].get_info(jid="localhost", timeout=SECONDS)
    assert "urn:xmpp:ping" in info["disco_info"]["features"], info
    await ann.leave()


async def friends_chat_both_ways(server):
    ann = await client_of(server, "ann").log_in()
    bob = await client_of(server, "bob").log_in()
    ann.send_message(mto="bob@localhost", mbody="hello bob", mtype="chat")
    heard = await bob.wait_message()
    assert heard["body"] == "hello bob" and heard["from"].bare == "ann@localhost", heard
    bob.send_message(mto=heard["from"], mbody="hello ann <&>", mtype="chat")
    answer = await ann.wait_message()
    assert answer["body"] == "hello ann <&>" and answer["from"].bare == "bob@localhost", answer
    await ann.leave()
    await bob.leave()


async def friends_subscribe_and_see_each_other_online(server):
    ann = await client_of(server, "ann").log_in()
    bob = await client_of(server, "bob").log_in()
    await ann.get_roster(timeout=SECONDS)
    await bob.get_roster(timeout=SECONDS)
    await ann.update_roster("bob@localhost", name="Bob", groups=["friends"], timeout=SECONDS)
    ann.send_presence(pto="bob@localhost", ptype="subscribe")
    asked = await bob.wait("presence_subscribe")
    assert asked["from"].bare == "ann@localhost"
    bob.send_presence(pto="ann@localhost", ptype="subscribed")
    await ann.wait("presence_subscribed")
    await seen_online(ann, "bob@localhost")
    await ann.leave()
    again = await client_of(server, "ann").log_in()
    roster = await again.get_roster(timeout=SECONDS)
    item = roster["roster"]["items"]["bob@localhost"]
    assert item["name"] == "Bob" and item["subscription"] == "to", item
    assert "friends" in item["groups"], item
    await seen_online(again, "bob@localhost")
    await again.leave()
    await bob.leave()


async def seen_online(client, bare):
    while (await client.wait("got_online"))["from"].bare != bare:
        pass


async def offline_messages_wait_with_their_time(server):
    ann = await client_of(server, "ann").log_in()
    for number in range(3):
        ann.send_message(mto="bob@localhost", mbody=f"later {number}", mtype="chat")
    await ann["xep_0199"].ping("localhost", timeout=SECONDS)  # they are all taken
    await ann.leave()
    bob = client_of(server, "bob")
    bob.register_plugin("xep_0203")
    await bob.log_in()
    messages = [await bob.wait_message() for _ in range(3)]
    assert [message["body"] for message in messages] == [f"later {n}" for n in range(3)], messages
    assert all(message["delay"]["stamp"] for message in messages), messages
    await bob["xep_0199"].ping("localhost", timeout=SECONDS)
    await bob.leave()
    again = await client_of(server, "bob").log_in()
    await again["xep_0199"].ping("localhost", timeout=SECONDS)
    assert again.messages.empty(), "offline messages came twice"
    await again.leave()


async def cut_session_resumes_and_loses_nothing(server):
    ann = await client_of(server, "ann").log_in()
    bob = await client_of(server, "bob").log_in()
    await bob.wait("sm_enabled")
    bob.cut()
    await bob.wait("disconnected")
    ann.send_message(mto="bob@localhost", mbody="meanwhile", mtype="chat")
    await ann["xep_0199"].ping("localhost", timeout=SECONDS)
    bob.begin()
    await bob.wait("session_resumed")
    message = await bob.wait_message()
    assert message["body"] == "meanwhile", message
    await bob["xep_0199"].ping("localhost", timeout=SECONDS)
    assert bob.messages.empty(), "a message came twice"
    await ann.leave()
    await bob.leave()


if __name__ == "__main__":
    run_tests([play(scene) for scene in (
        ann_logs_in_by_scram_over_starttls,
        ann_logs_in_by_scram_over_direct_tls,
        slixmpps_own_choice_is_a_scram,
        wrong_password_is_refused,
        server_is_pinged_and_discovered,
        friends_chat_both_ways,
        friends_subscribe_and_see_each_other_online,
        offline_messages_wait_with_their_time,
        cut_session_resumes_and_loses_nothing,
    )])
