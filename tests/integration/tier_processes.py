"""Middle nodes, XMPP fronts and HTTP fronts, each a process of its own, over real storage."""

import contextlib
import socket

from harness import Server, wait_until
from own_services import OwnServices

PARTITIONS = 16


def free_address():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


class Storage(OwnServices):
    """What several middle nodes share, and the ZooKeeper that tells them of each other."""

    def __init__(self):
        super().__init__("hbase", "mariadb", "redis", "zookeeper")

    def node_settings(self):
        return [*self.settings("hbase", "mariadb", "redis", "zookeeper"), "hbase.regions=1"]


class Node(Server):
    """A middle node; its address stays the same over restarts."""

    def __init__(self, storage_settings, **options):
        self.address = free_address()
        super().__init__([*storage_settings, "tier.roles=middle", f"tier.listen={self.address}",
                          "zookeeper.session_timeout=4000ms"], **options)

    def owned(self):
        return self.metric("longwire_partitions_served")


class Tiers:
    """`nodes` middle nodes, `fronts` processes with XMPP and HTTPS each."""

    def __init__(self, storage, nodes=3, fronts=2, front_settings=()):
        settings = storage.node_settings()
        self.nodes = [Node(settings) for _ in range(nodes)]
        seeds = ",".join(node.address for node in self.nodes)
        self.fronts = [Server(["tier.roles=xmpp,http", f"tier.middle={seeds}", *front_settings])
                       for _ in range(fronts)]
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack:
            for node in self.nodes:
                self._stack.enter_context(node)
            self.wait_owned()
            for front in self.fronts:
                self._stack.enter_context(front)
            self.trust_each_other()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def trust_each_other(self):
        """A device makes its account at one front and connects to another."""
        certificates = "".join((front.data / "tls/cert.pem").read_text() for front in self.fronts)
        for front in self.fronts:
            (front.data / "tls/cert.pem").write_text(
                (front.data / "tls/cert.pem").read_text() + certificates)

    def alive(self):
        return [node for node in self.nodes if node.process is not None]

    def wait_owned(self, seconds=30):
        """Every partition is served, by exactly one of those that are alive."""
        wait_until(lambda: sum(node.owned() for node in self.alive()) == PARTITIONS, seconds,
                   "an owner of each partition")
