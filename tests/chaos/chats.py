"""slixmpp users in pairs on different front ends who talk without pause, and what they heard."""

import asyncio
import contextlib
import logging
import threading

from harness import wait_until
from slixmpp_test import Client

PAUSE_SECONDS = 0.1
LOGIN_SECONDS_MAX = 8
CALL_SECONDS_MAX = 90
DELAY = "{urn:xmpp:delay}delay"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"


class User:
    """Sends "<name>:0", "<name>:1", … to its peer, and comes back when it loses its connection: by
    a resumption, or as somebody new.

    `acknowledged` (XEP-0198) and not `refused` must arrive; the rest of `sent` may.
    """

    def __init__(self, door, name):
        self.door, self.name, self.peer = door, name, None
        self.sent, self.acknowledged, self.refused = [], set(), set()
        self.heard = []  # pairs of body and stanza-id, all that came
        self.delayed = set()  # bodies of those that were in the archive before
        self.lost = 0  # connections
        self._before = (0, 0)  # lost connections and messages that came again, at the last check
        self.client = None
        self.connected = asyncio.Event()
        self._gone = asyncio.Event()

    async def live(self):
        """Until cancelled."""
        while True:
            self._gone.clear()
            if not await self._comes():
                self._abandon()
                continue
            self.connected.set()
            await self._gone.wait()
            self.connected.clear()
            self.lost += 1

    async def _comes(self):
        """True: it is in."""
        if self.client is None:
            self._new_client()
        for happened in self.client.happened.values():
            while not happened.empty():
                happened.get_nowait()
        self.client.begin()
        waits = {name: asyncio.ensure_future(self.client.happened[name].get())
                 for name in ("session_resumed", "session_start")}
        done, pending = await asyncio.wait(waits.values(), timeout=LOGIN_SECONDS_MAX,
                                           return_when=asyncio.FIRST_COMPLETED)
        for waiting in pending:
            waiting.cancel()
        if waits["session_start"] in done:
            self.client.send_presence()
        return bool(done)

    def _new_client(self):
        client = self.client = Client(self.door, self.name, f"{self.name}-secret")
        client.add_event_handler("stanza_acked", self._acknowledged)
        client.add_event_handler("message", self._heard)
        client.add_event_handler("message_error", self._refused)
        client.add_event_handler("disconnected",
                                 lambda _: client is self.client and self._gone.set())

    def _abandon(self):
        client, self.client = self.client, None
        client.cancel_connection_attempt()
        client.abort()

    def _acknowledged(self, stanza):
        if stanza.name == "message":
            self.acknowledged.add(stanza["id"])

    def _refused(self, message):
        self.refused.add(message["id"])

    def _heard(self, message):
        if message["type"] == "error":
            return
        marks = [mark.get("id") for mark in message.xml.findall(STANZA_ID)]
        self.heard.append((message["id"], message["body"], *marks))
        if message.xml.find(DELAY) is not None:
            self.delayed.add(message["body"])

    def say(self):
        text = f"{self.name}:{len(self.sent)}"
        message = self.client.make_message(mto=f"{self.peer.name}@localhost", mbody=text,
                                           mtype="chat")
        message["id"] = text
        self.sent.append(text)
        message.send()

    async def settle(self):
        """What it said on this connection is acknowledged."""
        while True:
            await self.connected.wait()
            client, management = self.client, self.client["xep_0198"]
            with contextlib.suppress(Exception):  # slixmpp's, of a connection that ends
                management.request_ack()
                if not any(stanza.name == "message" for _, stanza in management.unacked_queue):
                    await client["xep_0199"].ping("localhost", timeout=5)
                    return
            await asyncio.sleep(0.1)

    def owed(self):
        """What it must hear and has not."""
        certain = self.peer.acknowledged - self.peer.refused
        return certain - {body for _, body, *_ in self.heard}

    def check(self):
        owed = sorted(self.owed())
        assert not owed, f"{self.name}: {len(owed)} acknowledged and lost: {owed[:5]}"
        marks = {}
        for identifier, body, *mark in self.heard:
            assert identifier == body and body in self.peer.sent, (identifier, body)
            assert len(mark) == 1, f"stanza-ids of {body}: {mark}"
            marks.setdefault(body, set()).update(mark)
        wrong = [body for body, of in marks.items() if len(of) != 1]
        assert not wrong, f"{self.name}: sent on under several stanza-ids: {wrong[:5]}"
        assert len(set().union(*marks.values())) == len(marks), "one stanza-id twice"
        self._check_order(list(marks))
        lost, repeated = self.lost, len(self.heard) - len(marks)
        assert lost > self._before[0] or repeated == self._before[1], (
            f"{self.name}: {repeated - self._before[1]} came twice on one connection")
        self._before = (lost, repeated)


    def _check_order(self, bodies):
        """`bodies` in the order of their first coming; + in what is told: from the archive."""
        numbers = [int(body.rpartition(":")[2]) for body in bodies]
        late = [at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]]
        told = [[f"{numbers[at]}{'+' * (bodies[at] in self.delayed)}"
                 for at in range(max(0, one - 3), min(len(numbers), one + 4))] for one in late]
        assert not late, f"{self.name} heard out of order: {told[:5]}"


class Chats(threading.Thread):
    """Pairs of users, each on the two doors; talks from pause(False) to pause(True)."""

    def __init__(self, doors, names):
        super().__init__(daemon=True)
        logging.getLogger("slixmpp").setLevel(100)
        self.loop = asyncio.new_event_loop()
        self._talking = False
        self.users = [self._do(User, doors[number % 2], name) for number, name in enumerate(names)]
        for one, other in zip(self.users[::2], self.users[1::2]):
            one.peer, other.peer = other, one

    def _do(self, function, *arguments):
        """Before the loop runs."""
        asyncio.set_event_loop(self.loop)
        return function(*arguments)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self._tasks = [self.loop.create_task(each) for user in self.users
                       for each in (user.live(), self._talk(user))]
        self.loop.run_forever()

    async def _talk(self, user):
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            if self._talking and user.connected.is_set():
                with contextlib.suppress(Exception):  # slixmpp's, of a connection that ends
                    user.say()

    def begin(self):
        self._talking = True

    def total(self):
        """How many were heard, by each."""
        return [len(user.heard) for user in self.users]

    def go_on(self, seconds):
        since = self.total()
        wait_until(lambda: all(now > before for now, before in zip(self.total(), since)), seconds,
                   "all users to hear more")

    def wait_connected(self, seconds):
        wait_until(lambda: all(user.connected.is_set() for user in self.users), seconds,
                   "all users to be connected")

    def finish(self):
        """No word more; what is acknowledged was heard."""
        self._talking = False
        settled = asyncio.run_coroutine_threadsafe(self._settle(), self.loop)
        settled.result(CALL_SECONDS_MAX)
        for task in self._tasks:
            assert not task.done(), task
        with contextlib.suppress(AssertionError):  # check() says what is missing
            wait_until(lambda: not any(user.owed() for user in self.users), 20, "all to be heard")
        for user in self.users:
            user.check()

    async def _settle(self):
        await asyncio.gather(*(user.settle() for user in self.users))
