"""What test programs leave in build/<preset>/test-results/, added up.

A file is either GoogleTest's own JSON or ours: {"passed": 1, "failed": 1, "skipped": 0,
"failures": ["name: why"], "skips": ["name: why"], "contracts": {"Suite on back_end": 1}}. A program
that ctest saw fail without a failure in its file (a crash, a timeout, no file at all) counts as one
failure with ctest's reason.
"""

import collections
import json
import pathlib
import xml.etree.ElementTree as ElementTree


CONTRACTS = "BackEnds/"  # how GoogleTest names suites that run on each back end of a port


class Totals:
    """Counts, and the names behind them. A value that grows.

    `contracts`: of what passed, how many cases of which suite on which back end.
    """

    def __init__(self):
        self.passed = 0
        self.failures = []
        self.skips = []
        self.contracts = collections.Counter()

    def add(self, other, prefix=""):
        self.passed += other.passed
        self.contracts += other.contracts
        self.failures += [prefix + name for name in other.failures]
        self.skips += [prefix + name for name in other.skips]

    def line(self):
        return f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped"


def read_gtest(document):
    totals = Totals()
    for suite in document.get("testsuites", []):
        for case in suite.get("testsuite", []):
            name = f"{suite['name']}.{case['name']}"
            if case.get("failures"):
                first = case["failures"][0].get("failure", "").strip().splitlines()
                totals.failures.append(f"{name}: {' '.join(first[:3])}")
            elif case.get("result") == "SKIPPED":
                totals.skips.append(f"{name}: skipped by the test")
            elif case.get("status") == "NOTRUN":
                totals.skips.append(f"{name}: disabled")
            else:
                totals.passed += 1
                if suite["name"].startswith(CONTRACTS):
                    back_end = case["name"].rpartition("/")[2]
                    totals.contracts[f"{suite['name'][len(CONTRACTS):]} on {back_end}"] += 1
    return totals


def read_ours(document):
    totals = Totals()
    totals.passed = int(document.get("passed", 0))
    totals.failures = [str(name) for name in document.get("failures", [])]
    totals.skips = [str(name) for name in document.get("skips", [])]
    totals.contracts.update(document.get("contracts", {}))
    for kind, names in (("failed", totals.failures), ("skipped", totals.skips)):
        names += [f"one not named"] * (int(document.get(kind, 0)) - len(names))
    return totals


def read_result_file(path):
    document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    return read_gtest(document) if "testsuites" in document else read_ours(document)


def write_result_file(path, totals):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "passed": totals.passed,
        "failed": len(totals.failures),
        "skipped": len(totals.skips),
        "failures": totals.failures,
        "skips": totals.skips,
        "contracts": totals.contracts,
    }
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")


def one_program(name, junit_case, results_folder):
    """The totals of one ctest test: its own file where it wrote one, ctest's word where not."""
    status = junit_case.get("status", "")
    totals = Totals()
    path = results_folder / f"{name}.json"
    if path.exists():
        try:
            totals = read_result_file(path)
        except (ValueError, KeyError) as error:
            totals.failures.append(f"result file is broken: {error}")
    elif status == "run":
        totals.passed = 1
    elif status == "notrun":
        skipped = junit_case.find("skipped")
        reason = skipped.get("message", "") if skipped is not None else "not run"
        kind = totals.skips if "SKIP" in reason else totals.failures
        kind.append(reason or "not run")
    elif status == "disabled":
        totals.skips.append("disabled")
    if status == "fail" and not totals.failures:
        failure = junit_case.find("failure")
        reason = failure.get("message", "") if failure is not None else ""
        totals.failures.append(f"ended badly: {reason or 'crash or time limit'}")
    return totals


def read_ctest(junit_path, results_folder):
    totals = Totals()
    root = ElementTree.parse(junit_path).getroot()
    for case in root.iter("testcase"):
        name = case.get("name")
        totals.add(one_program(name, case, pathlib.Path(results_folder)), f"{name}: ")
    return totals
