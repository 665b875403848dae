#!/usr/bin/python3
"""clang-tidy over every source, and every header compiled alone. Called by ./dev tidy.

clang_tidy.py --build DIR [--jobs N] [FILE…]   DIR has a compile_commands.json

What was clean and has not changed since is not run again (see tidy_stamps.py).
"""

import argparse
import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

from tidy_stamps import Stamps

ROOT = pathlib.Path(__file__).resolve().parents[2]
FINDING = re.compile(r"^(?=\S+:\d+:\d+: (?:error|warning): )", re.MULTILINE)


def read_commands(build):
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {}
    for entry in entries:
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(ROOT) and not path.is_relative_to(build):
            commands[str(path.relative_to(ROOT))] = shlex.split(entry["command"])
    return commands


def header_commands(commands, headers):
    """A header is compiled with the flags of a source of its folder, or of one above."""
    by_folder = {}
    for path, command in commands.items():
        by_folder.setdefault(str(pathlib.PurePosixPath(path).parent), command)
    fallback = next(iter(commands.values()))
    for header in headers:
        folder = pathlib.PurePosixPath(header).parent
        flags = next((by_folder[str(place)] for place in (folder, *folder.parents)
                      if str(place) in by_folder), fallback)
        wanted = [flag for flag in flags if flag.startswith(("-I", "-isystem", "-D", "-std", "-W"))]
        yield header, ["clang++-14", "-fsyntax-only", "-x", "c++", "-std=c++20", *wanted,
                       "-Wno-pragma-once-outside-header", *_isystem_values(flags), header]


def _isystem_values(flags):
    pairs = zip(flags, flags[1:])
    return [part for flag, value in pairs if flag == "-isystem" for part in ("-isystem", value)]


def run(job):
    name, command = job
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return name, done.returncode, done.stdout, done.stderr


def print_new(output, errors, seen):
    """What a header does wrong is said by all who include it, and printed once."""
    # clang-tidy's are on stdout, with a count on stderr; the compiler's are on stderr.
    findings = [part for part in FINDING.split(output or errors) if FINDING.match(part)]
    if not findings:
        print(output + errors)
    for finding in findings:
        headline = finding.partition("\n")[0]
        if headline not in seen:
            print(finding, end="")
        seen.add(headline)
    sys.stdout.flush()


def run_all(jobs, threads, stamps):
    """How many of the jobs found offences."""
    seen, failed = set(), 0
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for number, (name, code, output, errors) in enumerate(pool.map(run, jobs), 1):
            print(f"[{number}/{len(jobs)}] {name}", file=sys.stderr)
            if code == 0:
                stamps.keep(name)
            else:
                failed += 1
                print_new(output, errors, seen)
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("files", nargs="*", help="only these; all of the tree where none is named")
    options = parser.parse_args()
    build = (ROOT / options.build).resolve()
    commands = read_commands(build)
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.h"], cwd=ROOT,
                             check=True, capture_output=True, text=True).stdout.split()
    headers = [path for path in tracked if not options.files or path in options.files]
    sources = [path for path in commands if not options.files or path in options.files]
    jobs = list(header_commands(commands, headers))
    jobs += [(path, ["clang-tidy-14", "--quiet", "-p", options.build, path]) for path in sources]
    version = subprocess.run(["clang-tidy-14", "--version"], check=True, capture_output=True,
                             text=True).stdout
    stamps = Stamps(ROOT, build / "tidy-stamps", version)
    changed = [(name, command) for name, command in jobs
               if not stamps.is_clean(name, command + commands.get(name, []))]
    failed = run_all(changed, options.jobs, stamps)
    print(f"{len(jobs) - failed} clean, {failed} with offences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
