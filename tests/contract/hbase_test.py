#!/usr/bin/python3
"""The partition store's contract on a real HBase, which this brings up and takes down again.

hbase_test.py --build DIR [--only CASE] [--results FILE]

An HBase of its own, in a temporary folder, on free ports: any number may run side by side. Where it
cannot be brought up, or a program of the build is missing, the test fails.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402

SERVICES = ROOT / "deploy/local/services.py"
PROGRAM_SECONDS_MAX = 900


class HBase:
    """A running HBase; stopped and removed at the end, its log shown where a test failed."""

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

    def environment(self):
        return os.environ | {"LONGWIRE_TEST_HBASE_GATEWAY": self.gateway()}


class Build:
    """The programs of a build."""

    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()

    def program(self, name):
        path = self.path / "tests/contract" / name
        if not path.is_file():
            raise AssertionError(f"{path} is not built")
        return path

    def gtest(self, name, chosen, hbase):
        """Runs a GoogleTest program; its counts. None at all is a failure."""
        report = hbase.folder / f"{name}.json"
        done = subprocess.run(
            [self.program(name), f"--gtest_filter={chosen}", "--gtest_brief=1",
             f"--gtest_output=json:{report}"],
            cwd=ROOT, env=hbase.environment(), timeout=PROGRAM_SECONDS_MAX, check=False)
        totals = results.read_result_file(report) if report.exists() else results.Totals()
        if done.returncode != 0 and not totals.failures:
            totals.failures.append(f"{name} ended with {done.returncode}")
        if not totals.passed and not totals.failures:
            totals.failures.append(f"{name} has no test {chosen}")
        return totals


def contract(build, hbase):
    return build.gtest("storage_contract_test", "*/hbase", hbase)


CASES = (contract,)


def run(case, build, hbase):
    begun = time.monotonic()
    try:
        totals = case(build, hbase)
    except Exception:  # pylint: disable=broad-except
        totals = results.Totals()
        totals.failures.append(f"{case.__name__}: {traceback.format_exc()}")
    outcome = "FAILED" if totals.failures else "ok"
    print(f"{outcome:6} {case.__name__}: {totals.line()} ({time.monotonic() - begun:.1f} s)",
          flush=True)
    return totals


def run_all(options):
    totals = results.Totals()
    try:
        with HBase() as hbase:
            for case in CASES:
                if options.only in (None, case.__name__):
                    totals.add(run(case, Build(options.build), hbase))
    except AssertionError as error:
        totals.failures.append(f"HBase cannot be brought up: {error}")
    return totals


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--only")
    parser.add_argument("--results")
    options = parser.parse_args()
    totals = run_all(options)
    for failure in totals.failures:
        print(failure)
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
