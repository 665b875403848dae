#!/usr/bin/python3
"""The same server on HBase, MariaDB and Redis, which this brings up: a cluster's table of marks.

  tests/bench/cluster.py --build build/release [--only sends,storm,...] [--quick]

All share the machine's cores. docs/PERFORMANCE.md holds what was measured and how.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

from run import Server, print_table

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from own_services import OwnServices  # noqa: E402

READS = ("get", "get_rows", "scan")
REPEAT_DEVICES = 64  # as the load has it
REPEAT_SETTLE_SECONDS = 4  # what the logins wrote is in, what commands need in memory
REPEAT_WINDOW_SECONDS = 6


class Bench:
    """Servers, and a fresh Longwire on them for each measurement."""

    def __init__(self, binary, services, quick):
        self.binary = binary
        self.services = services
        self.quick = quick
        self.prefixes = 0

    def count(self, number):
        return str(number // 10 if self.quick else number)

    def server(self, folder):
        self.prefixes += 1
        database = f"bench{self.prefixes}"
        self.sql(f"CREATE DATABASE {database}")
        settings = self.services.settings("hbase", "mariadb", "redis")
        return Server(self.binary, folder,
                      [*settings, f"hbase.table_prefix=bench{self.prefixes}", "hbase.regions=4",
                       f"mysql.database={database}"])

    def sql(self, statement):
        client = self.services.status("mariadb")["address"]["client_files"][0]
        return subprocess.run(["mariadb", f"--defaults-file={client}", "-N", "-B", "-e", statement],
                              check=True, stdout=subprocess.PIPE, text=True).stdout

    def questions(self):
        """Statements that MariaDB has answered, this one among them."""
        line = self.sql("SHOW GLOBAL STATUS LIKE 'Questions'")
        return int(line.split()[1])


def metrics(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports['admin']}/metrics") as page:
        return page.read().decode()


def hbase_calls(server):
    """Calls to the gateways by Longwire, by kind."""
    found = re.findall(r'longwire_hbase_call_seconds_count\{call="(\w+)"\} (\d+)',
                       metrics(server))
    return {kind: int(count) for kind, count in found}


def hbase_reads(server):
    return sum(count for kind, count in hbase_calls(server).items() if kind in READS)


def hbase_rows(server):
    """Rows that were read of HBase."""
    found = re.findall(r'longwire_hbase_rows_total\{call="(\w+)"\} (\d+)', metrics(server))
    return sum(int(count) for kind, count in found if kind in READS)


def redis_commands(server):
    return int(re.search(r"^longwire_redis_commands_total (\d+)", metrics(server), re.M).group(1))


def load(server, scenario, *extra):
    result = server.load(scenario, [*extra])
    print(json.dumps(result), flush=True)
    return result or {}


def prepare(bench, server, folder, devices):
    """Devices that are away, and a server that was started anew since."""
    file = os.path.join(folder, "devices.jsonl")
    load(server, "prepare", "--connections", bench.count(devices), "--devices", file)
    restart(server)
    return file


def restart(server):
    server.stop()
    server.start()


def sends(bench, server, _folder):
    seconds = "1" if bench.quick else "10"
    result = load(server, "sends", "--connections", "512", "--seconds", seconds)
    return {"sends": result.get("accepted_per_second")}


def latency(bench, server, _folder):
    result = load(server, "latency", "--rounds", bench.count(500))
    return {"latency": result.get("device_p99_ms")}


def fetch(bench, server, folder):
    file = prepare(bench, server, folder, 2000)
    load(server, "fill", "--devices", file, "--entries", "20")
    restart(server)  # nothing is in memory
    result = load(server, "fetch", "--devices", file, "--entries", "20", "--per-second", "200")
    return {"fetch": result.get("p50_ms") if result.get("complete") else None}


def back_end_calls(bench, server):
    return {**hbase_calls(server), "redis": redis_commands(server), "mariadb": bench.questions()}


def calls_while_repeating(bench, server, file, in_flight):
    """Of a window in which the devices neither come nor go; and what the load says."""
    restart(server)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(load, server, "repeat", "--devices", file, "--in-flight", in_flight,
                              "--seconds", "12")
        while f"\nlongwire_xmpp_sessions {REPEAT_DEVICES}\n" not in metrics(server):
            assert not running.done(), "its devices were never in all at once"
            time.sleep(0.1)
        time.sleep(REPEAT_SETTLE_SECONDS)
        before = back_end_calls(bench, server)
        time.sleep(REPEAT_WINDOW_SECONDS)
        after = back_end_calls(bench, server)
        calls = {kind: after[kind] - before[kind] for kind in after}
        print(json.dumps({"calls": calls, "seconds": REPEAT_WINDOW_SECONDS}), flush=True)
        return calls, running.result()


def repeat(bench, server, folder):
    """What goes by the clock (heads confirmed, gateways asked) is taken off."""
    file = prepare(bench, server, folder, 640)
    idle, _ = calls_while_repeating(bench, server, file, "0")
    busy, result = calls_while_repeating(bench, server, file, "4")
    more = sum(max(busy[kind] - idle[kind], 0) for kind in busy)
    answered = result.get("answered_per_second", 0)
    return {"repeat": answered, "repeat_calls": more / max(answered * REPEAT_WINDOW_SECONDS, 1)}


def storm(bench, server, folder):
    file = prepare(bench, server, folder, 5000)
    load(server, "storm", "--devices", file)  # Redis is warm
    restart(server)
    calls, rows = hbase_reads(server), hbase_rows(server)
    result = load(server, "storm", "--devices", file)
    reads = hbase_reads(server) - calls
    print(json.dumps({"hbase_reads": reads, "hbase_rows": hbase_rows(server) - rows}))
    return {"storm": reads / result["logins"] if result else None}


def fanout(bench, server, _folder):
    extra = ["--connections", bench.count(2000), "--rounds", "50"]
    on_cluster = load(server, "fanout", *extra).get("cpu_us_per_delivery")
    with tempfile.TemporaryDirectory(prefix="longwire-bench-") as folder:
        embedded = Server(bench.binary, folder)
        try:
            alone = load(embedded, "fanout", *extra).get("cpu_us_per_delivery")
        finally:
            embedded.stop()
    return {"fanout": on_cluster / alone if on_cluster and alone else None}


# (row, mark in words, scenario, figure, bound, lower is better)
MARKS = [
    ("single sends accepted durably through HBase a second, 512 in flight, each to another device",
     ">= 6,000", sends, "sends", 6000, False),
    ("API accept to device through HBase, idle, p99", "<= 25 ms", latency, "latency", 25, True),
    ("offline fetch of 20 entries from HBase, p50 at 200/s", "<= 8 ms", fetch, "fetch", 8, True),
    ("repeated topic commands a second", ">= 20,000", repeat, "repeat", 20000, False),
    ("... calls to HBase, MariaDB and Redis per command", "< 1/10,000", repeat, "repeat_calls",
     1e-4, True),
    ("5,000 devices log in at once, Redis warm: reads of HBase per login", "<= 0.02",
     storm, "storm", 0.02, True),
    ("topic send to 2,000 connections: CPU per delivery against embedded storage", "<= 1.2", fanout,
     "fanout", 1.2, True),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true",
                        help="a tenth of the connections: does it run at all")
    options = parser.parse_args()
    binary = os.path.abspath(os.path.join(options.build, "daemon", "longwire"))
    chosen = options.only.split(",") if options.only else [row[2].__name__ for row in MARKS]
    results = {}
    with OwnServices("hbase", "mariadb", "redis") as services:
        bench = Bench(binary, services, options.quick)
        for scenario in dict.fromkeys(row[2] for row in MARKS):
            if scenario.__name__ not in chosen:
                continue
            print(f"-- {scenario.__name__}", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix="longwire-bench-") as folder:
                server = bench.server(folder)
                try:
                    results.update(scenario(bench, server, folder))
                finally:
                    server.stop()
    print_table((title, mark, results[figure], bound, lower)
                for title, mark, _, figure, bound, lower in MARKS if figure in results)


if __name__ == "__main__":
    main()
