"""Servers of a test's own, brought up through deploy/local: free ports, a temporary folder."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

import common  # noqa: E402

SERVICES = ROOT / "deploy/local/services.py"


class OwnServices:
    """Running servers; stopped and removed at the end. AssertionError where they cannot be had."""

    def __init__(self, *services):
        self.services = services
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"longwire-{services[0]}-"))
        self.instance = self.folder / "instance"

    def __enter__(self):
        try:
            self.up()
        except AssertionError:
            self.__exit__()  # what did start
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(AssertionError):
            self.call("down")
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *arguments):
        done = subprocess.run(["/usr/bin/python3", SERVICES, *arguments,
                               "--instance", self.instance],
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise AssertionError(f"services {arguments} ended with {done.returncode}:\n"
                                 f"{done.stdout}")
        return done.stdout

    def up(self):
        """Starts what does not run; the ports stay."""
        self.call("up", *self.services)

    def status(self, service=None):
        return json.loads(self.call("status", "--json"))["services"][service or self.services[0]]

    def kill(self, *names):
        self.signal(signal.SIGKILL, *names)

    def signal(self, number, *names):
        """Sent to the processes of these names, or to all, which are gone when it returns."""
        pids = self._send(number, names)
        if not common.wait_for(lambda: not any(map(common.start_time_of, pids)),
                               common.STOP_SECONDS_MAX):
            raise AssertionError(f"{names or self.services} do not end")

    def halt(self, *names):
        """They keep their connections and ports, and do nothing."""
        self._send(signal.SIGSTOP, names)

    def go_on(self, *names):
        self._send(signal.SIGCONT, names)

    def _send(self, number, names):
        everything = json.loads(self.call("status", "--json"))["services"]
        all_pids = {process["name"]: process["pid"] for service in self.services
                    for process in everything[service]["processes"]}
        pids = [all_pids[name] for name in names or all_pids]
        for pid in pids:
            os.kill(pid, number)
        return pids

    def settings(self, *services):
        """Of a server on these services, or on all: for `longwire serve --set`."""
        lines = self.call("settings", *(services or self.services)).splitlines()
        values = dict(line.split(" = ", 1) for line in lines if not line.startswith("#"))
        return [f"{key}={_for_the_command_line(json.loads(value))}"
                for key, value in values.items()]


def _for_the_command_line(value):
    return ",".join(value) if isinstance(value, list) else value
