#!/usr/bin/python3
"""kill -9 of the device while pushes flow: the app sees each once, in order, over all its runs."""

import threading

from checker import check_exactly_once, check_order
from harness import Server, run_tests, wait_until
from senders import Sender

ROUNDS = 5


def device_killed_while_pushes_flow_sees_each_once():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"], timeout=600) as device:
            device.wait_registered()
            senders = [Sender(server, app, "alias", "alias", {"alias": "bob"}),
                       Sender(server, app, "topic", "topic", {"topic": "news"})]
            for sender in senders:
                sender.start()
            for _ in range(ROUNDS):
                threading.Event().wait(1)
                device.kill()
                device.start()
                device.wait_registered()
            for sender in senders:
                sender.stop()
            accepted = [payload for sender in senders for payload in sender.accepted]
            wait_until(lambda: set(accepted) <= set(device.payloads()), 60, "all accepted messages")
            # A line printed just before the kill, whose number was not stored yet, may come again:
            # it must be marked.
            check_exactly_once(device.messages(), accepted)
            check_order(device.messages())


if __name__ == "__main__":
    run_tests([device_killed_while_pushes_flow_sees_each_once])
