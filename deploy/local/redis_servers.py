"""Redis: a single node, and a cluster of three masters with a replica each."""

import contextlib
import os
import socket

import common

SLOTS = 16384
MASTERS = 3
# Written once a second: enough to keep the data over an orderly stop; a cache needs no more.
OPTIONS = ("--bind", common.HOST, "--daemonize", "no", "--appendonly", "yes",
           "--appendfsync", "everysec", "--save", "")


def program():
    """(path, name to be called by). Debian's redis-tools carries the server's program under the
    name of a tool; the package redis-server would start a system service on 6379."""
    try:
        return common.find_program("redis-server")
    except common.Failure:
        return common.find_program("redis-check-rdb")


class Redis(common.Service):
    name = "redis"
    servers_needed = ("redis",)

    def up(self):
        self.directory.mkdir(exist_ok=True, mode=0o700)
        for server in self.servers():
            self._start(server)

    def _start(self, server):
        data = self.directory / f"{server.name}-data"
        data.mkdir(exist_ok=True)
        port = self.instance.port(server.name)
        # The first word decides what the program is; see program().
        server.start(["redis-server", *OPTIONS, "--port", port, "--dir", data,
                      *self.options(server)], [port, *self.further_ports(server)],
                     lambda: ask(port, "PING") == "PONG", executable=program())

    def options(self, server):
        return ()

    def further_ports(self, server):
        return ()

    def settings(self):
        """As in the configuration of a server."""
        return {"storage.cache": "redis", "redis.nodes": self.address()["nodes"]}

    def address(self):
        return {"nodes": [f"{common.HOST}:{self.instance.known_port(name)}"
                          for name in self.servers_needed]}


class RedisCluster(Redis):
    name = "redis-cluster"
    servers_needed = tuple(f"redis-cluster-{number}" for number in range(1, 2 * MASTERS + 1))

    def options(self, server):
        return ("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
                "--cluster-port", self._bus_port(server.name), "--cluster-node-timeout", "2000",
                "--repl-diskless-sync-delay", "0")

    def further_ports(self, server):
        return (self._bus_port(server.name),)

    def _bus_port(self, name):
        return self.instance.port(f"{name}-bus")

    def up(self):
        super().up()
        ports = [self.instance.port(name) for name in self.servers_needed]
        if "cluster_known_nodes:1\r" in ask(ports[0], "CLUSTER", "INFO"):
            self._form(ports)
        # A master killed before its replica's first sync is never replaced: so wait for that too.
        if not common.wait_for(lambda: all(self._is_whole(port) for port in ports),
                               common.START_SECONDS_MAX):
            raise common.Failure("the cluster does not come together: `./dev services down "
                                 "redis-cluster`, `wipe redis-cluster`, `up redis-cluster`\n"
                                 + ask(ports[0], "CLUSTER", "NODES"))

    def _form(self, ports):
        for name, port in zip(self.servers_needed, ports):
            ask(ports[0], "CLUSTER", "MEET", common.HOST, port, self._bus_port(name))
        for number, port in enumerate(ports[:MASTERS]):
            first, end = SLOTS * number // MASTERS, SLOTS * (number + 1) // MASTERS
            ask(port, "CLUSTER", "ADDSLOTSRANGE", first, end - 1)
        for number, port in enumerate(ports[MASTERS:]):
            master = ask(ports[number], "CLUSTER", "MYID")
            # Refused until this node has heard of that one.
            if not common.wait_for(
                    lambda p=port, m=master: ask(p, "CLUSTER", "REPLICATE", m) == "OK", 30):
                raise common.Failure("a replica never heard of its master")

    def _is_whole(self, port):
        cluster = ask(port, "CLUSTER", "INFO")
        replication = ask(port, "INFO", "replication")
        return ("cluster_state:ok" in cluster
                and f"cluster_known_nodes:{2 * MASTERS}\r" in cluster
                and f"cluster_slots_ok:{SLOTS}\r" in cluster
                and ("role:master" in replication and "connected_slaves:1" in replication
                     or "master_link_status:up" in replication))


def ask(port, *words):
    """One command, its reply as text; OSError for an error reply, and while nobody answers."""
    request = b"*%d\r\n" % len(words)
    for word in words:
        data = str(word).encode()
        request += b"$%d\r\n%s\r\n" % (len(data), data)
    with contextlib.closing(socket.create_connection((common.HOST, port), 5)) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as replies:
            head = replies.readline().decode().rstrip("\r\n")
            if not head or head[0] == "-":
                raise OSError(f"{words[0]}: {head[1:] or os.strerror(32)}")
            return replies.read(int(head[1:])).decode() if head[0] == "$" else head[1:]
