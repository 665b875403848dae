"""Runs a list of faults on worlds: a fault from a stream that runs to a stream that runs, then the
checks. A world that a fault got the better of is not used again.
"""

import argparse
import dataclasses
import pathlib
import sys
import time
import traceback
from collections.abc import Callable

import results
from harness import ROOT, Programs
from own_services import OwnServices


@dataclasses.dataclass(frozen=True)
class Lists:
    faults: dict  # of functions (world, trial), by the names of the services they are done on
    short: tuple  # of them, those of the short form
    world: Callable  # of running services: what lasts over many faults
    trial: Callable  # of a world and a name: what runs during one
    finish: Callable  # of a trial and its fault: all checks


def one(world, fault, lists):
    with lists.trial(world, fault.__name__) as trial:
        try:
            fault(world, trial)
        finally:
            world.recover()
        trial.goes_on()
        trial.recovers()
        lists.finish(trial, fault)
        return trial.story()


def run(world, fault, lists, totals):
    """False after a failure: this world's past would fail what follows, too."""
    begun = time.monotonic()
    sound = False
    try:
        story = one(world, fault, lists)
        totals.passed += 1
        sound = True
    except Exception as error:  # a fault may end in any way
        traceback.print_exc()
        print(world.log(), file=sys.stderr)
        story = f"FAILED: {' '.join(str(error).split())[:300]}"
        totals.failures.append(f"{fault.__name__}: {story}")
    print(f"{fault.__name__}: {story} ({time.monotonic() - begun:.1f} s)", flush=True)
    return sound


def run_lists(options, lists, totals):
    for names, listed in lists.faults.items():
        chosen = [fault for fault in listed if (not options.short or fault in lists.short)
                  and fault.__name__ in (options.only or [fault.__name__])]
        left = chosen * options.rounds
        while left:
            with OwnServices(*names) as services, lists.world(services) as world:
                while left and run(world, left.pop(0), lists, totals):
                    pass


def main(lists):
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--results")
    parser.add_argument("--short", action="store_true", help="a few of the list, in minutes")
    parser.add_argument("--only", action="append", metavar="FAULT",
                        help="the one of this name; may be given again")
    parser.add_argument("--rounds", type=int, default=1, help="how often (default 1)")
    options = parser.parse_args()
    Programs.build = pathlib.Path(options.build)
    totals = results.Totals()
    try:
        run_lists(options, lists, totals)
    except Exception as error:  # a bring-up, or the end of a world
        traceback.print_exc()
        totals.failures.append(f"chaos: {' '.join(str(error).split())[:300]}")
    if not totals.passed and not totals.failures:
        totals.failures.append(f"there is no fault {' '.join(options.only)}")
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0
