#!/usr/bin/python3
"""The directory's contract on a real MariaDB, which this brings up and takes down again.

mysql_test.py --build DIR [--only CASE] [--results FILE]

A server of its own, in a temporary folder, on a free port: any number may run side by side. Where
it cannot be brought up, or a program of the build is missing, the test fails.
"""

import argparse
import pathlib
import subprocess
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402
from own_mariadb import OwnMariaDb  # noqa: E402

PROGRAM_SECONDS_MAX = 400


class Build:
    """The programs of a build."""

    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()

    def gtest(self, name, chosen, server):
        """Runs a GoogleTest program; its counts. None at all is a failure."""
        program = self.path / "tests/contract" / name
        if not program.is_file():
            raise AssertionError(f"{program} is not built")
        report = server.folder / f"{name}.json"
        done = subprocess.run([program, f"--gtest_filter={chosen}", "--gtest_brief=1",
                               f"--gtest_output=json:{report}"],
                              cwd=ROOT, env=server.environment(),
                              stdin=subprocess.DEVNULL, timeout=PROGRAM_SECONDS_MAX,
                              check=False)
        totals = results.read_result_file(report) if report.exists() else results.Totals()
        if done.returncode != 0 and not totals.failures:
            totals.failures.append(f"{name} ended with {done.returncode}")
        if not totals.passed and not totals.failures:
            totals.failures.append(f"{name} has no test {chosen}")
        return totals


def contract(build, server):
    return build.gtest("storage_contract_test", "*/mysql", server)


def faults(build, server):
    return build.gtest("mysql_faults_test", "*", server)


CASES = (contract, faults)


def run(case, build, server):
    begun = time.monotonic()
    try:
        totals = case(build, server)
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
        with OwnMariaDb() as server:
            for case in CASES:
                if options.only in (None, case.__name__):
                    totals.add(run(case, Build(options.build), server))
    except AssertionError as error:
        totals.failures.append(f"MariaDB cannot be brought up: {error}")
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
