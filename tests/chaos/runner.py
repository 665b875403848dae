#!/usr/bin/python3
"""Everything Longwire stands on is killed, halted, wiped, filled or gone mute, one after the other
under streams of sends and of alias and topic changes; see README.md.

chaos_test.py --build DIR [--short] [--only FAULT] [--rounds N] [--results FILE]
"""

import argparse
import pathlib
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("tests/integration", "tests/support"):
    sys.path.insert(0, str(ROOT / folder))

import faults  # noqa: E402
import results  # noqa: E402
from harness import Programs  # noqa: E402
from own_services import OwnServices  # noqa: E402
from world import Trial, World  # noqa: E402

SINGLE = ("hbase", "hbase-gateway-2", "mariadb", "redis")
PAIRED = ("hbase", "hbase-gateway-2", "mariadb-pair", "redis-cluster")


def one(world, fault):
    """A fault from a stream that runs to a stream that runs, then the checks."""
    with Trial(world, fault.__name__) as trial:
        try:
            fault(world, trial)
        finally:
            world.recover()
        trial.goes_on()
        trial.recovers()
        trial.finish(restarts=fault in faults.RESTART_LONGWIRE)
        return trial.story()


def run(world, fault, totals):
    begun = time.monotonic()
    try:
        story = one(world, fault)
        totals.passed += 1
    except Exception as error:  # a fault may end in any way
        traceback.print_exc()
        story = f"FAILED: {' '.join(str(error).split())[:300]}"
        totals.failures.append(f"{fault.__name__}: {story}")
    print(f"{fault.__name__}: {story} ({time.monotonic() - begun:.1f} s)", flush=True)


def run_list(services, options, totals):
    for names, listed in ((SINGLE, faults.SINGLE), (PAIRED, faults.PAIRED)):
        chosen = [fault for fault in listed
                  if (not options.short or names is SINGLE and fault in faults.SHORT)
                  and options.only in (None, fault.__name__)]
        if not chosen:
            continue
        services.services = names
        services.up()
        with World(services, names, prefix=f"chaos{len(names[2])}") as world:
            for _ in range(options.rounds):
                for fault in chosen:
                    run(world, fault, totals)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--results")
    parser.add_argument("--short", action="store_true", help="a few of the list, in minutes")
    parser.add_argument("--only", help="the one fault of this name")
    parser.add_argument("--rounds", type=int, default=1, help="how often (default 1)")
    options = parser.parse_args()
    Programs.build = pathlib.Path(options.build)
    totals = results.Totals()
    try:
        with OwnServices("hbase") as services:  # what each list needs is started beside it
            run_list(services, options, totals)
    except Exception as error:  # a bring-up, or the end of a world
        traceback.print_exc()
        totals.failures.append(f"chaos: {' '.join(str(error).split())[:300]}")
    if not totals.passed and not totals.failures:
        totals.failures.append(f"there is no fault {options.only}")
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
