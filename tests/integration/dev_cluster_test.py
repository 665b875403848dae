#!/usr/bin/python3
"""What `./dev cluster` brings up: many processes behind HAProxy, over real storage; what it prints
is what somebody tries, and `longwire status` tells of all of it."""

import contextlib
import json
import pathlib
import queue
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

from harness import ROOT, Programs, Skip, run_tests, wait_until
from own_services import common

COMMAND = [sys.executable, ROOT / "deploy/local/cluster.py"]
UP_SECONDS_MAX = 240
STOP_SECONDS_MAX = 120
PARTITIONS = 16
NODES = ["node-1", "node-2", "node-3"]
PROCESSES = sorted([*NODES, "front-1", "front-1/0", "front-1/1", "front-2", "front-2/0",
                    "front-2/1", "http-1", "http-2"])


class Output:
    """Lines of a process, as they come."""

    def __init__(self, stream):
        self.lines = []
        self._queue = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self._queue.put(line.rstrip("\n"))

    def poll(self):
        with contextlib.suppress(queue.Empty):
            while True:
                self.lines.append(self._queue.get_nowait())
        return self.lines

    def text(self):
        return "\n".join(self.poll())


class DevCluster:
    """`./dev cluster` in a directory and on ports of its own."""

    def __init__(self):
        if shutil.which("haproxy", path="/usr/sbin:/usr/bin") is None:
            raise Skip("haproxy is not installed")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="longwire-cluster-"))
        self.where = ["--directory", self.directory, "--build", Programs.build]

    def __enter__(self):
        ports = [f"--port={name}=0" for name in ("xmpp", "xmpps", "https")]
        self.process = subprocess.Popen([*COMMAND, "up", *self.where, *ports], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.output = Output(self.process.stdout)
        try:
            wait_until(self._is_up, UP_SECONDS_MAX, "the cluster is up")
        except AssertionError:
            self.__exit__(AssertionError)
            raise
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS_MAX)
        if kind is not None:
            print(self.output.text(), file=sys.stderr)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _is_up(self):
        assert self.process.poll() is None, self.output.text()
        return "Ctrl-C stops" in self.output.text()

    def printed(self, program):
        """The command of the banner that runs this program."""
        found = re.search(rf"^\S*{program} (?:.*\\\n)*.*$", self.output.text(), re.M)
        return found[0]

    def call(self, *arguments):
        return subprocess.run([*COMMAND, *arguments, *self.where], text=True, check=False,
                              capture_output=True, timeout=60)

    def status(self):
        done = self.call("status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def shown(self, name):
        return next((one for one in self.status()["processes"] if one["name"] == name), None)

    def wait_status(self, condition, what, seconds=40):
        return wait_until(lambda: condition(self.status()), seconds, what)

    def push(self, alias):
        """The printed command, to this alias."""
        command = self.printed("curl").replace("alias=me", f"alias={alias}")
        done = subprocess.run(["bash", "-c", command], text=True, check=True, capture_output=True,
                              timeout=60)
        answer = json.loads(done.stdout)
        assert answer["code"] == 0, answer

    @contextlib.contextmanager
    def device(self, alias):
        """The printed device, with this alias; its events."""
        words = shlex.split(self.printed("longwire-device").replace("\\\n", " "))
        words[words.index("--alias") + 1] = alias
        words[words.index("--state") + 1] += f"-{alias}"
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            output = Output(process.stdout)
            try:
                wait_until(lambda: events(output, "ready"), 30, f"device {alias} is ready")
                yield output
            finally:
                process.kill()


def events(output, name):
    found = [json.loads(line) for line in output.poll() if line.startswith("{")]
    return [event for event in found if event.get("event") == name]


def sessions_of_fronts(status):
    """By front end: its workers' sessions together."""
    sessions = {"front-1": 0, "front-2": 0}
    for process in status["processes"]:
        if "/" in process["name"] and not process["silent"]:
            sessions[process["name"].split("/")[0]] += process["numbers"].get("sessions", 0)
    return sessions


def what_it_prints_works_and_status_shows_all_of_it():
    with DevCluster() as cluster:
        status_tells_all(cluster)
        push_reaches_devices_of_both_front_ends(cluster)
        halted_node_is_told(cluster)
        killed_processes_come_back(cluster)
        second_one_is_refused(cluster)
        it_ends_as_a_whole(cluster)


def status_tells_all(cluster):
    status = cluster.wait_status(
        lambda found: found["owned"] == PARTITIONS and len(found["processes"]) == len(PROCESSES)
        and found, "all processes, and all partitions owned")
    assert [one["name"] for one in status["processes"]] == PROCESSES, status
    assert status["partitions"] == PARTITIONS and status["silent"] == 0, status
    by_name = {one["name"]: one for one in status["processes"]}
    roles = {name: one["roles"] for name, one in by_name.items()}
    assert all(roles[name] == ["middle"] for name in NODES), roles
    assert all(roles[name] == ["http"] for name in ("http-1", "http-2")), roles
    assert all(roles[name] == ["xmpp"] for name in PROCESSES if "front" in name), roles
    for name in NODES:
        assert by_name[name]["numbers"]["partitions"] >= 4, by_name[name]
    assert all(one["numbers"]["nodesLinked"] == 3 for one in status["processes"]), status
    assert all(by_name[name]["numbers"]["workers"] == 2 for name in ("front-1", "front-2"))
    table = cluster.call("status").stdout
    assert f"{PARTITIONS} of {PARTITIONS} partitions owned; 11 processes, 0 silent" in table, table
    print(table)


def push_reaches_devices_of_both_front_ends(cluster):
    with cluster.device("me") as one, cluster.device("you") as other:
        cluster.wait_status(
            lambda found: sessions_of_fronts(found) == {"front-1": 1, "front-2": 1},
            "a device at each front end")
        for alias, device in (("me", one), ("you", other)):
            cluster.push(alias)
            wait_until(lambda device=device: events(device, "message"), 30, f"push to {alias}")
        assert len(events(one, "message")) == len(events(other, "message")) == 1


def halted_node_is_told(cluster):
    pid = cluster.shown("node-2")["pid"]
    subprocess.run(["kill", "-STOP", str(pid)], check=True)
    try:
        cluster.wait_status(lambda found: found["silent"] == 1 and found["owned"] == PARTITIONS,
                            "one is silent, and the others own all")
        assert cluster.shown("node-2")["silent"], cluster.status()
        assert "silent" in cluster.call("status").stdout
    finally:
        subprocess.run(["kill", "-CONT", str(pid)], check=True)
    cluster.wait_status(lambda found: found["silent"] == 0 and found["owned"] == PARTITIONS,
                        "it is back")


def killed_processes_come_back(cluster):
    for name in ("node-2", "front-1", "http-1"):
        before = cluster.shown(name)["pid"]
        subprocess.run(["kill", "-9", str(before)], check=True)
        wait_until(lambda name=name: f"{name} has ended: it is started again"
                   in cluster.output.text(), 30, f"it says that {name} has ended")
        wait_until(lambda name=name, before=before: (cluster.shown(name) or {}).get("pid", before)
                   != before, 60, f"another {name}")
    cluster.wait_status(
        lambda found: found["owned"] == PARTITIONS and found["silent"] == 0
        and [one["name"] for one in found["processes"]] == PROCESSES, "all are back", 90)
    with cluster.device("again") as device:
        cluster.push("again")
        wait_until(lambda: events(device, "message"), 30, "a push after all that")


def second_one_is_refused(cluster):
    done = cluster.call("up")
    assert done.returncode == 1 and "it is running" in done.stderr, done


def it_ends_as_a_whole(cluster):
    pids = [one["pid"] for one in cluster.status()["processes"]]
    done = cluster.call("down")
    assert done.returncode == 0, done
    assert cluster.process.wait(STOP_SECONDS_MAX) == 0, cluster.output.text()
    alive = [pid for pid in pids if common.start_time_of(pid) is not None]
    assert not alive, alive
    assert cluster.call("status").returncode == 1


if __name__ == "__main__":
    run_tests([what_it_prints_works_and_status_shows_all_of_it])
