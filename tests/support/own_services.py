"""Servers of a test's own, brought up through deploy/local: free ports, a temporary folder."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
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

    def kill(self):
        for service in self.services:
            for process in self.status(service)["processes"]:
                os.kill(process["pid"], signal.SIGKILL)
