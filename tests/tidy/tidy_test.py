#!/usr/bin/python3
"""The house rules held over the tree (see rules.py), and each rule shown a file that breaks it.

tidy_test.py [--results FILE]   exit 1 where something is not as it should be
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402
import rules  # noqa: E402
from source import Source, Tree, read_tree  # noqa: E402

OPENING = "#pragma once\n"

# For each rule: files that break it, and files that come close and do not.
SAMPLES = {
    "arrows": (
        [("middle/x.cc", '#include "xmpp/a.h"\n'), ("base/x.h", '#include "base/net/loop.h"\n'),
         ("middle/model/x.h", '#include "middle/service.h"\n'),
         ("storage/m/x.cc", '#include "middle/middle.h"\n'),
         ("xmpp/server/x.cc", '#include "http_front/a.h"\n'),
         ("sdk/cpp/x.cc", '#include "middle/model/ids.h"\n'),
         ("channels/aead/x.cc", '#include "middle/model/ids.h"\n'),
         ("middle/x.cc", '#include "base/net/tls.h"\n')],
        [("daemon/x.cc", '#include "xmpp/a.h"\n#include "http_front/a.h"\n'),
         ("xmpp/x.cc", '#include "middle/ports/a.h"\n#include "base/net/loop.h"\n'),
         ("sdk/cpp/x.cc", '#include "channels/aead/a.h"\n'),
         ("base/net/x.cc", '#include "base/clock.h"\n'),
         ("channels/push/x.cc", '#include "push_types.h"\n')]),
    "file_sizes": ([("base/x.cc", "\n" * 501)], [("base/x.cc", "\n" * 500)]),
    "line_lengths": ([("base/x.cc", "a" * 101 + "\n")], [("base/x.cc", "ä" * 100 + "\n")]),
    "function_sizes": (
        [("base/x.cc", "void f() {\n" + "g();\n" * 70 + "}\n"),
         ("base/x.cc", "namespace a {\nstruct B {\n void f() const noexcept {\n"
          + "g([] {\nh(); });\n" * 40 + "}\n};\n}\n")],
        [("base/x.cc", "void f() {\n" + "g();\n" * 68 + "}\n"),
         ("base/x.h", "class A {\n" + "void f() { g(); }\n" * 90 + "};\n"),
         ("base/x.h", "template <typename R>\nclass A<R()> {\n" + "void f();\n" * 90 + "};\n"),
         ("base/x.cc", "const int k[] = {\n" + "1,\n" * 90 + "};\n")]),
    "banned_calls": (
        [("tests/x.cc", "std::this_thread::sleep_for(1s);"), ("xmpp/x.cc", "std::regex r;"),
         ("middle/x.cc", 'printf("a");'),
         ("storage/x.cc", "auto t = std::chrono::system_clock::now();"),
         ("daemon/x.cc", "int r = rand();"), ("xmpp/x.cc", "auto* p = new Thing();"),
         ("xmpp/x.cc", "delete p;"), ("xmpp/x.cc", "using namespace std;"),
         ("xmpp/x.cc", "auto f = [=] { };"), ("http_front/x.cc", "int i = std::stoi(text);")],
        [("tests/x.cc", "// sleep_for is banned"), ("middle/x.cc", 'log("printf(");'),
         ("xmpp/x.cc", "A(const A&) = delete;"), ("xmpp/x.cc", "int renew = new_session();"),
         ("xmpp/x.cc", "::new (place) Thing();"),
         ("xmpp/x.cc", "return std::unique_ptr<Thing>(new Thing());"),
         ("base/clock.cc", "std::chrono::system_clock::now();")]),
    "pragma_once": ([("base/x.h", "// no\n")], [("base/x.h", OPENING)]),
    "own_header_first": (
        [("base/x.cc", '#include "base/y.h"\n#include "base/x.h"\n'), ("base/x.h", OPENING)],
        [("base/x.cc", '#include "base/x.h"\n'), ("base/x.h", OPENING)]),
    "readmes": ([("base/net/x.cc", ""), ("base/README.md", "")],
                [("base/net/x.cc", ""), ("base/README.md", ""), ("base/net/README.md", "")]),
    "unit_tests": ([("base/x.cc", ""), ("base/x.h", ""), ("xmpp/z.cc", '#include "base/x.h"\n')],
                   [("base/x.cc", ""), ("tests/unit/base/x_test.cc", ""), ("base/y.cc", ""),
                    ("tests/unit/base/z_test.cc", '#include "base/y.h"\n'),
                    ("base/part.cc", '#include "base/part.h"\n')]),
    "document_links": ([("docs/A.md", "[b](B.md)")],
                       [("docs/A.md", "[b](../B.md#x) [c](https://a.b) `[d](e)`"), ("B.md", "")]),
    "named_tests": ([("docs/RULES.md", "`A.b` `x_test: case`"), ("tests/a.cc", "TEST(A, b) {"),
                     ("tests/integration/x_test.py", "def other():\n")],
                    [("docs/RULES.md", "`A.b` `x_test: case` `y_test: killed` `a/b.h`"),
                     ("tests/chaos/y_test.py", "def killed(world):\n"),
                     ("tests/a.cc", "TEST_F(A, b) {"),
                     ("tests/integration/x_test.py", "async def case(server):\n")]),
    "open_ends": ([("base/x.cc", "// FIXME later\n"), ("base/y.cc", "// TODO: what\n")],
                  [("base/x.cc", "// TODO(perf): one copy less\n")]),
    "dead_files": ([("base/x.cc", ""), ("base/y.h", ""), ("base/CMakeLists.txt", "z.cc")],
                   [("base/x.cc", '#include "base/y.h"\n'), ("base/y.h", ""),
                    ("base/CMakeLists.txt", "x.cc")]),
}
# These need their files together; the others are shown one file at a time.
TOGETHER = {"own_header_first", "readmes", "unit_tests", "document_links", "named_tests",
            "dead_files"}


def tree_of(files):
    sources = tuple(Source(path, text) for path, text in files)
    return Tree(sources, frozenset(path for path, _ in files))


def check_samples(totals):
    """Each breaking file gives an offence, each harmless one none."""
    for rule in rules.RULES:
        breaking, harmless = SAMPLES[rule.__name__]
        together = rule.__name__ in TOGETHER
        for files in [breaking] if together else [[file] for file in breaking]:
            expect(totals, rule, files, offences=True)
        for files in [harmless] if together else [[file] for file in harmless]:
            expect(totals, rule, files, offences=False)


def expect(totals, rule, files, offences):
    found = list(rule(tree_of(files)))
    if bool(found) == offences:
        totals.passed += 1
    else:
        totals.failures.append(f"sample of {rule.__name__}: {files[0]!r} gives {found}")


def read_untested():
    """Lines "path: why"; a path that is gone is an offence of its own."""
    text = (ROOT / "tests/tidy/untested.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.split(":")[0].split("#")[0].strip() for line in lines}


def check_tree(totals):
    tree = read_tree(ROOT)
    untested = read_untested()
    for rule in rules.RULES:
        arguments = (tree, untested) if rule is rules.unit_tests else (tree,)
        offences = list(rule(*arguments))
        totals.failures += [f"{rule.__name__}: {offence}" for offence in offences]
        totals.passed += 0 if offences else 1
    gone = sorted(untested - tree.paths)
    totals.failures += [f"untested.txt: {path} does not exist" for path in gone]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--results")
    options = parser.parse_args()
    totals = results.Totals()
    check_samples(totals)
    check_tree(totals)
    for failure in totals.failures:
        print(failure)
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    return 1 if totals.failures else 0


if __name__ == "__main__":
    sys.exit(main())
