#!/usr/bin/python3
"""What belongs to one registration, device or app is out of reach of every other, on the wire."""

import asyncio
import http.client
import ssl

import sealed
from compact import I32
from harness import Server, run_tests, wait_until
from wire_device import ALIAS, TOPIC, Refused, WireDevice

CONTROL_ENDED = 2


def played(scene):
    """A coroutine on a server and its app, as one test case."""
    def case():
        with Server() as server:
            app = server.create_app()
            asyncio.run(asyncio.wait_for(scene(server, app), 60))

    case.__name__ = scene.__name__
    return case


async def refusal(request):
    try:
        answer = await request
    except Refused as refused:
        return str(refused)
    raise AssertionError(f"it was granted: {answer}")


async def two_registrations(first, second):
    return await first.register(), await second.register()


async def another_device_cannot_use_a_registration(server, app):
    async with WireDevice(server, app) as owner, WireDevice(server, app) as stranger:
        owned, _ = await two_registrations(owner, stranger)
        await owner.set_name(ALIAS, "bob")
        asked = [
            {4: {1: owned.reg_id}},                                    # unregister
            {5: {1: owned.reg_id, 2: I32(ALIAS), 3: "eve", 4: True}},
            {5: {1: owned.reg_id, 2: I32(ALIAS), 3: "bob", 4: False}},
            {5: {1: owned.reg_id, 2: I32(TOPIC), 3: "news", 4: True}},
            {6: {1: owned.reg_id}},                                    # list names
            {7: {1: owned.reg_id, 2: owned.inbox, 3: 0}},              # fetch
        ]
        for frame in asked:
            assert await refusal(stranger.request(frame)) == "item-not-found", frame
        names = (await owner.request({6: {1: owned.reg_id}}))[6]
        assert names == {1: [b"bob"], 2: [], 3: []}, names
        server.send(app, "alias", {"alias": "bob"}, payload="mine:1")
        await owner.wait_pushes(1)
        assert owner.payloads() == ["mine:1"] and stranger.pushes == []


async def a_device_cannot_fetch_a_feed_that_its_registration_does_not_read(server, app):
    async with WireDevice(server, app) as owner, WireDevice(server, app) as stranger:
        owned, strange = await two_registrations(owner, stranger)
        server.send(app, "regid", {"registration_id": owned.reg_id}, payload="mine:1")
        for feed in (owned.inbox, f"topic:{app['appId']}:news", "archive:ann", "app:1"):
            fetch = {7: {1: strange.reg_id, 2: feed, 3: 0}}
            assert await refusal(stranger.request(fetch)) == "item-not-found", feed


async def another_device_cannot_acknowledge(server, app):
    async with WireDevice(server, app) as owner, WireDevice(server, app) as stranger:
        owned, _ = await two_registrations(owner, stranger)
        answer = server.send(app, "regid", {"registration_id": owned.reg_id}, payload="mine:1")
        await owner.wait_pushes(1)
        stranger.acknowledge(owned.inbox, 1, reg_id=owned.reg_id)
        stranger.acknowledge(owned.inbox, 1)
        assert_stays_waiting(server, answer)
        owner.numbers.clear()
        await owner.cut()
        await owner.connect()  # not acknowledged, so it comes again
        await owner.wait_pushes(2)


async def an_acknowledgement_above_what_was_sent_is_refused(server, app):
    async with WireDevice(server, app) as device:
        registration = await device.register()
        device.acknowledge(registration.inbox, 7)
        await device.wait_until(lambda: device.frames, "a failure")
        assert device.frames[0][0] == 8, device.frames
        answers = [server.send(app, "regid", {"registration_id": registration.reg_id},
                               payload=f"x:{number}") for number in range(2)]
        await device.wait_pushes(2)
        assert device.payloads() == ["x:0", "x:1"], device.payloads()
        device.acknowledge(registration.inbox, 3)
        await device.wait_until(lambda: len(device.frames) == 2, "another failure")
        for answer in answers:
            assert_stays_waiting(server, answer)
        device.acknowledge(registration.inbox, 2)
        for answer in answers:
            wait_until(lambda a=answer: delivered(server, a) == 1, 10, "the right number to count")


def delivered(server, answer):
    return server.command("trace", answer["data"]["id"])["delivered"]


def assert_stays_waiting(server, answer):
    """A cursor that was taken would be stored by the next stored one: of a probe sent after it."""
    probe_app = server.create_app("org.example.probe")
    with server.device(probe_app, "probe", alias=["probe"]) as probe:
        probe.wait_registered()
        later = server.send(probe_app, "alias", {"alias": "probe"}, payload="probe:1")
        probe.wait_messages(1)
        wait_until(lambda: delivered(server, later) == 1, 20, "the probe's cursor")
    assert delivered(server, answer) == 0


