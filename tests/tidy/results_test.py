#!/usr/bin/python3
"""The counting behind `./dev test`: a crash, a time limit, a missing file and a skip are seen."""

import argparse
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402

JUNIT = """<testsuite>
 <testcase name="fine" status="run"/>
 <testcase name="crashed" status="fail"><failure message="SEGFAULT"/></testcase>
 <testcase name="late" status="fail"><failure message="Timeout"/></testcase>
 <testcase name="half" status="fail"><failure message="Failed"/></testcase>
 <testcase name="plain" status="run"/>
 <testcase name="absent" status="notrun"><skipped message="Unable to find executable"/></testcase>
 <testcase name="off" status="disabled"/>
 <testcase name="broken" status="run"/>
</testsuite>"""


def gtest(cases, suite="Suite"):
    return {"testsuites": [{"name": suite, "testsuite": cases}]}


FILES = {
    "fine": gtest([{"name": "a", "status": "RUN", "result": "COMPLETED"},
                   {"name": "b", "status": "RUN", "result": "SKIPPED"},
                   {"name": "c", "status": "NOTRUN", "result": "SUPPRESSED"}]),
    "crashed": gtest([{"name": "a", "status": "RUN", "result": "COMPLETED"}]),
    "plain": gtest([{"name": "a/rocks", "status": "RUN", "result": "COMPLETED"},
                    {"name": "b/rocks", "status": "RUN", "result": "SKIPPED"}], "BackEnds/Store"),
    "half": {"contracts": {"Store on hbase": 2, "Store on rocks": 1},
             "passed": 2, "failed": 1, "skipped": 1, "failures": ["x: why"], "skips": ["y: z"]},
}


def read_sample():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "ctest.xml").write_text(JUNIT)
        for name, document in FILES.items():
            (folder / f"{name}.json").write_text(json.dumps(document))
        (folder / "broken.json").write_text("{")
        return results.read_ctest(folder / "ctest.xml", folder)


def check(totals, name, condition, seen):
    if condition:
        totals.passed += 1
    else:
        totals.failures.append(f"{name}: {seen}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results")
    options = parser.parse_args()
    sample, totals = read_sample(), results.Totals()
    failures = "\n".join(sample.failures)
    check(totals, "passes are added up", sample.passed == 5, sample.line())
    check(totals, "a crash after passes is a failure", "crashed: ended badly: SEGFAULT" in failures,
          failures)
    check(totals, "a time limit is a failure", "late: ended badly: Timeout" in failures, failures)
    check(totals, "a failure told by the file is counted once", failures.count("half") == 1,
          failures)
    check(totals, "a program that is not there is a failure", "absent: Unable" in failures,
          failures)
    check(totals, "a broken file is a failure", "broken: result file is broken" in failures,
          failures)
    check(totals, "skips are named", len(sample.skips) == 5, sample.skips)
    check(totals, "contracts are counted by back end, passes alone",
          sample.contracts == {"Store on hbase": 2, "Store on rocks": 2}, sample.contracts)
    for failure in totals.failures:
        print(failure)
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
