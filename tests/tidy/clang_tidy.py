#!/usr/bin/python3
"""clang-tidy over every source, and every header compiled alone. Called by ./dev tidy.

clang_tidy.py --build DIR [--jobs N] [FILE…]   DIR has a compile_commands.json
"""

import argparse
import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


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
    return name, done.returncode, done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("files", nargs="*", help="only these; all of the tree where none is named")
    options = parser.parse_args()
    commands = read_commands((ROOT / options.build).resolve())
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.h"], cwd=ROOT,
                             check=True, capture_output=True, text=True).stdout.split()
    headers = [path for path in tracked if not options.files or path in options.files]
    sources = [path for path in commands if not options.files or path in options.files]
    jobs = list(header_commands(commands, headers))
    jobs += [(path, ["clang-tidy-14", "--quiet", "-p", options.build, path]) for path in sources]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for number, (name, code, output) in enumerate(pool.map(run, jobs), 1):
            print(f"[{number}/{len(jobs)}] {name}", file=sys.stderr)
            if code != 0:
                failed += 1
                print(output)
    print(f"{len(jobs) - failed} clean, {failed} with offences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
