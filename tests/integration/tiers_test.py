#!/usr/bin/python3
"""Front ends and the middle tier as processes of their own."""

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


if __name__ == "__main__":
    run_tests([whole_path_goes_through_three_processes,
               front_ends_outlive_their_middle, send_without_a_middle_is_refused_in_time])
