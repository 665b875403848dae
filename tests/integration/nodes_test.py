#!/usr/bin/python3
"""Several middle nodes, XMPP and HTTP fronts as processes, over a real HBase, MariaDB, Redis and
ZooKeeper: nodes are killed, halted, stopped and started under streams of sends."""

import signal
import threading

from checker import check_exactly_once, check_order
from harness import run_tests, wait_until
from senders import Sender
from tier_processes import PARTITIONS, Storage, Tiers

GOES_ON_SECONDS = 30  # a lease of 4 s, and what follows
STREAM_PAUSE = 0.005


def in_a_cluster(scene):
    """A case of its own processes over the storage that all cases share."""
    def case():
        with Tiers(case.storage) as tiers:
            scene(tiers)
    case.__name__ = scene.__name__
    return case


class Streams:
    """Sends to one device by its registration, alias, topic and all, through both fronts."""

    def __init__(self, tiers):
        self.tiers = tiers
        self.app = tiers.fronts[0].create_app()
        self.device = tiers.fronts[1].device(self.app, "one", alias=["bob"], topic=["news"],
                                             timeout=600)
        self.senders = []

    def __enter__(self):
        self.device.__enter__()
        registered = self.device.wait_registered()
        targets = [("regid", {"registration_id": registered["regId"]}), ("alias", {"alias": "bob"}),
                   ("topic", {"topic": "news"}), ("all", {})]
        for number, (target, parameters) in enumerate(targets):
            front = self.tiers.fronts[number % len(self.tiers.fronts)]
            sender = Sender(front, self.app, target, target, parameters, pause=STREAM_PAUSE,
                            timeout=30)
            sender.start()
            self.senders.append(sender)
        self.go_on()
        return self

    def __exit__(self, *error):
        for sender in self.senders:
            sender.stopping.set()
        return self.device.__exit__(*error)

    def go_on(self):
        """Each stream has a send accepted that began after now."""
        before = [len(sender.accepted) for sender in self.senders]
        wait_until(lambda: all(len(sender.accepted) > count + 2
                               for sender, count in zip(self.senders, before)),
                   GOES_ON_SECONDS, "sends are accepted again")

    def check(self):
        for sender in self.senders:
            sender.stop()
        accepted = [one for sender in self.senders for one in sender.accepted]
        uncertain = [one for sender in self.senders for one in sender.uncertain]
        refused = [one for sender in self.senders for one in sender.refused]
        slowest = max(sender.slowest for sender in self.senders)
        print(f"{len(accepted)} accepted, {len(uncertain)} uncertain, {len(refused)} refused, "
              f"slowest {slowest:.1f} s")
        wait_until(lambda: set(accepted) <= set(self.device.payloads()), 60, "all messages")
        check_exactly_once(self.device.messages(), accepted, uncertain)
        check_order(self.device.messages())
        return uncertain + refused


def each_node_owns_a_share_and_fronts_reach_all(tiers):
    shares = sorted(node.owned() for node in tiers.nodes)
    assert sum(shares) == PARTITIONS and shares[-1] <= 6, shares
    with Streams(tiers) as streams:
        threading.Event().wait(2)
        assert not streams.check()


def killed_nodes_cost_nobody_a_message(tiers):
    """Each in turn, two at once, all."""
    with Streams(tiers) as streams:
        for killed in ([0], [1], [2], [0, 1], [0, 1, 2]):
            for index in killed:
                tiers.nodes[index].kill()
            if len(killed) < len(tiers.nodes):
                streams.go_on()
            for index in killed:
                tiers.nodes[index].start()
            tiers.wait_owned()
            streams.go_on()
        streams.check()


def stopped_and_started_nodes_are_not_missed(tiers):
    """A rolling restart: each gives its partitions away before it ends."""
    with Streams(tiers) as streams:
        for node in tiers.nodes:
            node.stop()
            tiers.wait_owned()
            node.start()
            tiers.wait_owned()
            streams.go_on()
        assert not streams.check(), "a planned move refused a send"


def halted_node_says_yes_to_nothing_when_it_wakes(tiers):
    with Streams(tiers) as streams:
        for node in tiers.nodes:
            others = [other for other in tiers.nodes if other is not node]
            node.process.send_signal(signal.SIGSTOP)
            wait_until(lambda: sum(other.owned() for other in others) == PARTITIONS,
                       GOES_ON_SECONDS, "the others have all")
            streams.go_on()
            node.process.send_signal(signal.SIGCONT)
            tiers.wait_owned()
            streams.go_on()
        streams.check()


def idempotency_key_over_two_fronts_is_accepted_once(tiers):
    app = tiers.fronts[0].create_app()
    with tiers.fronts[1].device(app, "one", alias=["bob"]) as device:
        device.wait_registered()
        ids = set()
        for front in tiers.fronts * 2:
            answer = front.send(app, "alias", {"alias": "bob"}, payload="once:0",
                                idempotency_key="k1")
            ids.add(answer["data"]["id"])
        tiers.fronts[0].send(app, "alias", {"alias": "bob"}, payload="after:0")
        device.wait_messages(2)
        assert len(ids) == 1, ids
        check_exactly_once(device.messages(), ["once:0", "after:0"])


CASES = [in_a_cluster(scene) for scene in (
    each_node_owns_a_share_and_fronts_reach_all,
    idempotency_key_over_two_fronts_is_accepted_once,
    stopped_and_started_nodes_are_not_missed,
    killed_nodes_cost_nobody_a_message,
    halted_node_says_yes_to_nothing_when_it_wakes)]

if __name__ == "__main__":
    with Storage() as shared:
        for one in CASES:
            one.storage = shared
        run_tests(CASES)
