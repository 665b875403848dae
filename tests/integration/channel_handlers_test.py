#!/usr/bin/python3
"""Channels that programs outside serve: the example, and handlers that are slow, dead or lie.

Whatever a handler does costs its own channel only: all the while the push channel, the echo channel
and a second handler's channel of the same server answer.
"""

import asyncio
import base64
import socket
import struct
import time

import compact
import handler_programs as programs
from handler_programs import Liar, OrderStatus, next_request, reply, welcome_back
from harness import Server, run_tests, wait_until
from wire_device import CHANNEL, CLIENT, WireDevice, within

SECONDS = 20
# Short enough for a test, long enough for a loaded machine.
CALL_TIMEOUT = 1.0
RETRY_PAUSE = 2.0
FAILURES_MAX = 3
AT_ONCE = 0.5


class Refused(Exception):
    """An iq of type error: its condition and type."""


class ChannelDevice(WireDevice):
    """Asks any channel, and gathers what is pushed on it."""

    def __init__(self, server, app, account=None):
        super().__init__(server, app, account)
        self.pushed = []  # (channel, bytes)

    async def ask(self, channel, payload):
        self._last_id += 1
        identifier = f"a{self._last_id}"
        answer = self._answers[identifier] = asyncio.get_running_loop().create_future()
        self._write(f"<iq type='set' id='{identifier}' to='{channel}.localhost'>"
                    f"{raw_frame(payload)}</iq>")
        stanza = await within(answer, f"an answer of {channel}", SECONDS)
        if stanza.get("type") == "error":
            error = stanza.find(CLIENT + "error")
            raise Refused(f"{error[0].tag.partition('}')[2]}/{error.get('type')}")
        return frame_of(stanza)

    async def refusal(self, channel, payload=b"x"):
        """How it is refused, and after how many seconds."""
        began = time.monotonic()
        try:
            answer = await self.ask(channel, payload)
        except Refused as refused:
            return str(refused), time.monotonic() - began
        raise AssertionError(f"{channel} answered {answer}")

    def tell(self, channel, payload):
        self._write(f"<message type='headline' to='{channel}.localhost'>"
                    f"{raw_frame(payload)}</message>")

    def _take(self, element):
        channel = (element.get("from") or "").partition(".")[0]
        if element.tag == CLIENT + "message" and channel not in ("push", ""):
            self.pushed.append((channel, frame_of(element)))
            self._came.set()
        else:
            super()._take(element)


def raw_frame(payload):
    return f"<frame xmlns='{CHANNEL}'>{base64.b64encode(payload).decode()}</frame>"


def frame_of(stanza):
    return base64.b64decode(stanza.find(f"{{{CHANNEL}}}frame").text or "")


class World:
    """A server with the channels `orders`, served at `port`, and `calm`, which is served well."""

    def __init__(self, port, *settings):
        self.calm = Liar(programs.echo)
        self.server = Server([
            f"channels.handlers=orders:16=127.0.0.1:{port},calm:17=127.0.0.1:{self.calm.port}",
            "channels.push_listen=127.0.0.1:0", f"channels.call_timeout={CALL_TIMEOUT:.0f}s",
            f"channels.retry_pause={RETRY_PAUSE:.0f}s", f"channels.failures_max={FAILURES_MAX}",
            *settings])

    def __enter__(self):
        self.server.start()
        self.app = self.server.create_app()
        return self

    def __exit__(self, kind, error, trace):
        self.server.__exit__(kind, error, trace)
        self.calm.listener.close()

    def device(self, account=None):
        return ChannelDevice(self.server, self.app, account)

    def metric(self, name, channel="orders"):
        start = f'longwire_handler_{name}{{channel="{channel}"}} '
        return next(int(line[len(start):]) for line in self.server.metrics().splitlines()
                    if line.startswith(start))

    def wait_state(self, state):
        wait_until(lambda: self.metric("state") == state, SECONDS, f"state {state}")

    async def check_others(self, device):
        """Push, echo and the calm channel answer, each soon."""
        began = time.monotonic()
        echo = compact.encode({1: b"hello"})
        assert await device.ask("echo", echo) == echo
        assert await device.ask("calm", b"hello") == b"hello"
        if device.registration is None:
            await device.register()
        count = len(device.pushes)
        self.server.send(self.app, "regid", {"registration_id": device.registration.reg_id},
                         payload=f"n{count}")
        await device.wait_pushes(count + 1)
        device.acknowledge_all()
        took = time.monotonic() - began
        assert took < 2, f"the other channels took {took:.2f} s"


