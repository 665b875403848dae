"""Which aliases and topics a registration may carry, by what was asked and what was answered."""

import asyncio
import threading
import time

from wire_device import ALIAS, TOPIC, Refused, WireDevice

NOT_DONE = "resource-constraint"  # docs/PROTOCOL.md: repeat later
PAUSE_SECONDS = 0.02
LISTED_SECONDS_MAX = 10
CARRIED_MAX = {ALIAS: 5, TOPIC: 20}
NO_TARGET = 20301


class States:
    """For each name the states it may be in: the last acknowledged, and each asked for since."""

    def __init__(self):
        self._possible = {}

    def asked(self, key, carried):
        """What was possible before, for `not_done`."""
        before = self.of(key)
        self._possible[key] = before | {carried}
        return before

    def done(self, key, carried):
        self._possible[key] = {carried}

    def not_done(self, key, before):
        self._possible[key] = before

    def of(self, key):
        return self._possible.get(key, {False})

    def names(self, kind):
        return {name for of, name in self._possible if of == kind}

    def must(self, kind):
        return self._with(kind, {True})

    def open(self, kind):
        return self._with(kind, {True, False})

    def _with(self, kind, states):
        return {name for (of, name), now in self._possible.items() if of == kind and now == states}


class Namer(threading.Thread):
    """A registration of its own whose aliases and topics change without pause until stopped.

    Connects again as often as it has to: `lost` counts how often, `unanswered` the changes that
    nobody answered meanwhile. `check` then looks whether the
    server holds to what it answered.
    """

    def __init__(self, server, app, prefix):
        super().__init__(daemon=True)
        self.server, self.app, self.prefix = server, app, prefix
        self.states = States()
        self.acknowledged = self.lost = self.refused = self.unanswered = 0
        self.slowest = 0  # seconds until an answer
        self.stopping = threading.Event()
        self.failure = None
        self._check_wanted, self._checked = threading.Event(), threading.Event()
        self._step = 0
        self._carried = {kind: [] for kind in CARRIED_MAX}

    def run(self):
        try:
            asyncio.run(self._live())
        except BaseException as error:  # told by check()
            self.failure = error
        self._checked.set()

    def stop(self):
        self.stopping.set()

    def check(self, seconds):
        """After the end: every acknowledged change holds, and nothing nobody asked for."""
        self._check_wanted.set()
        assert self._checked.wait(seconds), f"{self.prefix}: no check of names in {seconds} s"
        self.join()
        if self.failure is not None:
            raise self.failure

    async def _live(self):
        device = WireDevice(self.server, self.app)
        await device.connect()
        await device.register()
        while not self.stopping.is_set():
            try:
                await self._change(device)
            except Refused as refused:
                self.refused += 1
                assert str(refused) in (NOT_DONE, "internal-server-error", "remote-server-timeout",
                                        "service-unavailable"), refused
            except OSError:
                await self._again(device)
            except AssertionError:  # on a connection that lives
                self.unanswered += 1
                await self._again(device)
            await asyncio.sleep(PAUSE_SECONDS)
        while not self._check_wanted.is_set():
            await asyncio.sleep(PAUSE_SECONDS)
        await self._again(device)
        await self._verify(device)
        await device.cut()

    async def _again(self, device):
        """On a connection that lives; after a silent answer the same may do."""
        if not device.closed.is_set():
            return
        self.lost += 1
        while not (self.stopping.is_set() and not self._check_wanted.is_set()):
            try:
                await device.cut()
                return await device.connect()
            except (OSError, AssertionError):
                await asyncio.sleep(0.2)

    async def _change(self, device):
        if device.closed.is_set():
            raise ConnectionError("closed")
        kind, name, carried = self._next()
        before = self.states.asked((kind, name), carried)
        begun = time.monotonic()
        try:
            await _unless_closed(device, device.set_name(kind, name, carried=carried))
        except Refused as refused:
            if str(refused) == NOT_DONE:
                self.states.not_done((kind, name), before)
            raise
        finally:
            self.slowest = max(self.slowest, time.monotonic() - begun)
        self.states.done((kind, name), carried)
        self.acknowledged += 1

    def _next(self):
        """In turn of aliases and topics, a new one is set or the oldest taken away: no later change
        of the same name hides that one was lost."""
        self._step += 1
        kind = (ALIAS, TOPIC)[self._step % 2]
        names = self._carried[kind]
        if len(names) >= CARRIED_MAX[kind]:
            if True in self.states.of((kind, names[0])):
                return kind, names[0], False
            names.pop(0)
        if not names or True in self.states.of((kind, names[-1])):
            names.append(f"{self.prefix}-{self._step}")
        return kind, names[-1], True

    async def _verify(self, device):
        carried = await self._listed(device)
        wanted = []
        for kind, target in ((ALIAS, "alias"), (TOPIC, "topic")):
            for name in sorted(self.states.names(kind)):
                payload = f"to {name}:0"
                code = await asyncio.to_thread(self._send, target, name, payload)
                here = name in carried[kind]
                assert code == (0 if here or kind == TOPIC else NO_TARGET), f"{name}: {code}"
                wanted += [payload] if here else []
        await device.wait_until(lambda: set(wanted) <= set(device.payloads()),
                                f"what was sent to {len(wanted)} names of {self.prefix}")
        assert sorted(device.payloads()) == sorted(wanted), "it got what is for none of its names"

    async def _listed(self, device):
        """A name's owner knows at once; the registration's list follows by a lane."""
        until = time.monotonic() + LISTED_SECONDS_MAX
        while True:
            try:
                return await self._list(device)
            except AssertionError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(0.5)

    async def _list(self, device):
        shown = await asyncio.to_thread(self.server.command, "device", "show",
                                        device.account["device"])
        (registration,) = shown["registrations"]
        carried = {ALIAS: set(registration["aliases"]), TOPIC: set(registration["topics"])}
        for kind, names in carried.items():
            lost = self.states.must(kind) - names
            at = f"at step {self._step}"
            assert not lost, f"acknowledged and not there {at}: {sorted(lost)[:5]}"
            invented = names - self.states.must(kind) - self.states.open(kind)
            assert not invented, f"taken away, or never asked for, {at}: {sorted(invented)[:5]}"
        return carried

    def _send(self, target, name, payload):
        with self.server.api() as api:
            return api.send(self.app, target, {target: name}, payload=payload)["code"]


async def _unless_closed(device, request):
    """Its result; ConnectionError as soon as the connection it waits on is gone."""
    asked = asyncio.ensure_future(request)
    closed = asyncio.ensure_future(device.closed.wait())
    await asyncio.wait({asked, closed}, return_when=asyncio.FIRST_COMPLETED)
    closed.cancel()
    if asked.done():
        return asked.result()
    asked.cancel()
    raise ConnectionError("closed")
