"""Contract suites on a real server: what hbase_test.py and mysql_test.py have in common.

A server is a context manager with `folder` and `environment()`, that raises AssertionError where it
cannot be brought up. A case is a function (build, server) that returns results.Totals.
"""

import argparse
import pathlib
import subprocess
import time
import traceback

import results

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Build:
    """The programs of a build."""

    def __init__(self, path, seconds_max):
        self.path = pathlib.Path(path).resolve()
        self.seconds_max = seconds_max  # of one program

    def program(self, name):
        path = self.path / "tests/contract" / name
        if not path.is_file():
            raise AssertionError(f"{path} is not built")
        return path

    def gtest(self, name, chosen, server):
        """Runs a GoogleTest program; its counts. None at all is a failure."""
        report = server.folder / f"{name}.json"
        done = subprocess.run(
            [self.program(name), f"--gtest_filter={chosen}", "--gtest_brief=1",
             f"--gtest_output=json:{report}"],
            cwd=ROOT, env=server.environment(), stdin=subprocess.DEVNULL,
            timeout=self.seconds_max, check=False)
        totals = results.read_result_file(report) if report.exists() else results.Totals()
        if done.returncode != 0 and not totals.failures:
            totals.failures.append(f"{name} ended with {done.returncode}")
        if not totals.passed and not totals.failures:
            totals.failures.append(f"{name} has no test {chosen}")
        return totals


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


def run_all(options, name, make_server, cases, seconds_max):
    totals = results.Totals()
    try:
        with make_server() as server:
            for case in cases:
                if options.only in (None, case.__name__):
                    totals.add(run(case, Build(options.build, seconds_max), server))
    except AssertionError as error:
        totals.failures.append(f"{name} cannot be brought up: {error}")
    return totals


def main(name, make_server, cases, seconds_max):
    """Runs the cases that the command line asks for; the process's exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--only", choices=[case.__name__ for case in cases])
    parser.add_argument("--results")
    options = parser.parse_args()
    totals = run_all(options, name, make_server, cases, seconds_max)
    for failure in totals.failures:
        print(failure)
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0
