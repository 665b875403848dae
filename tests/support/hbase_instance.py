"""An HBase of a test's own, in a temporary folder and on free ports: any number side by side."""

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


class HBase:
    """A running HBase; stopped and removed at the end."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="longwire-hbase-"))

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(AssertionError):
            self.call("down")
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *arguments):
        done = subprocess.run([SERVICES, *arguments, "--instance", self.folder / "instance"],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        if done.returncode != 0:
            raise AssertionError(f"services {arguments} ended with {done.returncode}:\n"
                                 f"{done.stdout}")
        return done.stdout

    def up(self):
        """Starts what does not run."""
        self.call("up", "hbase")

    def status(self):
        return json.loads(self.call("status", "--json"))["services"]["hbase"]

    def gateway(self):
        return self.status()["address"]["gateways"][0]

    def kill(self, *names):
        self.signal(signal.SIGKILL, *names)

    def signal(self, number, *names):
        """Sent to processes of this HBase, which are gone when it returns."""
        pids = {process["name"]: process["pid"] for process in self.status()["processes"]}
        for name in names:
            os.kill(pids[name], number)
        if not common.wait_for(lambda: not any(common.start_time_of(pids[name])
                                               for name in names), common.STOP_SECONDS_MAX):
            raise AssertionError(f"{names} do not end")

    def environment(self):
        """With which the test programs find it."""
        return os.environ | {"LONGWIRE_TEST_HBASE_GATEWAY": self.gateway()}
