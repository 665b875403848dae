#!/usr/bin/python3
"""The memory behind `./dev tidy`: clean until something changes that the answer depends on."""

import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402
from tidy_stamps import Stamps  # noqa: E402

FILES = {
    "base/x.cc": '#include "base/x.h"\n#include <vector>\n',
    "base/x.h": '#include "near.h"\n#include "made.h"\n',
    "base/near.h": "",
    "base/other.h": "",
    "build/generated/made.h": "",
    ".clang-tidy": "Checks: a",
}
# What is written after the stamp was made, and whether the job is still clean.
CHANGES = [("base/x.cc", False), ("base/x.h", False), ("base/near.h", False),
           ("build/generated/made.h", False), (".clang-tidy", False), ("base/.clang-tidy", False),
           ("base/other.h", True)]


def is_clean(root, flags=(), version="1", keep=False):
    stamps = Stamps(root, root / "stamps", version)
    command = ["c++", f"-I{root}", "-isystem", f"{root}/build/generated", *flags]
    clean = stamps.is_clean("base/x.cc", command)
    if keep:
        stamps.keep("base/x.cc")
    return clean


def with_tree(look):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        first = is_clean(root, keep=True)
        return first, look(root)


def after_change(name):
    def look(root):
        (root / name).write_text("// changed\n", encoding="utf-8")
        return is_clean(root)
    return with_tree(look)[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results")
    options = parser.parse_args()
    seen = {f"after a change of {name}": (after_change(name), clean) for name, clean in CHANGES}
    first, again = with_tree(is_clean)
    seen["what never ran"] = (first, False)
    seen["what ran and is as it was"] = (again, True)
    seen["other flags"] = (with_tree(lambda root: is_clean(root, ["-DX"]))[1], False)
    seen["another tool"] = (with_tree(lambda root: is_clean(root, version="2"))[1], False)
    totals = results.Totals()
    for name, (answer, expected) in seen.items():
        if answer == expected:
            totals.passed += 1
        else:
            totals.failures.append(f"{name}: clean is {answer}")
    for failure in totals.failures:
        print(failure)
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
