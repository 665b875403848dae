#!/usr/bin/python3
"""The partition store's contract on a real HBase, alone and behind a mirror in a real Redis, which
this brings up and takes down again.

hbase_test.py --build DIR [--only CASE] [--results FILE]

Servers of its own, in a temporary folder, on free ports: any number may run side by side. Where
they cannot be brought up, or a program of the build is missing, the test fails.
"""

import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402
from hbase_instance import HBase  # noqa: E402
import server_suite  # noqa: E402

PROGRAM_SECONDS_MAX = 900
COMMITS_BETWEEN_KILLS = 400


class CommitWriter:
    """A process that commits without end; what it has acknowledged, by partition."""

    def __init__(self, build, hbase, prefix):
        self.command = [build.program("hbase_commit_writer")]
        self.prefix = prefix
        self.hbase = hbase
        self.acknowledged = {}
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen([*self.command, "write", self.prefix], text=True,
                                        env=self.hbase.environment(), stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self.kill()
        self.process.stdout.close()

    def read(self, lines):
        """Waits for as many acknowledgements."""
        for _ in range(lines):
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError("the writer ended")
            self.note(line)

    def note(self, line):
        partition, count = map(int, line.split())
        if count != self.acknowledged.get(partition, 0) + 1:
            raise AssertionError(f"partition {partition}: {count} acknowledged after "
                                 f"{self.acknowledged.get(partition, 0)}")
        self.acknowledged[partition] = count

    def kill(self):
        """SIGKILL, and all that it had still said."""
        self.process.kill()
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.note(line)
        self.process.wait()

    def verify(self):
        """All that was acknowledged is there, once; at most one more each, without an answer."""
        found = subprocess.run([*self.command, "verify", self.prefix], text=True, check=False,
                               env=self.hbase.environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=PROGRAM_SECONDS_MAX)
        if found.returncode != 0:
            raise AssertionError(f"verify ended with {found.returncode}: {found.stderr}")
        counts = dict(tuple(map(int, line.split())) for line in found.stdout.splitlines())
        for partition, acknowledged in self.acknowledged.items():
            if counts[partition] - acknowledged not in (0, 1):
                raise AssertionError(f"partition {partition}: {counts[partition]} found, "
                                     f"{acknowledged} acknowledged")


def contract(build, hbase):
    return build.gtest("storage_contract_test", "*/hbase:*/hbase_redis", hbase)


def attacks(build, hbase):
    return build.gtest("hbase_attack_test", "*", hbase)


def kills_during_commits(build, hbase):
    """SIGKILL for the gateway, for HBase, for both, and at last for the writer as well."""
    with CommitWriter(build, hbase, "kills") as writer:
        for names in (("hbase-gateway",), ("hbase-master",), ("hbase-master", "hbase-gateway")):
            writer.read(COMMITS_BETWEEN_KILLS)
            hbase.kill(*names)
            hbase.up()
        writer.read(COMMITS_BETWEEN_KILLS)
        hbase.kill("hbase-master", "hbase-gateway")
        writer.kill()
        hbase.up()
        writer.verify()
    return one_passed()


def restart_of_the_gateway(build, hbase):
    """Orderly, with a writer that goes on by itself."""
    with CommitWriter(build, hbase, "restart") as writer:
        for _ in range(2):
            writer.read(COMMITS_BETWEEN_KILLS)
            hbase.signal(signal.SIGTERM, "hbase-gateway")
            hbase.up()
        writer.read(COMMITS_BETWEEN_KILLS)
        writer.kill()
        writer.verify()
    return one_passed()


def one_passed():
    totals = results.Totals()
    totals.passed = 1
    return totals


CASES = (contract, attacks, restart_of_the_gateway, kills_during_commits)


if __name__ == "__main__":
    sys.exit(server_suite.main("HBase", lambda: HBase("redis"), CASES, PROGRAM_SECONDS_MAX))
