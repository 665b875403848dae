#!/usr/bin/python3
"""Runs the load scenarios against a fresh server each and prints the table of marks.

  tests/bench/run.py --build build/release [--only fanout,idle,...] [--quick]

Figures are the server's own CPU (user + system of its process) and anonymous memory; the load
program shares the machine, so rates say less than CPU. docs/PERFORMANCE.md holds what was measured
and how.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

# (row, mark in words, scenario, extra arguments, figure, bound, lower is better)
MARKS = [
    ("server CPU per delivery, one send to a topic with 2,000 connections", "<= 15 us", "fanout",
     ["--connections", "2000", "--rounds", "50"], "cpu_us_per_delivery", 15, True),
    ("anonymous memory per idle logged-in TLS connection at 10,000", "<= 20 KiB", "idle",
     ["--connections", "10000"], "kib_per_connection", 20, True),
    ("server CPU per login at 1,000 sessions", "<= 0.7 ms", "login",
     ["--connections", "10000"], "cpu_ms_per_login_at_1000", 0.7, True),
    ("server CPU per login at 10,000 sessions", "<= 0.7 ms", "login",
     None, "cpu_ms_per_login_at_all", 0.7, True),
    ("the same, 10,000 against 1,000", "<= 1.15", "login", None, "ratio", 1.15, True),
    ("single sends accepted durably per second, 64 keep-alive connections", ">= 10,000", "sends",
     ["--connections", "64", "--seconds", "10"], "accepted_per_second", 10000, False),
    ("API accept to device, idle system, p99", "<= 10 ms", "latency",
     ["--rounds", "500"], "device_p99_ms", 10, True),
    ("chat, 1,000 in flight, server CPU per message", "<= 30 us", "chat",
     ["--in-flight", "1000", "--seconds", "10"], "cpu_us_per_message", 30, True),
]
CHAT_USERS = 1000


class Server:
    """A fresh `longwire serve` on free ports; storage is embedded, unless the settings say else."""

    def __init__(self, binary, folder, settings=()):
        self.binary = binary
        self.folder = folder
        self.settings = list(settings)
        self.data = os.path.join(folder, "data")
        self.ports_file = os.path.join(folder, "ports.json")
        self.start()
        self.app = json.loads(self.command("app", "create", "--package", "com.example.bench"))

    def start(self):
        settings = ["xmpp.listen=127.0.0.1:0", "xmpp.listen_tls=127.0.0.1:0",
                    "http.listen=127.0.0.1:0", "http.admin_listen=127.0.0.1:0",
                    "log.level=warn"] + BENCH_SETTINGS + self.settings
        command = [self.binary, "serve", "--data", self.data, "--ports-file", self.ports_file]
        for setting in settings:
            command += ["--set", setting]
        if os.path.exists(self.ports_file):
            os.unlink(self.ports_file)
        self.log = open(os.path.join(self.folder, "server.log"), "a")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while not os.path.exists(self.ports_file):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit("the server did not start:\n" + open(self.log.name).read())
            time.sleep(0.05)
        self.ports = json.load(open(self.ports_file))

    def command(self, *words):
        return subprocess.run([self.binary, *words, "--json", "--data", self.data], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def load(self, scenario, extra):
        app = self.app
        command = [os.path.join(os.path.dirname(self.binary), LOAD), scenario,
                   "--xmpps", str(self.ports["xmpps"]), "--https", str(self.ports["https"]),
                   "--pid", str(self.process.pid), "--app-id", app["appId"],
                   "--app-key", app["appKey"], "--app-secret", app["appSecret"],
                   "--package", app["package"], *extra]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=900)
        if run.returncode != 0:
            return None
        return json.loads(run.stdout.strip().splitlines()[-1])

    def add_users(self, folder, count):
        path = os.path.join(folder, "users.txt")
        with open(path, "w") as out:
            for i in range(count):
                name, password = f"chat{i}", f"password{i}"
                self.command("user", "add", name, "--password", password)
                out.write(f"{name} {password}\n")
        return path

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


# Limits that protect a real server from one address are lifted for the one address of the load.
BENCH_SETTINGS = ["http.devices_per_minute=100000000", "http.connections_per_address_max=1000000",
                  "limit.sends_per_second=10000000"]
LOAD = "../tests/bench/load/longwire_load"


def measure(binary, scenario, extra, quick):
    with tempfile.TemporaryDirectory(prefix="longwire-bench-") as folder:
        server = Server(binary, folder)
        try:
            if scenario == "chat":
                extra = extra + ["--users", server.add_users(folder, 100 if quick else CHAT_USERS)]
            if scenario == "idle":
                devices = ["--devices", os.path.join(folder, "devices.jsonl")]
                server.load("prepare", extra + devices)
                server.stop()
                server.start()
                extra = devices
            return server.load(scenario, extra)
        finally:
            server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true",
                        help="a tenth of the connections: does it run at all")
    options = parser.parse_args()
    binary = os.path.abspath(os.path.join(options.build, "daemon", "longwire"))
    results = {}
    for row in MARKS:
        scenario, extra = row[2], row[3]
        if extra is None or (options.only and scenario not in options.only.split(",")):
            continue
        if options.quick:
            extra = [str(int(word) // 10) if word.isdigit() and int(word) > 64 else word
                     for word in extra]
        print(f"-- {scenario} {' '.join(extra)}", file=sys.stderr, flush=True)
        results[scenario] = measure(binary, scenario, extra, options.quick)
        print(json.dumps(results[scenario]), flush=True)
    print_table((title, mark, (results[scenario] or {}).get(figure), bound, lower)
                for title, mark, scenario, _, figure, bound, lower in MARKS if scenario in results)


def print_table(rows):
    """(title, mark, value or None, bound, lower is better) each."""
    print("\n| work | mark | measured | met |\n|---|---|---|---|")
    for title, mark, value, bound, lower in rows:
        met = value is not None and (value <= bound if lower else value >= bound)
        shown = "failed" if value is None else f"{value:,.3g}" if value < 1 else f"{value:,.2f}"
        print(f"| {title} | {mark} | {shown} | {'yes' if met else 'no'} |")


if __name__ == "__main__":
    main()
