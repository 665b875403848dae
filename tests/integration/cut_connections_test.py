#!/usr/bin/python3
"""The network between device and server cuts connections while pushes flow: by RST, in the middle
of a frame, silently. The app sees each push once and in order; nothing is pushed twice for no
reason."""

import random

from checker import check_exactly_once, check_order
from harness import Server, run_tests, wait_until
from proxy import Proxy
from senders import Sender

SEED = 3
RESETS = 10
PUSHED = "longwire_push_entries_pushed_total"
ALL_SECONDS = 60
PING_SECONDS = 2
PING_TIMEOUT_SECONDS = 20  # the SDK's own


def senders_to(server, app, reg_id):
    return [Sender(server, app, "regid", "regid", {"registration_id": reg_id}),
            Sender(server, app, "alias", "alias", {"alias": "bob"}),
            Sender(server, app, "topic", "topic", {"topic": "news"})]


def wait_came_through(device, count=30):
    """A cut is worth something only while messages flow."""
    device.wait_messages(len(device.messages()) + count, 30)


def wait_connected(device, times):
    def connected():
        return sum(event["event"] == "connected" for event in device.poll()) >= times

    wait_until(connected, 30, f"connection number {times}")


def cut(proxy, chance):
    if chance.random() < 0.5:
        proxy.reset()
    else:
        proxy.cut_after(chance.randrange(1, 3000))


def judge(device, senders):
    for sender in senders:
        sender.stop()
    accepted = [payload for sender in senders for payload in sender.accepted]
    assert all(not sender.refused and not sender.uncertain for sender in senders)
    wait_until(lambda: len(device.messages()) >= len(accepted), ALL_SECONDS, "all accepted")
    assert not any(message.get("again") for message in device.messages())
    check_exactly_once(device.messages(), accepted)
    check_order(device.messages())
    return accepted


def pushes_flow_through(scene):
    with Server() as server, Proxy(0) as proxy:
        proxy.target = server.ports["xmpp"]
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"], port=proxy.port, timeout=600,
                           ping_interval=PING_SECONDS) as device:
            senders = senders_to(server, app, device.wait_registered()["regId"])
            for sender in senders:
                sender.start()
            scene(proxy, device)
            accepted = judge(device, senders)
            print(f"{len(accepted)} accepted, {server.metric(PUSHED)} pushed, "
                  f"{proxy.connections} connections, "
                  f"{server.metric('longwire_xmpp_resumptions_total')} resumptions")
            nothing_comes_again_on_a_clean_connection(server, app, device)


def nothing_comes_again_on_a_clean_connection(server, app, device):
    device.stop()
    before = server.metric(PUSHED)
    device.start()
    device.wait_registered()
    count = len(device.messages())
    for number, (target, name) in enumerate((("alias", "bob"), ("topic", "news"))):
        server.send(app, target, {target: name}, payload=f"end:{number}")
    device.wait_messages(count + 2)
    assert sorted(device.payloads()[count:]) == ["end:0", "end:1"], device.payloads()[count:]
    assert server.metric(PUSHED) - before == 2, f"{server.metric(PUSHED) - before} frames for 2"


def connections_are_reset_while_pushes_flow():
    chance = random.Random(SEED)

    def scene(proxy, device):
        for round_number in range(RESETS):
            wait_came_through(device)
            cut(proxy, chance)
            wait_connected(device, round_number + 2)
        wait_came_through(device)

    pushes_flow_through(scene)


def a_network_that_swallows_everything_is_noticed_by_the_ping():
    def scene(proxy, device):
        wait_came_through(device)
        proxy.drop()
        wait_until(lambda: any(event["event"] == "disconnected" for event in device.poll()),
                   PING_SECONDS + PING_TIMEOUT_SECONDS + 10, "the device to give the connection up")
        wait_connected(device, 2)
        wait_came_through(device)

    pushes_flow_through(scene)


def what_the_app_has_is_not_pushed_again_after_a_reset():
    """Acknowledgements are a second late; the positions after the resumption are not."""
    with Server() as server, Proxy(0) as proxy:
        proxy.target = server.ports["xmpp"]
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"], port=proxy.port) as device:
            device.wait_registered()
            for number in range(5):
                for target, name in (("alias", "bob"), ("topic", "news")):
                    server.send(app, target, {target: name}, payload=f"{target}:{number}")
                device.wait_messages(2 * (number + 1))
                proxy.reset()
                wait_connected(device, number + 2)
            server.send(app, "alias", {"alias": "bob"}, payload="end:0")
            device.wait_messages(11)
            assert server.metric(PUSHED) == 11, f"{server.metric(PUSHED)} frames for 11 messages"
            assert server.metric("longwire_xmpp_resumptions_total") == 5


if __name__ == "__main__":
    run_tests([connections_are_reset_while_pushes_flow,
               what_the_app_has_is_not_pushed_again_after_a_reset,
               a_network_that_swallows_everything_is_noticed_by_the_ping])
