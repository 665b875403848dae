#!/usr/bin/python3
"""Several processes against one: the table of marks of the tiers.

  tests/bench/tiers.py --build build/release [--only split,latency,...] [--quick]

All share the machine's cores with the load. docs/PERFORMANCE.md holds what was measured and how.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from run import LOAD, Server, print_table

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("tests/support", "tests/integration"):
    sys.path.insert(0, str(ROOT / folder))

from harness import wait_until  # noqa: E402
from own_services import OwnServices  # noqa: E402
from tier_processes import free_address  # noqa: E402

PARTITIONS = 16
PACE = 5000  # sends a second
CLUSTER_PACES = [1500, 5000]
SHAPES = [(1, 1), (3, 1), (1, 3)]  # middle nodes, fronts
SENDERS = 32
CONNECTED_SECONDS_MAX = 300
OWNED_SECONDS_MAX = 60
FEEDS_PROBED = 200  # at random: some in every partition


class Process(Server):
    """One of several: makes no app of its own."""

    def __init__(self, binary, folder, settings):
        os.makedirs(folder)
        self.app = None
        super().__init__(binary, folder, settings)

    def command(self, *words):
        return "null" if words[:2] == ("app", "create") and not self.makes_apps else \
            super().command(*words)

    makes_apps = False

    def worker_pids(self):
        children = f"/proc/{self.process.pid}/task"
        pids = []
        for task in os.listdir(children):
            with open(f"{children}/{task}/children") as file:
                pids += [int(pid) for pid in file.read().split()]
        return pids

    def metric(self, name):
        page = urllib.request.urlopen(f"http://127.0.0.1:{self.ports['admin']}/metrics").read()
        return sum(float(line.rsplit(" ", 1)[1]) for line in page.decode().splitlines()
                   if line.startswith((name + " ", name + "{")))


class Group:
    """Processes that are one server: by the ports of one front, and the pids of all."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.processes, self.app = [], None

    def add(self, name, settings):
        process = Process(self.binary, os.path.join(self.folder, name), settings)
        self.processes.append(process)
        return process

    def split(self, *front_settings):
        """middle, xmpp and http, a process each, over embedded storage."""
        middle = self.add("middle", ["tier.roles=middle", "tier.listen=127.0.0.1:0"])
        at = f"tier.middle=127.0.0.1:{middle.ports['tier']}"
        xmpp = self.add("xmpp", ["tier.roles=xmpp", at, *front_settings])
        http = self.add("http", ["tier.roles=http", at])
        return self.meet(xmpp, http)

    def meet(self, xmpp, http):
        self.xmpps, self.https = xmpp.ports["xmpps"], http.ports["https"]
        maker = self.processes[0]
        maker.makes_apps = True
        self.app = json.loads(maker.command("app", "create", "--package", "com.example.bench"))
        return self

    def pids(self):
        return [pid for process in self.processes
                for pid in [process.process.pid, *process.worker_pids()]]

    def command(self, scenario, *extra):
        app = self.app
        return [os.path.join(os.path.dirname(self.binary), LOAD), scenario,
                "--xmpps", str(self.xmpps), "--https", str(self.https),
                "--pid", ",".join(map(str, self.pids())), "--app-id", app["appId"],
                "--app-key", app["appKey"], "--app-secret", app["appSecret"],
                "--package", app["package"], *map(str, extra)]

    def load(self, scenario, *extra):
        done = subprocess.run(self.command(scenario, *extra), stdout=subprocess.PIPE, text=True,
                              timeout=1800)
        result = json.loads(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 else {}
        print(json.dumps(result), flush=True)
        return result

    @contextlib.contextmanager
    def held(self, *counts):
        """Devices held by load processes of their own, all connected."""
        holders = [subprocess.Popen(self.command("hold", "--connections", count),
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                   for count in counts]
        for holder in holders:
            holder.stdout.readline()
        yield holders
        for holder in holders:
            holder.stdin.close()
            print(holder.stdout.readline().strip(), flush=True)
            holder.wait(60)

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


@contextlib.contextmanager
def group(binary):
    with tempfile.TemporaryDirectory(prefix="longwire-bench-") as folder:
        made = Group(binary, folder)
        try:
            yield made
        finally:
            made.stop()


def one_process(made):
    server = made.add("one", [])
    return made.meet(server, server)


# ---- embedded storage


def split(options):
    """CPU per single send, three processes against one, in turns."""
    figures = {"one": [], "three": []}
    for _ in range(1 if options.quick else 3):
        for name in figures:
            with group(options.binary) as made:
                one_process(made) if name == "one" else made.split()
                result = made.load("paced", "--connections", 256, "--per-second", PACE,
                                   "--seconds", options.seconds)
                figures[name].append(result.get("cpu_us_per_send", float("nan")))
    medians = {name: sorted(all_of)[len(all_of) // 2] for name, all_of in figures.items()}
    print(json.dumps(figures), flush=True)
    return {"split": medians["three"] - medians["one"]}


def latency(options):
    with group(options.binary) as made:
        result = made.split().load("latency", "--rounds", 50 if options.quick else 500)
    return {"latency": result.get("device_p99_ms")}


def fanout(options):
    """4 workers; half of the devices are held by another load process."""
    count = 500 if options.quick else 10000
    with group(options.binary) as made:
        made.split("xmpp.workers=4", "threads.xmpp=1")
        with made.held(count):
            result = made.load("fanout", "--connections", count, "--rounds", 20)
    return {"fanout": result.get("cpu_us_per_delivery", float("nan")) / 2}


def overload(options):
    """Single sends while sends to a topic of 10,000 follow each other without pause."""
    count = 500 if options.quick else 10000
    rounds = 50 if options.quick else 300
    with group(options.binary) as made:
        made.split("xmpp.workers=4", "threads.xmpp=1")
        middle, xmpp, _ = made.processes
        made.load("latency", "--rounds", rounds)
        sends_before = middle.metric("longwire_sends_total")
        broadcasts = subprocess.Popen(
            made.command("fanout", "--connections", count, "--rounds", 1_000_000),
            stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: xmpp.metric("longwire_xmpp_sessions") >= count,
                       CONNECTED_SECONDS_MAX, "all devices to be connected")
            wait_until(lambda: middle.metric("longwire_sends_total") >= sends_before + 3,
                       CONNECTED_SECONDS_MAX, "broadcasts to follow each other")
            loaded = made.load("latency", "--rounds", rounds)
        finally:
            broadcasts.kill()
            broadcasts.wait()
    return {"overload": loaded["device_p99_ms"]}


def idle(options):
    count = 500 if options.quick else 10000
    with group(options.binary) as made:
        made.split("xmpp.workers=8", "threads.xmpp=1")
        xmpp = made.processes[1]
        with made.held(200):
            before = memory_of(xmpp.worker_pids())
            with made.held(*[count] * 4):
                time.sleep(10)
                sessions = xmpp.metric("longwire_xmpp_sessions")
                after = memory_of(xmpp.worker_pids())
    print(json.dumps({"sessions": sessions, "bytes": after - before}), flush=True)
    return {"idle": (after - before) / 1024 / (4 * count) if sessions >= 4 * count else None}


def memory_of(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status") as file:
            total += next(int(line.split()[1]) * 1024 for line in file
                          if line.startswith("RssAnon:"))
    return total


# ---- real storage


@contextlib.contextmanager
def cluster(options, services, nodes, fronts):
    options.prefixes += 1
    database = f"bench{options.prefixes}"
    client = services.status("mariadb")["address"]["client_files"][0]
    subprocess.run(["mariadb", f"--defaults-file={client}", "-e", f"CREATE DATABASE {database}"],
                   check=True)
    settings = [*services.settings("hbase", "mariadb", "redis", "zookeeper"),
                f"hbase.table_prefix=bench{options.prefixes}", "hbase.regions=4",
                f"mysql.database={database}", f"zookeeper.path=/bench{options.prefixes}",
                "zookeeper.session_timeout=4000ms", "tier.roles=middle"]
    addresses = [free_address() for _ in range(nodes)]
    with group(options.binary) as made:
        for address in addresses:
            made.add(f"node-{address}", [*settings, f"tier.listen={address}"])
        wait_until(lambda: sum(node.metric("longwire_partitions_served")
                               for node in made.processes) == PARTITIONS,
                   OWNED_SECONDS_MAX, "an owner of each partition")
        seeds = "tier.middle=" + ",".join(addresses)
        made.fronts = [made.add(f"front{i}", ["tier.roles=xmpp,http", seeds])
                       for i in range(fronts)]
        yield made.meet(made.fronts[0], made.fronts[0])


def paced_over_fronts(made, options, pace):
    """The load in equal parts over all fronts at once; CPU per send of each process."""
    share = pace // len(made.fronts)
    loads = []
    for front in made.fronts:
        made.xmpps, made.https = front.ports["xmpps"], front.ports["https"]
        loads.append(subprocess.Popen(
            made.command("paced", "--connections", 128, "--per-second", share,
                         "--seconds", options.seconds), stdout=subprocess.PIPE, text=True))
    results = [json.loads(load.communicate()[0].strip().splitlines()[-1]) for load in loads]
    for result in results:
        print(json.dumps(result), flush=True)
    # Each counts the CPU of all processes over the same time, and its own sends alone.
    by_process = zip(*[result["cpu_us_by_process"] for result in results])
    return [sum(counts) / len(results) ** 2 for counts in by_process]


def shares(options, services):
    """CPU per send: 3 nodes against 1, 3 fronts against 1, in turns, at each pace."""
    paces = [1500] if options.quick else CLUSTER_PACES
    figures = {(pace, shape): [] for pace in paces for shape in SHAPES}
    # A JVM that has just started commits slowly, and slow commits make large batches: the first
    # to be measured would look a quarter cheaper than it is.
    with cluster(options, services, 1, 1) as made:
        paced_over_fronts(made, options, paces[-1])
    for _ in range(1 if options.quick else 3):
        for nodes, fronts in SHAPES:
            with cluster(options, services, nodes, fronts) as made:
                for pace in paces:
                    figures[pace, (nodes, fronts)].append(paced_over_fronts(made, options, pace))
    for (pace, (nodes, fronts)), values in figures.items():
        print(json.dumps({"pace": pace, "nodes": nodes, "fronts": fronts,
                          "us_by_process": [[round(us, 1) for us in value] for value in values]}),
              flush=True)
    median = {key: sorted(map(sum, values))[len(values) // 2] for key, values in figures.items()}
    ratios = {}
    for pace in paces:
        ratios[f"nodes_{pace}"] = median[pace, (3, 1)] / median[pace, (1, 1)]
        ratios[f"fronts_{pace}"] = median[pace, (1, 3)] / median[pace, (1, 1)]
    return ratios


def takeover(options, services):
    """A node with a third of so many feeds is killed: from the end of its lease, which is when the
    others see it gone, until feeds in every partition have taken an append."""
    count = 3000 if options.quick else 100000
    feeds = [f"feed{number}" for number in range(count)]
    with cluster(options, services, 3, 1) as made:
        append_to(made, feeds)
        victim, *others = made.processes[:3]
        victim.process.kill()
        victim.process.wait()
        made.processes.remove(victim)
        while any(node.metric("longwire_cluster_members") != 2 for node in others):
            time.sleep(0.002)
        begun = time.monotonic()
        append_to(made, random.Random(1).sample(feeds, FEEDS_PROBED))
        took = time.monotonic() - begun
    print(json.dumps({"feeds": count, "seconds": took}), flush=True)
    return {"takeover": took}


def append_to(made, topics):
    """One send to each, over keep-alive connections; every one has to be accepted."""
    def send(mine):
        front = made.fronts[0]
        context = ssl.create_default_context(cafile=os.path.join(front.data, "tls/cert.pem"))
        connection = http.client.HTTPSConnection("localhost", front.ports["https"],
                                                 context=context, timeout=60)
        headers = {"Authorization": f"key={made.app['appSecret']}",
                   "Content-Type": "application/x-www-form-urlencoded"}
        for topic in mine:
            form = urllib.parse.urlencode({
                "topic": topic, "payload": "x", "title": "t", "description": "d",
                "restricted_package_name": made.app["package"]})
            connection.request("POST", "/v3/message/topic", form, headers)
            answer = json.loads(connection.getresponse().read())
            assert answer["code"] == 0, answer
    with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
        for done in [pool.submit(send, topics[i::SENDERS]) for i in range(SENDERS)]:
            done.result()


MARKS = [
    ("extra CPU per single send in three processes against one, 5,000/s open loop", "<= 40 us",
     "split", 40, True),
    ("API accept to device through three processes, idle, p99", "<= 10 ms", "latency", 10, True),
    ("topic send, 4 workers x 5,000 connections, CPU per delivery, all processes", "<= 15 us",
     "fanout", 15, True),
    ("the same while sends to a topic of 10,000 follow each other, p99", "<= 10 ms", "overload", 10,
     True),
    ("40,000 idle connections over 8 workers, memory per connection", "<= 20 KiB", "idle", 20,
     True),
    *((f"CPU per send, all processes, {what} against 1, {pace:,}/s", "<= 1.15", f"{key}_{pace}",
       1.15, True)
      for pace in CLUSTER_PACES for what, key in (("3 middle nodes", "nodes"),
                                                  ("3 fronts", "fronts"))),
    ("a node with a third of 100,000 feeds dies: after its lease, until all take appends", "<= 2 s",
     "takeover", 2, True),
]
ALONE = {"split": split, "latency": latency, "overload": overload, "fanout": fanout,
         "idle": idle}
OVER_STORAGE = {"shares": shares, "takeover": takeover}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true", help="small: does it run at all")
    options = parser.parse_args()
    options.binary = os.path.abspath(os.path.join(options.build, "daemon", "longwire"))
    options.seconds = 2 if options.quick else 10
    options.prefixes = 0
    wanted = options.only.split(",") if options.only else [*ALONE, *OVER_STORAGE]
    results = {}
    for name, measure in ALONE.items():
        if name in wanted:
            print(f"-- {name}", file=sys.stderr, flush=True)
            results |= measure(options)
    if any(name in OVER_STORAGE for name in wanted):
        with OwnServices("hbase", "mariadb", "redis", "zookeeper") as services:
            for name, measure in OVER_STORAGE.items():
                if name in wanted:
                    print(f"-- {name}", file=sys.stderr, flush=True)
                    results |= measure(options, services)
    print_table((title, mark, results[figure], bound, lower)
                for title, mark, figure, bound, lower in MARKS if figure in results)


if __name__ == "__main__":
    main()
