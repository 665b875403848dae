#!/usr/bin/python3
"""A seed runs the same again, whatever addresses a process gets."""

import subprocess
import sys

SEEDS = 60


def events_of_seeds(program):
    """A line a seed."""
    return subprocess.run([program, "--seeds", str(SEEDS), "--verbose"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.splitlines()


def main():
    first, second = events_of_seeds(sys.argv[1]), events_of_seeds(sys.argv[1])
    assert len(first) > SEEDS, first
    differing = [f"{one}\n  once, and again\n{other}"
                 for one, other in zip(first, second) if one != other]
    sys.exit("\n".join(differing) or 0)


if __name__ == "__main__":
    main()