async def positions_of_another_devices_registration_bring_none_of_its_pushes(server, app):
    async with WireDevice(server, app) as owner, WireDevice(server, app) as stranger:
        owned, strange = await two_registrations(owner, stranger)
        server.send(app, "regid", {"registration_id": owned.reg_id}, payload="mine:1")
        await stranger.cut()
        stranger.registration = owned
        await stranger.connect()
        await stranger.wait_until(lambda: stranger.frames, "an answer to the positions")
        control = stranger.frames[0]
        assert control[0] == 3 and control[1][1].decode() == owned.reg_id, control
        assert control[1][2] == CONTROL_ENDED, control
        assert (await stranger.register()).reg_id == strange.reg_id
        server.send(app, "all", {}, payload="end:2")
        await stranger.wait_pushes(1)
        assert [push[1].decode() for push in stranger.pushes] == [strange.reg_id], stranger.pushes


async def bodies_are_sealed_for_one_registration_feed_and_number(server, app):
    async with WireDevice(server, app) as one, WireDevice(server, app) as two:
        first, second = await two_registrations(one, two)
        server.send(app, "all", {}, payload="for all:1", title="a title", description="text")
        (to_one,), (to_two,) = await one.wait_pushes(1), await two.wait_pushes(1)
        assert to_one[4] == to_two[4], "it is one message"
        assert to_one[11] != to_two[11], "sealed alike for two registrations"
        assert b"for all" not in to_one[11] and b"a title" not in to_one[11]
        assert sealed.open_push(to_one, first)[3] == b"for all:1"
        assert sealed.open_push(to_two, second)[3] == b"for all:1"
        assert sealed.open_push(to_one, second) is None
        assert sealed.open_push(to_two, first) is None
        assert sealed.open_push(to_one, first, feed=first.inbox) is None
        assert sealed.open_push({**to_one, 3: to_one[3] + 1}, first) is None
        broken = to_one[11][:-1] + bytes([to_one[11][-1] ^ 1])
        assert sealed.open_push({**to_one, 11: broken}, first) is None


async def registrations_of_two_devices_share_nothing(server, app):
    async with WireDevice(server, app) as one, WireDevice(server, app) as two:
        first, second = await two_registrations(one, two)
        assert first.reg_id != second.reg_id and first.secret != second.secret
        assert len(first.secret) == 32
        again = await one.register()
        assert again == first, "the same device, app and package is the same registration"


async def another_apps_secret_neither_traces_nor_sends(server, app):
    stranger = server.create_app("org.example.stranger")
    async with WireDevice(server, app) as device:
        registration = await device.register()
        answer = server.send(app, "regid", {"registration_id": registration.reg_id}, payload="x:1")
        identifier = answer["data"]["id"]
        assert trace_status(server, identifier, app["appSecret"]) == 200
        assert trace_status(server, identifier, stranger["appSecret"]) == 404
        assert trace_status(server, identifier, "nobody") == 401
        assert trace_status(server, identifier, app["appKey"]) == 401
        with server.api() as api:
            target = {"registration_id": registration.reg_id}
            refused = api.send(stranger, "regid", target, payload="theirs:1")
            assert refused["code"] == 20301, refused
            borrowed = {**stranger, "package": app["package"]}
            refused = api.send(borrowed, "regid", target, payload="theirs:2")
            assert refused["code"] == 22022, refused
        server.send(app, "regid", {"registration_id": registration.reg_id}, payload="x:2")
        await device.wait_pushes(2)
        assert device.payloads() == ["x:1", "x:2"], device.payloads()


def trace_status(server, identifier, secret):
    context = ssl.create_default_context(cafile=server.ca)
    connection = http.client.HTTPSConnection("localhost", server.ports["https"], context=context,
                                             timeout=10)
    connection.request("GET", f"/v1/messages/{identifier}",
                       headers={"Authorization": f"key={secret}"})
    status = connection.getresponse().status
    connection.close()
    return status


async def a_device_of_one_app_cannot_register_another_with_a_wrong_key(server, app):
    other = server.create_app("org.example.other")
    async with WireDevice(server, app) as device:
        forged = {3: {1: other["appId"], 2: app["appKey"], 3: other["package"]}}
        assert await refusal(device.request(forged)) == "not-authorized"
        foreign = {3: {1: app["appId"], 2: app["appKey"], 3: other["package"]}}
        assert await refusal(device.request(foreign)) in ("forbidden", "bad-request")


if __name__ == "__main__":
    run_tests([played(scene) for scene in (
        another_device_cannot_use_a_registration,
        a_device_cannot_fetch_a_feed_that_its_registration_does_not_read,
        another_device_cannot_acknowledge,
        positions_of_another_devices_registration_bring_none_of_its_pushes,
        an_acknowledgement_above_what_was_sent_is_refused,
        bodies_are_sealed_for_one_registration_feed_and_number,
        registrations_of_two_devices_share_nothing,
        another_apps_secret_neither_traces_nor_sends,
        a_device_of_one_app_cannot_register_another_with_a_wrong_key,
    )])
