#!/usr/bin/python3
"""Front ends and the middle tier as processes of their own."""

from checker import check_exactly_once
from harness import Server, run_tests, wait_until


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


def front_end_that_loses_its_middle_ends_for_its_supervisor():
    with Server(MIDDLE) as middle:
        with front(middle, "xmpp,http") as both:
            middle.kill()
            wait_until(lambda: both.process.poll() is not None, 20, "the front end's end")
            assert "middle_lost" in both.log.read_text()
            both.process = None
        middle.start()


if __name__ == "__main__":
    run_tests([whole_path_goes_through_three_processes,
               front_end_that_loses_its_middle_ends_for_its_supervisor])
