#!/usr/bin/python3
"""kill -9 of the server under a stream of sends: nothing answered code 0 is lost, doubled or out
of order, however often. LONGWIRE_KILL_ROUNDS sets how often (default 5)."""

import os
import threading

from checker import check_exactly_once, check_order, check_wire
from harness import Server, run_tests
from senders import Sender

ROUNDS = int(os.environ.get("LONGWIRE_KILL_ROUNDS", "5"))
SECONDS_BETWEEN_KILLS = 1.5


def run_rounds(server, senders):
    for _ in range(ROUNDS):
        threading.Event().wait(SECONDS_BETWEEN_KILLS)
        server.kill()
        server.start()
    threading.Event().wait(SECONDS_BETWEEN_KILLS)
    for sender in senders:
        sender.stop()


def all_payloads(senders, what):
    return [payload for sender in senders for payload in getattr(sender, what)]


def nothing_accepted_is_lost_doubled_or_reordered_by_kill_9():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], account=["bob@work"], topic=["news"],
                           timeout=600) as device:
            registered = device.wait_registered()
            senders = [
                Sender(server, app, "regid", "regid", {"registration_id": registered["regId"]}),
                Sender(server, app, "alias", "alias", {"alias": "bob"}),
                Sender(server, app, "account", "account", {"user_account": "bob@work"}),
                Sender(server, app, "topic", "topic", {"topic": "news"}),
                Sender(server, app, "all", "all", {}),
            ]
            for sender in senders:
                sender.start()
            run_rounds(server, senders)
            server.send(app, "regid", {"registration_id": registered["regId"]}, payload="end:0")
            server.send(app, "topic", {"topic": "news"}, payload="end:1")
            server.send(app, "all", {}, payload="end:2")
            accepted = all_payloads(senders, "accepted") + ["end:0", "end:1", "end:2"]
            wait_for_all(device, accepted)
            uncertain = all_payloads(senders, "uncertain")
            refused = all_payloads(senders, "refused")
            print(f"{len(accepted)} accepted, {len(uncertain)} without an answer, "
                  f"{len(refused)} refused, {ROUNDS} kills")
            assert not refused, f"refused without a reason: {refused[:5]}"
            check_exactly_once(device.messages(), accepted, uncertain)
            check_order(device.messages())
            check_wire(device.poll(), may_repeat=True)
            assert len(accepted) > 20 * ROUNDS, "hardly anything was sent"


def wait_for_all(device, accepted):
    try:
        device.wait_messages(len(accepted), seconds=60)
    except AssertionError:
        pass  # the checker says what is missing


if __name__ == "__main__":
    run_tests([nothing_accepted_is_lost_doubled_or_reordered_by_kill_9])
