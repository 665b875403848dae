#!/usr/bin/python3
"""Front ends and the middle tier as processes of their own."""

import signal
import threading

from checker import check_exactly_once
from harness import Server, run_tests
from tier_processes import free_address


MIDDLE = ["tier.roles=middle", "tier.listen=127.0.0.1:0"]


def front(middle, roles):
    return Server([f"tier.roles={roles}", f"tier.middle=127.0.0.1:{middle.ports['tier']}"])


def whole_path_goes_through_three_processes():
    with Server(MIDDLE) as middle, front(middle, "xmpp") as xmpp, front(middle, "http") as http:
        app = middle.create_app()
        # A device makes its account by HTTPS and connects by XMPP: two processes' ports.
        xmpp.ports["https"] = http.ports["https"]
        (xmpp.data / "tls/cert.pem").write_text((xmpp.data / "tls/cert.pem").read_text()
                                                + (http.data / "tls/cert.pem").read_text())
        with xmpp.device(app, "one", alias=["bob"], topic=["news"]) as device:
            device.wait_registered()
            for number in range(20):
                http.send(app, "alias", {"alias": "bob"}, payload=f"a:{number}")
                http.send(app, "topic", {"topic": "news"}, payload=f"t:{number}")
            http.send(app, "all", {}, payload="all:0")
            device.wait_messages(41)
            device.stop()
            http.send(app, "alias", {"alias": "bob"}, payload="a:20")
            device.start()
            device.wait_messages(42)
            check_exactly_once(device.messages(), [f"a:{number}" for number in range(21)]
                               + [f"t:{number}" for number in range(20)] + ["all:0"])
        assert app["appId"] in [one["appId"] for one in http.command("app", "list")]


def front_ends_outlive_their_middle():
    """Devices stay connected; what is sent once it is there again comes to them, once."""
    with Server(["tier.roles=middle", f"tier.listen={free_address()}"]) as middle:
        with front(middle, "xmpp,http") as both:
            app = both.create_app()
            with both.device(app, "one", topic=["news"]) as device:
                device.wait_registered()
                for number in range(5):
                    both.send(app, "topic", {"topic": "news"}, payload=f"a:{number}")
                    middle.kill()
                    middle.start()
                    both.send(app, "all", {}, payload=f"b:{number}")
                device.wait_messages(10)
                check_exactly_once(device.messages(), [f"a:{number}" for number in range(5)]
                                   + [f"b:{number}" for number in range(5)])
                connected = [one for one in device.events if one.get("event") == "connected"]
                assert len(connected) == 1, "the device lost its connection with the middle"


def send_without_a_middle_is_refused_in_time():
    with Server(["tier.roles=middle", f"tier.listen={free_address()}"]) as middle:
        with front(middle, "xmpp,http") as both:
            app = both.create_app()
            middle.kill()
            with both.api() as api:
                api.connection.timeout = 30
                answer = api.send(app, "all", {}, payload="a:0")
            assert answer["code"] != 0, answer
            middle.start()
            both.send(app, "all", {}, payload="a:1")


def halted_front_holds_up_nobody_and_catches_up():
    """What it does not take is not kept for it in memory: it reads it when it goes on."""
    body, count, threads = "x" * 3500, 6000, 6
    with Server(["tier.roles=middle", f"tier.listen={free_address()}"]) as middle:
        with front(middle, "xmpp,http") as one, front(middle, "xmpp,http") as other:
            app = one.create_app()
            with one.device(app, "one", topic=["news"], timeout=300) as slow, \
                    other.device(app, "other", topic=["news"], timeout=300) as quick:
                slow.wait_registered()
                quick.wait_registered()
                before = middle.resident_bytes()
                one.process.send_signal(signal.SIGSTOP)
                sending = [threading.Thread(target=send_many, args=(
                    other, app, body, range(thread, count, threads))) for thread in range(threads)]
                for thread in sending:
                    thread.start()
                for thread in sending:
                    thread.join()
                quick.wait_messages(count, 60)
                grown = middle.resident_bytes() - before
                assert middle.metric("longwire_streams_cut_off_total") >= 1
                one.process.send_signal(signal.SIGCONT)
                slow.wait_messages(count, 120)
                for device in (slow, quick):
                    check_exactly_once(
                        [{**one, "payload": one["payload"].removeprefix(body)}
                         for one in device.messages()], [f"a:{n}" for n in range(count)])
                assert grown < 96 * 1024 * 1024, f"the middle grew by {grown >> 20} MiB"


def send_many(server, app, body, numbers):
    with server.api() as api:
        for number in numbers:
            answer = api.send(app, "topic", {"topic": "news"}, payload=f"{body}a:{number}")
            assert answer["code"] == 0, answer


if __name__ == "__main__":
    run_tests([whole_path_goes_through_three_processes,
               front_ends_outlive_their_middle, send_without_a_middle_is_refused_in_time,
               halted_front_holds_up_nobody_and_catches_up])