AWAY, SERVING, PROBING, REFUSING = range(4)


def asked(order):
    return compact.encode({1: order})


def status_of(payload):
    status = compact.decode(payload)
    return status[1].decode(), status[2].decode()


async def ask_until_answered(device, payload):
    """Its first answer: the handler may be left alone for a while yet."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return await device.ask("orders", payload)
        except Refused as refused:
            assert time.monotonic() < until, refused
            await asyncio.sleep(0.1)


def played(scene):
    """A coroutine as one test case."""
    def case():
        asyncio.run(asyncio.wait_for(scene(), 120))

    case.__name__ = scene.__name__
    return case


# ---- the example

async def example_answers_and_tells_of_changes():
    with OrderStatus(A17="paid") as handler, World(handler.port) as world:
        handler.wait_said("welcomed to orders.localhost")
        async with world.device() as device:
            assert status_of(await device.ask("orders", asked("A17"))) == ("A17", "paid")
            name = device.account["device"]
            handler.wait_said(f"connected {name}/")
            assert (await device.refusal("orders", asked("none")))[0] == "item-not-found/cancel"
            assert (await device.refusal("orders", b"\xff\xff"))[0] == "bad-request/modify"
            handler.change("A17", "shipped")
            await device.wait_until(lambda: device.pushed, "the push")
            ((channel, payload),) = device.pushed
            assert (channel, status_of(payload)) == ("orders", ("A17", "shipped"))
            handler.wait_said("A17 is shipped: told 1")
            await world.check_others(device)
        handler.wait_said(f"disconnected {name}/")
        handler.change("A17", "delivered")
        handler.wait_said("A17 is delivered: told 0")


async def session_that_comes_back_opens_the_channel_and_is_told_again():
    with OrderStatus(A17="paid") as handler, World(handler.port) as world:
        handler.wait_said("welcomed")
        async with world.device() as device:
            await device.ask("orders", asked("A17"))
            await device.cut()
            handler.wait_said("disconnected")
            await device.connect()
            handler.change("A17", "shipped")
            handler.wait_said("A17 is shipped: told 0")
            device.tell("orders", b"")  # opens it
            await world.check_others(device)  # so that it was taken
            handler.change("A17", "delivered")
            await device.wait_until(lambda: device.pushed, "the push")
            assert status_of(device.pushed[0][1]) == ("A17", "delivered")


async def servers_of_thrift_serve_as_they_come():
    for kind in ("simple", "pool", "nonblocking"):
        with programs.UpperHandler(kind) as handler, World(handler.port) as world:
            world.wait_state(SERVING)
            async with world.device() as device:
                names = [f"name{number}".encode() for number in range(8)]
                answers = await asyncio.gather(*(device.ask("orders", name) for name in names))
                assert answers == [name.upper() for name in names], answers
                failed, _ = await device.refusal("orders", b"fail")
                assert failed == "internal-server-error/wait", failed
                assert await device.ask("orders", b"on") == b"ON"


# ---- slow

async def frozen_handler_costs_its_own_channel_only():
    with OrderStatus(A17="paid") as handler, World(handler.port) as world:
        handler.wait_said("welcomed")
        async with world.device() as device:
            await device.ask("orders", asked("A17"))
            handler.freeze()
            for _ in range(FAILURES_MAX):
                late, took = await device.refusal("orders", asked("A17"))
                assert late == "remote-server-timeout/wait", late
                assert CALL_TIMEOUT <= took < CALL_TIMEOUT + 2, took
                await world.check_others(device)
            # Now it is left alone: told at once.
            assert world.metric("state") == REFUSING
            for _ in range(3):
                away, took = await device.refusal("orders", asked("A17"))
                assert away == "service-unavailable/wait" and took < AT_ONCE, (away, took)
            await world.check_others(device)
            handler.thaw()
            answer = await ask_until_answered(device, asked("A17"))
            assert status_of(answer) == ("A17", "paid")
            assert world.metric("state") == SERVING
        log = world.server.log.read_text()
        for state in ("refusing", "probing"):
            assert log.count(f"state={state}") == 1, log


async def requests_that_wait_are_bounded_by_session():
    with OrderStatus(A17="paid") as handler, World(
            handler.port, "channels.requests_in_flight_max=4") as world:
        handler.wait_said("welcomed")
        async with world.device() as device:
            handler.freeze()
            ends = await asyncio.gather(*(device.refusal("orders", b"x") for _ in range(10)))
            at_once = [end for end, took in ends if took < AT_ONCE]
            assert at_once == ["resource-constraint/wait"] * 6, ends
            assert [end for end, _ in ends if end not in at_once] == [
                "remote-server-timeout/wait"] * 4, ends


# ---- dead

async def killed_handler_comes_back():
    with OrderStatus(A17="paid") as handler, World(handler.port) as world:
        handler.wait_said("welcomed")
        async with world.device() as device:
            await device.ask("orders", asked("A17"))
            handler.freeze()
            lost = asyncio.create_task(device.refusal("orders", asked("A17")))
            await world.check_others(device)
            handler.kill()
            end, took = await lost
            assert end == "remote-server-timeout/wait" and took < CALL_TIMEOUT + 1, (end, took)
            away, took = await device.refusal("orders", asked("A17"))
            assert away == "service-unavailable/wait" and took < AT_ONCE, (away, took)
            world.wait_state(REFUSING)
            await world.check_others(device)
            handler.start()
            answer = await ask_until_answered(device, asked("A17"))
            assert status_of(answer) == ("A17", "paid")
            # A handler that forgot all is told of the session again, and may push.
            handler.wait_said(f"connected {device.account['device']}/")
            handler.change("A17", "shipped")
            await device.wait_until(lambda: device.pushed, "the push")


async def handler_that_was_never_there_costs_nothing_but_its_channel():
    with World(programs.free_port()) as world:
        async with world.device() as device:
            away, took = await device.refusal("orders")
            assert away == "service-unavailable/wait" and took < AT_ONCE, (away, took)
            world.wait_state(REFUSING)
            await world.check_others(device)


# ---- lying

def http(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    connection.recv(1 << 16)


def huge_length(connection):
    welcome_back(connection)
    next_request(connection)
    connection.sendall(struct.pack(">I", 0xFFFFFFF0))
    connection.recv(1 << 16)


def endless(connection):
    welcome_back(connection)
    next_request(connection)
    while True:
        connection.sendall(bytes(1 << 16))


def wrong_id(connection):
    welcome_back(connection)
    identifier, payload = next_request(connection)
    connection.sendall(reply(identifier + 1000, payload))
    connection.recv(1 << 16)


def hostile_struct(connection):
    """A reply whose list claims two thousand million items."""
    welcome_back(connection)
    identifier, _ = next_request(connection)
    data = (bytes([0x82, programs.REPLY << 5 | 1]) + compact.varint(identifier) + b"\x06handle"
            + b"\x19\xf8\xff\xff\xff\xff\x07")
    connection.sendall(struct.pack(">I", len(data)) + data)
    connection.recv(1 << 16)


def hang_up(connection):
    welcome_back(connection)
    next_request(connection)


def refuses_the_welcome(connection):
    name, _, identifier, _ = programs.read_message(connection)
    connection.sendall(programs.message(name, programs.EXCEPTION, identifier, {1: "no"}))
    connection.recv(1 << 16)


def tells_what_no_stanza_can_carry(connection):
    welcome_back(connection)
    while (request := next_request(connection)) is not None:
        connection.sendall(programs.message("handle", programs.REPLY, request[0], {
            1: {1: compact.I32(3), 2: b"\xff\x00</error></iq><presence/>\x01"}}))


def answers_too_much(connection):
    welcome_back(connection)
    while (request := next_request(connection)) is not None:
        connection.sendall(reply(request[0], b"x" * 70_000))


ENDS = {  # how a device's request ends; the lie is found out before it, or by it
    http: ("service-unavailable/wait",),
    refuses_the_welcome: ("service-unavailable/wait",),
    huge_length: ("remote-server-timeout/wait", "service-unavailable/wait"),
    endless: ("remote-server-timeout/wait", "service-unavailable/wait"),
    wrong_id: ("remote-server-timeout/wait", "service-unavailable/wait"),
    hostile_struct: ("remote-server-timeout/wait", "service-unavailable/wait"),
    hang_up: ("remote-server-timeout/wait", "service-unavailable/wait"),
    tells_what_no_stanza_can_carry: ("item-not-found/cancel", "service-unavailable/wait"),
    answers_too_much: ("internal-server-error/wait", "service-unavailable/wait"),
}


async def lying_handlers_cost_their_own_channel_only():
    for behave, ends in ENDS.items():
        with Liar(behave) as liar, World(liar.port) as world:
            wait_until(lambda: liar.connections, SECONDS, "a connection")
            async with world.device() as device:
                seen = set()
                for _ in range(6):
                    end, took = await device.refusal("orders")
                    assert took < CALL_TIMEOUT + 1, (behave.__name__, end, took)
                    seen.add(end)
                    await asyncio.sleep(0.2)
                assert seen <= set(ends) and ends[0] in seen, (behave.__name__, seen)
                await world.check_others(device)
                lies = world.metric("lies_total")
                orderly = behave in (hang_up, refuses_the_welcome, answers_too_much,
                                     tells_what_no_stanza_can_carry)
                assert (lies == 0) == orderly, (behave.__name__, lies)
            assert world.server.resident_bytes() < 400 << 20


async def answers_out_of_order_find_their_requests():
    def backwards(connection):
        welcome_back(connection)
        while True:
            requests = [next_request(connection) for _ in range(4)]
            if None in requests:
                return
            for request in reversed(requests):
                connection.sendall(reply(*request))

    with Liar(backwards) as liar, World(liar.port) as world:
        world.wait_state(SERVING)
        async with world.device() as device:
            names = [f"name{number}".encode() for number in range(4)]
            answers = await asyncio.gather(*(device.ask("orders", name) for name in names))
            assert answers == names, answers


# ---- pushing

async def push_port_bears_what_it_is_sent():
    with OrderStatus(A17="paid") as handler, World(
            handler.port, "channels.push_connections_max=4") as world:
        handler.wait_said("welcomed")
        port = world.server.ports["channelPush"]
        programs.generated()
        from channel_handler import ChannelPush
        from channel_handler.ttypes import Refusal
        from channel_handler.ttypes import Refused as PushRefused
        from thrift.protocol.TCompactProtocol import TCompactProtocol
        from thrift.transport import TSocket, TTransport

        transport = TTransport.TFramedTransport(TSocket.TSocket("127.0.0.1", port))
        transport.open()
        client = ChannelPush.Client(TCompactProtocol(transport))
        async with world.device() as device:
            device.tell("orders", b"")
            try:
                client.push(b"0" * 16, device.account["device"], "", b"forged")
                raise AssertionError("a push with another key was taken")
            except PushRefused as refused:
                assert refused.why == Refusal.FORBIDDEN, refused
            for garbage in (b"GET / HTTP/1.1\r\n\r\n", struct.pack(">I", 1 << 31), bytes(64)):
                with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
                    connection.sendall(garbage)
                    closed = connection.recv(1)
                    assert closed == b"", closed
            idle = [socket.create_connection(("127.0.0.1", port), SECONDS) for _ in range(8)]
            assert idle[-1].recv(1) == b""  # one too many
            for connection in idle:
                connection.close()
            await world.check_others(device)
            assert device.pushed == []
        transport.close()


async def handler_s_key_is_good_for_its_own_channel():
    keys = []

    def keep_key(connection):
        keys.append(welcome_back(connection))
        connection.recv(1 << 16)

    with Liar(keep_key) as liar, World(liar.port) as world:
        wait_until(lambda: keys, SECONDS, "the welcome")
        assert keys[0][1] == b"orders" and len(keys[0][4]) == 16, keys
        assert keys[0][3].decode() == f"127.0.0.1:{world.server.ports['channelPush']}"
        async with world.device() as device, world.device() as other:
            device.tell("orders", b"")
            other.tell("calm", b"")
            await world.check_others(device)
            await world.check_others(other)
            with socket.create_connection(
                    ("127.0.0.1", world.server.ports["channelPush"]), SECONDS) as connection:
                reached = [push(connection, keys[0][4], one.account["device"])
                           for one in (device, other)]
            assert reached == [1, 0], reached
            await device.wait_until(lambda: device.pushed, "the push")
            assert device.pushed == [("orders", b"news")] and other.pushed == []


def push(connection, key, account):
    connection.sendall(programs.message("push", programs.CALL, 1, {
        1: key, 2: account, 3: "", 4: b"news"}))
    return programs.read_message(connection)[3][0]


if __name__ == "__main__":
    run_tests([played(scene) for scene in (
        example_answers_and_tells_of_changes,
        session_that_comes_back_opens_the_channel_and_is_told_again,
        servers_of_thrift_serve_as_they_come,
        frozen_handler_costs_its_own_channel_only,
        requests_that_wait_are_bounded_by_session,
        killed_handler_comes_back,
        handler_that_was_never_there_costs_nothing_but_its_channel,
        lying_handlers_cost_their_own_channel_only,
        answers_out_of_order_find_their_requests,
        push_port_bears_what_it_is_sent,
        handler_s_key_is_good_for_its_own_channel)])
