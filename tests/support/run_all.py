#!/usr/bin/python3
"""Builds and runs every test, then says `N passed, N failed, N skipped`. Called by ./dev test.

Steps, each of which can be had alone with --only:
  release     everything that ctest knows: unit, contract, script, integration, simulation, tidy
  asan-short  those unit tests that read bytes from outside or keep the promises, under
              AddressSanitizer and UBSan
  fuzz        every fuzz target on its corpus and beyond, for some seconds
  asan        all unit and script tests under AddressSanitizer and UBSan; only when asked for
  tsan        the same under ThreadSanitizer; only when asked for
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

import results

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS_OF_A_FULL_RUN = ["release", "asan-short", "fuzz"]
SANITIZED_LABELS = "^(unit|script)$"
# Who reads bytes from outside, and who keeps the promises; ./dev asan takes all.
ASAN_SHORT = ["base_test", "base_net_test", "channels_codec_test", "channels_aead_test",
              "channels_push_test", "http_protocol_test", "middle_test", "middle_route_test",
              "xmpp_protocol_test", "xmpp_sasl_test", "xmpp_session_test", "xmpp_im_test",
              "xmpp_script_test", "xmpp_server_test"]


def say(text):
    print(f"\033[1m== {text}\033[0m", file=sys.stderr, flush=True)


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, check=False, **options).returncode


def configure(preset):
    folder = ROOT / "build" / preset
    folder.mkdir(parents=True, exist_ok=True)
    say(f"configure ({preset})")
    with open(folder / "configure.log", "wb") as log:
        code = run(["cmake", "--preset", preset], stdout=log, stderr=subprocess.STDOUT)
    if code != 0:
        sys.stderr.write((folder / "configure.log").read_text(errors="replace"))
    return code == 0


def build(preset, jobs, targets=()):
    if not configure(preset):
        return False
    say(f"build ({preset})")
    command = ["cmake", "--build", f"build/{preset}", "--parallel", str(jobs)]
    if targets:
        command += ["--target", *targets]
    return run(command) == 0


def ctest(preset, jobs, *chosen):
    folder = ROOT / "build" / preset
    shutil.rmtree(folder / "test-results", ignore_errors=True)
    (folder / "test-results").mkdir(parents=True)
    junit = folder / "test-results" / "ctest.xml"
    command = ["ctest", "--test-dir", str(folder), "--parallel", str(jobs), "--output-on-failure",
               "--output-junit", str(junit), "--no-tests=error"]
    command += chosen
    say(f"ctest ({preset})")
    run(command, env=test_environment())
    totals = results.Totals()
    if not junit.exists():
        totals.failures.append("ctest wrote no report")
        return totals
    totals.add(results.read_ctest(junit, folder / "test-results"))
    return totals


def test_environment():
    environment = dict(os.environ)
    environment["ASAN_OPTIONS"] = "detect_stack_use_after_return=1:abort_on_error=0"
    environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    suppressions = ROOT / "tests/support/tsan.supp"
    environment["TSAN_OPTIONS"] = f"halt_on_error=0:exitcode=66:suppressions={suppressions}"
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return environment


def failed(reason):
    totals = results.Totals()
    totals.failures.append(reason)
    return totals


def release_step(options):
    if not build("release", options.jobs):
        return failed("the build failed")
    return ctest("release", options.jobs)


def sanitized_step(preset):
    def step(options):
        if not build(preset, options.jobs, ["longwire_sanitized_tests"]):
            return failed("the build failed")
        return ctest(preset, options.jobs, "-L", SANITIZED_LABELS)

    return step


def asan_short_step(options):
    if not build("fuzz", options.jobs, ASAN_SHORT):
        return failed("the build failed")
    return ctest("fuzz", options.jobs, "-R", f"^({'|'.join(ASAN_SHORT)})$")


def fuzz_step(options):
    if not build("fuzz", options.jobs, ["longwire_fuzz_targets"]):
        return failed("the build failed")
    totals = results.Totals()
    for target in sorted((ROOT / "build/fuzz").rglob("fuzz_*")):
        if target.is_file() and os.access(target, os.X_OK):
            totals.add(fuzz_one(target, options.seconds), f"{target.name}: ")
    if totals.passed + len(totals.failures) == 0:
        totals.failures.append("there is no fuzz target")
    return totals


def fuzz_one(target, seconds):
    """Runs on a copy of the corpus, so that what it finds does not litter the checkout."""
    say(f"fuzz {target.name} ({seconds} s)")
    work = ROOT / "build/fuzz/corpus" / target.name
    work.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "tests/fuzz/corpus" / target.name.removeprefix("fuzz_")
    finds = ROOT / "build/fuzz/finds" / target.name
    finds.mkdir(parents=True, exist_ok=True)
    command = [str(target), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
               "-print_final_stats=0", "-verbosity=0", f"-artifact_prefix={finds}/", str(work)]
    if seeds.is_dir():
        command.append(str(seeds))
    totals = results.Totals()
    output = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True,
                            errors="replace", env=test_environment())
    if output.returncode == 0:
        totals.passed = 1
    else:
        sys.stderr.write(output.stderr[-4000:])
        totals.failures.append(f"found something; see {finds.relative_to(ROOT)}")
    return totals


STEPS = {
    "release": release_step,
    # In the tree of the fuzz targets: the same sanitizers, and the libraries are compiled once.
    "asan": sanitized_step("fuzz"),
    "asan-short": asan_short_step,
    "tsan": sanitized_step("tsan"),
    "fuzz": fuzz_step,
}


def main():
    parser = argparse.ArgumentParser(description="Builds and runs every test.")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--only", choices=sorted(STEPS), action="append")
    parser.add_argument("--seconds", type=int, default=10, help="for each fuzz target")
    options = parser.parse_args()
    totals = results.Totals()
    for name in options.only or STEPS_OF_A_FULL_RUN:
        started = time.monotonic()
        step_totals = STEPS[name](options)
        say(f"{name}: {step_totals.line()} in {time.monotonic() - started:.0f} s")
        totals.add(step_totals, f"{name}: ")
    for name, count in sorted(totals.contracts.items()):
        print(f"contract {name}: {count} passed")
    for name in totals.failures:
        print(f"FAILED  {name}")
    for name in totals.skips:
        print(f"skipped {name}")
    print(totals.line(), flush=True)
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
