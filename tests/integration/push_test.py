#!/usr/bin/python3
"""A push reaches a device: every target, decrypted, once; and what was sent meanwhile."""

from harness import Server, run_tests

TARGETS_OF_ONE_DEVICE = ("regid", "alias", "account", "topic", "all")


def parameters_for(target, registration_id):
    return {"regid": {"registration_id": registration_id}, "alias": {"alias": "bob"},
            "account": {"user_account": "bob@work"}, "topic": {"topic": "news"}, "all": {}}[target]


def device_gets_a_push_to_each_target_once():
    for direct_tls in (False, True):
        push_to_each_target(direct_tls)


def push_to_each_target(direct_tls):
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], account=["bob@work"], topic=["news"],
                           direct_tls=direct_tls) as device:
            registered = device.wait_registered()
            for number, target in enumerate(TARGETS_OF_ONE_DEVICE):
                server.send(app, target, parameters_for(target, registered["regId"]),
                            payload=f"{target}:{number}", title="Tïtle", description="text")
                device.wait_messages(number + 1)
            server.send(app, "alias", {"alias": "bob"}, payload="last:9")
            messages = device.wait_messages(len(TARGETS_OF_ONE_DEVICE) + 1)
            wanted = [f"{target}:{number}" for number, target in enumerate(TARGETS_OF_ONE_DEVICE)]
            got = [message["payload"] for message in messages]
            assert got == wanted + ["last:9"], got
            assert all(message["title"] in ("Tïtle", "t") for message in messages), messages


def device_gets_what_was_sent_while_it_was_away_in_order():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], account=["bob@work"],
                           topic=["news"]) as device:
            registered = device.wait_registered()
            server.send(app, "alias", {"alias": "bob"}, payload="before:0")
            device.wait_messages(1)
            device.stop()
            sent = []
            for number in range(10):
                for target in TARGETS_OF_ONE_DEVICE:
                    payload = f"{target}:{number}"
                    server.send(app, target, parameters_for(target, registered["regId"]),
                                payload=payload)
                    sent.append(payload)
            device.start()
            again = device.wait_registered()
            assert again["regId"] == registered["regId"], (again, registered)
            device.wait_messages(1 + len(sent))
            got = device.payloads()[1:]
            assert sorted(got) == sorted(sent), (len(got), len(sent))
            for feed_targets in (("regid", "alias", "account"), ("topic",), ("all",)):
                of_feed = [p for p in got if p.partition(":")[0] in feed_targets]
                assert of_feed == [p for p in sent if p.partition(":")[0] in feed_targets], of_feed


def devices_of_a_topic_each_get_it_and_others_do_not():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "a", topic=["news"]) as first, \
                server.device(app, "b", topic=["news"]) as second, \
                server.device(app, "c", topic=["sport"]) as other:
            for device in (first, second, other):
                device.wait_registered()
            server.send(app, "topic", {"topic": "news"}, payload="news:1")
            server.send(app, "all", {}, payload="end:2")
            first.wait_messages(2)
            second.wait_messages(2)
            other.wait_messages(1)
            assert sorted(first.payloads()) == ["end:2", "news:1"]
            assert sorted(second.payloads()) == ["end:2", "news:1"]
            assert other.payloads() == ["end:2"]


def another_app_gets_nothing_and_cannot_send_to_a_strangers_registration():
    with Server() as server:
        app, stranger = server.create_app("org.a"), server.create_app("org.b")
        with server.device(app, "a", alias=["bob"]) as ours, \
                server.device(stranger, "b", alias=["bob"]) as theirs:
            ours_id = ours.wait_registered()["regId"]
            theirs.wait_registered()
            with server.api() as api:
                refused = api.send(stranger, "regid", {"registration_id": ours_id}, payload="x:1")
            assert refused["code"] != 0 or ours_id in str(refused), refused
            server.send(app, "alias", {"alias": "bob"}, payload="mine:1")
            server.send(stranger, "alias", {"alias": "bob"}, payload="theirs:1")
            ours.wait_messages(1)
            theirs.wait_messages(1)
            assert ours.payloads() == ["mine:1"] and theirs.payloads() == ["theirs:1"]


def apps_that_share_a_state_directory_get_each_its_own():
    with Server() as server:
        one, two = server.create_app("org.a"), server.create_app("org.b")
        with server.device(one, "shared", alias=["bob"]) as first:
            first.wait_registered()
            first.stop()  # the directory is of one process at a time
            with server.device(two, "shared", alias=["bob"]) as second:
                second.wait_registered()
                server.send(one, "alias", {"alias": "bob"}, payload="one:1")
                server.send(two, "alias", {"alias": "bob"}, payload="two:1")
                second.wait_messages(1)
                second.stop()
                first.start()
                first.wait_messages(1)
                assert first.payloads() == ["one:1"], first.payloads()
                assert second.payloads() == ["two:1"], second.payloads()


def slash_at_the_end_of_the_api_is_borne_and_a_refusal_tells_the_servers_reason():
    with Server() as server:
        app = server.create_app()
        right = server.device(app, "right")
        wrong = server.device({**app, "appKey": "wrong"}, "wrong")
        for device in (right, wrong):
            device.arguments[device.arguments.index("--api") + 1] += "/"
        with right, wrong:
            right.wait_registered()
            error = wrong.wait_error("unauthenticated")
            assert error["final"] and "no such app" in error["text"], error


def refused_names_are_told_and_ready_comes_all_the_same():
    with Server() as server:
        app = server.create_app()
        topics = [f"t{number:02}" for number in range(31)]
        with server.device(app, "one", alias=["a,b", "bob"], topic=[" sp ", *topics]) as device:
            assert device.wait_event("ready")["refused"] == 3, device.events
            refused = [(event["kind"], event["name"], event["code"]) for event in device.events
                       if event["event"] == "refused"]
            assert refused == [("alias", "a,b", "invalid_argument"),
                               ("topic", " sp ", "invalid_argument"),
                               ("topic", "t30", "resource_exhausted")], refused
            server.send(app, "topic", {"topic": "t29"}, payload="x:1")
            device.wait_messages(1)


def trace_tells_that_it_was_delivered():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            answer = server.send(app, "alias", {"alias": "bob"}, payload="x:1")
            device.wait_messages(1)
            device.stop()  # hands its cursors over
            trace = server.command("trace", answer["data"]["id"])
            assert trace["resolved"] == 1 and trace["delivered"] == 1, trace
            assert trace["copies"][0]["state"] == "delivered", trace


if __name__ == "__main__":
    run_tests([
        device_gets_a_push_to_each_target_once,
        device_gets_what_was_sent_while_it_was_away_in_order,
        devices_of_a_topic_each_get_it_and_others_do_not,
        another_app_gets_nothing_and_cannot_send_to_a_strangers_registration,
        apps_that_share_a_state_directory_get_each_its_own,
        slash_at_the_end_of_the_api_is_borne_and_a_refusal_tells_the_servers_reason,
        refused_names_are_told_and_ready_comes_all_the_same,
        trace_tells_that_it_was_delivered,
    ])
