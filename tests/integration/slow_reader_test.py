#!/usr/bin/python3
"""Those that stop reading harm nobody: the others get all in time, memory stays bounded, and who
reads again, or comes back, gets what it missed."""

import asyncio
import time

from harness import Server, run_tests
from wire_device import TOPIC, WireDevice

READERS = 200
STOPPED = 40
TO_THE_STOPPED = 1000
TO_ALL = 40
PAYLOAD_BYTES = 4000
# Unsent to all stopped readers together, had the server kept it: about 40 x 3 MB, even after what
# the system's buffers take.
GROWTH_BYTES_MAX = 64 << 20
SECONDS_FOR_ALL = 30
SETTINGS = ("xmpp.write_buffer_max=65536", "storage.cache_bytes=1048576",
            "middle.row_cache_bytes=16777216")


def padded(name):
    return name + "-" + "x" * (PAYLOAD_BYTES - len(name) - 1)


def names(device):
    return [payload.partition("-")[0] for payload in device.payloads()]


async def connected(server, app, count, topic=None, **options):
    """In steps: a login costs the server's processor as much as a thousand pushes."""
    devices = []
    for _ in range(count):
        device = WireDevice(server, app, **options)
        await device.connect()
        await device.register()
        if topic:
            await device.set_name(TOPIC, topic)
        devices.append(device)
    return devices


async def send_all(server, app, target, parameters, payloads):
    def send():
        with server.api() as api:
            for payload in payloads:
                answer = api.send(app, target, parameters, payload=payload)
                assert answer["code"] == 0, answer

    await asyncio.get_running_loop().run_in_executor(None, send)


async def cut_all(devices):
    for device in devices:
        await device.cut()


async def readers_are_not_held_up_by_those_that_stopped(server, app):
    readers = await connected(server, app, READERS)
    stopped = await connected(server, app, STOPPED, topic="much", small_buffer=True)
    before = server.resident_bytes()
    for device in stopped:
        device.stop_reading()
    much = [f"much{number}" for number in range(TO_THE_STOPPED)]
    await send_all(server, app, "topic", {"topic": "much"}, map(padded, much))
    await some_cannot_be_pushed(server)
    few = [f"few{number}" for number in range(TO_ALL)]
    started = time.monotonic()
    await send_all(server, app, "all", {}, map(padded, few))
    await asyncio.gather(*(device.wait_pushes(TO_ALL, SECONDS_FOR_ALL) for device in readers))
    seconds = time.monotonic() - started
    growth = server.resident_bytes() - before
    for device in readers:
        assert names(device) == few, f"{len(device.pushes)} pushes"
    print(f"{READERS} readers had {TO_ALL} broadcasts in {seconds:.1f} s; "
          f"{STOPPED} stopped; resident memory grew by {growth >> 20} MiB")
    assert growth < GROWTH_BYTES_MAX, f"{growth >> 20} MiB"
    await stopped_ones_get_what_they_missed(stopped, much, few)
    await cut_all(readers + stopped)


async def some_cannot_be_pushed(server):
    """Otherwise the server keeps it all for them, or it fitted into the buffers of the system and
    the test would prove nothing."""
    pushed = server.metric("longwire_push_entries_pushed_total")
    assert pushed < STOPPED * TO_THE_STOPPED * 0.9, f"{pushed} were pushed"


async def stopped_ones_get_what_they_missed(stopped, much, few):
    """The first half reads on, the second comes back on another connection."""
    for device in stopped[:STOPPED // 2]:
        device.resume_reading()
    for device in stopped[STOPPED // 2:]:
        await device.cut()
        device.small_buffer = False
        await device.connect()
    for device in stopped:
        await device.wait_pushes(len(much) + len(few), SECONDS_FOR_ALL)
    for device in stopped[::STOPPED // 4]:
        got = names(device)
        assert [name for name in got if name.startswith("much")] == much, len(got)
        assert [name for name in got if name.startswith("few")] == few, len(got)


def played(scene):
    def case():
        with Server(SETTINGS) as server:
            app = server.create_app()
            asyncio.run(asyncio.wait_for(scene(server, app), 180))

    case.__name__ = scene.__name__
    return case


if __name__ == "__main__":
    run_tests([played(readers_are_not_held_up_by_those_that_stopped)])
