#!/usr/bin/python3
"""The bring-up of deploy/local with the real servers: state, addresses, stop, data, wipe.

The case of HBase takes longer than all others, and fetches it the first time.
"""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

import common  # noqa: E402
import hbase  # noqa: E402
import redis_servers  # noqa: E402
import zookeeper  # noqa: E402
from harness import run_tests  # noqa: E402

PROGRAM = ROOT / "deploy/local/services.py"


class Instance:
    """An instance directory of a test; what still runs in it at the end is stopped."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="longwire-services-")) / "instance"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call("down", expected=None)
        shutil.rmtree(self.path.parent, ignore_errors=True)

    def call(self, *arguments, expected=0):
        """What `services` prints; fails where it does not end as expected."""
        done = subprocess.run([PROGRAM, *arguments, "--instance", self.path], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if expected is not None and done.returncode != expected:
            raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def status(self):
        return json.loads(self.call("status", "--json"))["services"]

    def states(self):
        return {name: service["state"] for name, service in self.status().items()}

    def ports(self, name):
        return [int(node.rpartition(":")[2]) for node in self.status()[name]["address"]["nodes"]]

    def pids(self):
        return {process["name"]: process["pid"] for service in self.status().values()
                for process in service["processes"]}

    def sql(self, text, name="mariadb", node=0):
        client = self.status()[name]["address"]["client_files"][node]
        return subprocess.run(["mariadb", f"--defaults-file={client}", "-BN", "-e", text],
                              text=True, stdout=subprocess.PIPE, check=True).stdout.split()


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r}, not {wanted!r}")


def contains(text, part):
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")


def data_lives_over_a_restart_and_not_over_a_wipe():
    with Instance() as one:
        one.call("up", "mariadb", "redis")
        ports = one.ports("mariadb") + one.ports("redis")
        one.sql("CREATE TABLE longwire.t (a INT); INSERT INTO longwire.t VALUES (7)")
        redis_servers.ask(ports[1], "SET", "key", "value")
        one.call("down")
        equal(one.states(), {"mariadb": "down", "redis": "down"})
        one.call("up", "mariadb", "redis")
        equal(one.ports("mariadb") + one.ports("redis"), ports)
        equal(one.sql("SELECT a FROM longwire.t"), ["7"])
        equal(redis_servers.ask(ports[1], "GET", "key"), "value")
        one.call("down", "redis")
        equal(one.states(), {"mariadb": "up", "redis": "down"})
        contains(one.call("wipe", expected=1), "mariadb still runs")
        one.call("wipe", "redis")
        one.call("up", "redis")
        equal(redis_servers.ask(ports[1], "EXISTS", "key"), "0")
        one.call("down")
        one.call("wipe")
        equal(one.path.exists(), False)


def instances_live_side_by_side():
    with Instance() as one, Instance() as other:
        with concurrent.futures.ThreadPoolExecutor() as at_once:
            for _ in at_once.map(lambda each: each.call("up", "mariadb", "redis"), (one, other)):
                pass
        ports = {port for instance in (one, other) for name in ("mariadb", "redis")
                 for port in instance.ports(name)}
        equal(len(ports), 4)
        redis_servers.ask(one.ports("redis")[0], "SET", "key", "one")
        equal(redis_servers.ask(other.ports("redis")[0], "EXISTS", "key"), "0")
        before = other.pids()
        one.call("down")
        equal(other.states(), {"mariadb": "up", "redis": "up"})
        equal(other.pids(), before)


def up_again_changes_nothing_and_mends_what_was_killed():
    with Instance() as one:
        one.call("up", "mariadb", "redis")
        before = one.pids()
        one.call("up", "mariadb", "redis")
        equal(one.pids(), before)
        os.kill(before["mariadb"], signal.SIGKILL)
        common.wait_for(lambda: one.states()["mariadb"] == "down", 10)
        one.call("up", "mariadb", "redis")
        equal(one.states(), {"mariadb": "up", "redis": "up"})
        equal(one.pids()["redis"], before["redis"])


def redis_cluster_has_three_masters_and_keeps_its_data():
    with Instance() as one:
        one.call("up", "redis-cluster")
        ports = one.ports("redis-cluster")
        equal(sum("role:master" in redis_servers.ask(port, "INFO", "replication")
                  for port in ports), 3)
        # Slot 12182 of the key "foo" lies with the third.
        equal(redis_servers.ask(ports[2], "SET", "foo", "bar"), "OK")
        one.call("down")
        one.call("up", "redis-cluster")
        values = []
        for port in ports:
            with contextlib.suppress(OSError):  # MOVED
                values.append(redis_servers.ask(port, "GET", "foo"))
        equal(values, ["bar"])


def masters_of_a_pair_replicate_both_ways():
    with Instance() as one:
        one.call("up", "mariadb-pair")
        equal(one.sql("SELECT @@read_only", "mariadb-pair", 0), ["1"])
        one.sql("CREATE TABLE longwire.t (a INT); INSERT INTO longwire.t VALUES (1)",
                "mariadb-pair", 0)
        reach(one, 1, ["1"])
        one.sql("INSERT INTO longwire.t VALUES (2)", "mariadb-pair", 1)
        reach(one, 0, ["1", "2"])
        one.call("down")
        one.call("up", "mariadb-pair")
        one.sql("INSERT INTO longwire.t VALUES (3)", "mariadb-pair", 0)
        reach(one, 1, ["1", "2", "3"])


def reach(one, node, wanted):
    def found():
        with contextlib.suppress(subprocess.CalledProcessError):  # the table may not be there yet
            return one.sql("SELECT a FROM longwire.t ORDER BY a", "mariadb-pair", node) == wanted
        return False
    if not common.wait_for(found, 10):
        raise AssertionError(f"{wanted} never reach node {node}")


def hbase_answers_and_starts_again():
    with Instance() as one:
        for _ in range(2):
            one.call("up", "hbase")
            address = one.status()["hbase"]["address"]
            port = int(address["gateways"][0].rpartition(":")[2])
            equal(hbase.table_is_asked(port), True)
            one.call("down")
            equal(one.states(), {"hbase": "down"})


def second_gateway_serves_while_the_first_is_away():
    with Instance() as one:
        contains(one.call("up", "hbase-gateway-2", expected=1), "up hbase hbase-gateway-2")
        one.call("up", "hbase", "hbase-gateway-2")
        ports = [int(service["address"]["gateways"][0].rpartition(":")[2])
                 for service in one.status().values()]
        equal([hbase.table_is_asked(port) for port in ports], [True, True])
        text = one.call("settings", "hbase", "hbase-gateway-2")
        gateways = ", ".join(f'"{common.HOST}:{port}"' for port in ports)
        equal(text.count("hbase.gateways"), 1)
        contains(text, f"hbase.gateways = [{gateways}]")
        os.kill(one.pids()["hbase-gateway"], signal.SIGKILL)
        common.wait_for(lambda: one.states()["hbase"] == "partly", 10)
        equal(hbase.table_is_asked(ports[1]), True)
        before = one.pids()
        one.call("up", "hbase", "hbase-gateway-2")
        equal(one.pids()["hbase-gateway-2"], before["hbase-gateway-2"])
        equal(hbase.table_is_asked(ports[0]), True)
        one.call("down")
        equal(one.states(), {"hbase": "down", "hbase-gateway-2": "down"})


def zookeeper_answers_and_keeps_its_port():
    with Instance() as one:
        one.call("up", "zookeeper")
        (port,) = one.ports("zookeeper")
        equal(zookeeper.serves(port), True)
        contains(one.call("settings", "zookeeper"), f'zookeeper.servers = ["{common.HOST}:{port}"]')
        os.kill(one.pids()["zookeeper"], signal.SIGKILL)
        common.wait_for(lambda: one.states()["zookeeper"] == "down", 10)
        one.call("up", "zookeeper")
        equal(one.ports("zookeeper"), [port])
        one.call("down")
        equal(one.states(), {"zookeeper": "down"})


def failed_start_tells_the_log_and_a_taken_port():
    with Instance() as one, socket.socket() as taken:
        taken.bind((common.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        text = one.call("up", "redis", "--port", f"redis={port}", expected=1)
        contains(text, f"port {port} of 127.0.0.1 is taken")
        data = one.path / "redis/redis-data/appendonlydir"
        data.write_text("in the way")  # a file where Redis wants a folder
        taken.close()
        text = one.call("up", "redis", expected=1)
        contains(text, "--- the end of")
        contains(text, "What to do")


def process_that_is_not_ours_is_left_alone():
    """A pid file whose pid now belongs to another process."""
    with Instance() as one:
        one.call("up", "redis")
        one.call("down")
        started = common.start_time_of(os.getpid())
        (one.path / "redis/redis.pid").write_text(f"{os.getpid()} {started + 1}\n")
        equal(one.states(), {"redis": "down"})
        one.call("down")  # would end this test


def directory_of_others_is_never_taken_or_wiped():
    with Instance() as one:
        one.path.mkdir()
        (one.path / "precious").touch()
        contains(one.call("up", "redis", expected=1), "not empty")
        contains(one.call("wipe", expected=1), "nothing is removed")
        equal((one.path / "precious").exists(), True)


if __name__ == "__main__":
    run_tests([directory_of_others_is_never_taken_or_wiped, process_that_is_not_ours_is_left_alone,
               failed_start_tells_the_log_and_a_taken_port,
               data_lives_over_a_restart_and_not_over_a_wipe, instances_live_side_by_side,
               up_again_changes_nothing_and_mends_what_was_killed,
               redis_cluster_has_three_masters_and_keeps_its_data,
               masters_of_a_pair_replicate_both_ways,
               zookeeper_answers_and_keeps_its_port, hbase_answers_and_starts_again,
               second_gateway_serves_while_the_first_is_away])
