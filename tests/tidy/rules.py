"""The house rules that a machine can hold. A rule takes the tree and yields offences as text.

Each is shown a file that breaks it in tidy_test.py.
"""

import pathlib
import re

from source import CPP

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

# Who may include whom: the first matching prefix of the including file decides. "." is the rest of
# the tree. Arrows of docs/ARCHITECTURE.md; `base/` here means base without base/net.
ARROWS = (
    ("base/net/", ("base/", "base/net/")),
    ("base/", ("base/",)),
    ("middle/model/", ("base/", "middle/model/")),
    ("middle/ports/", ("base/", "middle/model/", "middle/ports/")),
    ("middle/", ("base/", "middle/")),
    ("channels/idl/", ("base/", "channels/idl/")),
    ("channels/codec/", ("base/", "channels/idl/", "channels/codec/", "channels/aead/")),
    ("channels/aead/", ("base/", "channels/idl/", "channels/codec/", "channels/aead/")),
    ("channels/", ("base/", "middle/", "channels/")),
    ("xmpp/protocol/", ("base/", "xmpp/protocol/")),
    ("xmpp/sasl/", ("base/", "middle/model/", "xmpp/protocol/", "xmpp/sasl/")),
    ("xmpp/", ("base/", "base/net/", "middle/", "channels/", "xmpp/")),
    ("http_front/", ("base/", "base/net/", "middle/", "channels/", "http_front/")),
    ("storage/redis/", ("base/", "base/net/", "middle/model/", "middle/ports/", "storage/")),
    ("storage/", ("base/", "middle/model/", "middle/ports/", "storage/")),
    ("sdk/", ("base/", "base/net/", "channels/idl/", "channels/codec/", "channels/aead/", "sdk/")),
)
FOLDERS = ("base", "middle", "channels", "xmpp", "http_front", "storage", "sdk", "daemon", "tests")
LIBRARIES = ("base/", "middle/", "channels/", "xmpp/", "http_front/", "storage/")

# (what, where it is banned, where it is allowed after all, what to use)
BANNED = (
    (r"\bsleep_for\b|\bsleep_until\b|\b(?:u|nano)?sleep\s*\(", ("",), ("tests/bench/", "tests/chaos/"),
     "a simulated clock, or a condition"),
    (r"\bstd::w?regex\b|#\s*include\s*<regex>", ("",), (), "a small parser by hand"),
    (r"(?<![\w:])(?:std::)?f?printf\s*\(|\bstd::(?:cout|cerr|clog)\b|\bputs\s*\(", LIBRARIES,
     ("base/check.h", "base/log"), "Logger (base/log.h)"),
    (r"\bsystem_clock::|\bsteady_clock::|(?<![\w.:>])(?:std::)?time\s*\(\s*(?:NULL|nullptr|0)\s*\)|\bgettimeofday\b",
     LIBRARIES + ("daemon/",), ("base/clock", "base/net/"), "Clock (base/clock.h)"),
    (r"(?<![\w.:>])(?:std::)?s?rand\s*\(|\bstd::(?:mt19937|random_device)\b",
     LIBRARIES + ("daemon/", "sdk/"), ("base/random",),
     "Random (base/random.h)"),
    (r"(?<![\w_])(?<!>\()new\s+(?!\()[A-Za-z_:]|(?<![\w_])delete\s*(?:\[\s*\])?\s+[A-Za-z_*(]|(?<![\w_])delete\s*\[\s*\]",
     ("",), (), "std::make_unique, or a container"),
    (r"\busing\s+namespace\b", ("",), ("tests/",), "a namespace alias, or the name in full"),
    (r"\bsprintf\s*\(|\bstrcpy\s*\(|\bstrcat\s*\(|\bstrtok\s*\(|\bgets\s*\(", ("",), (), "fmt::format, std::string"),
    (r"(?<![\w.:>])(?:std::)?(?:atoi|atol|atof|stoi|stol|stoul|stoull|stod)\s*\(", LIBRARIES + ("daemon/", "sdk/"), (),
     "std::from_chars: it tells failure"),
    (r"\blocaltime\s*\(|\bgmtime\s*\(|\bgethostbyname\b", ("",), (), "the _r form"),
    (r"\[=\]|\[=,", ("",), (), "captures by name"),
    (r"\bstd::thread\b|\bpthread_create\b", ("middle/", "channels/", "xmpp/", "http_front/"), (),
     "an Executor; threads are made in daemon/ and storage/"),
)


def cpp_sources(tree):
    return [source for source in tree.sources if source.suffix in CPP]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def arrows(tree):
    """Rules 10 and 11: includes between folders go one way."""
    for source in cpp_sources(tree):
        allowed = next((targets for prefix, targets in ARROWS if source.path.startswith(prefix)), None)
        if allowed is None:
            continue
        for number, include in source.includes:
            if include.split("/")[0] not in FOLDERS:
                continue
            home = _home_of(include)
            if home not in allowed and not any(home.startswith(target) and target != "base/" for target in allowed):
                yield f"{source.path}:{number}: includes {include}, which lies against the arrows"


def _home_of(include):
    if include.startswith("base/net/"):
        return "base/net/"
    return "base/" if include.startswith("base/") else str(pathlib.PurePosixPath(include).parent) + "/"


def file_sizes(tree):
    """Rule 18: a file has at most 500 lines."""
    for source in tree.sources:
        if source.suffix in CPP | {".py", ".cmake", ".sh"}:
            lines = source.text.count("\n")
            if lines > FILE_LINES_MAX:
                yield f"{source.path}: {lines} lines, at most {FILE_LINES_MAX}: split it"


def line_lengths(tree):
    """Rule 18: a line has at most 100 columns."""
    for source in tree.sources:
        if source.suffix not in CPP | {".py"} or source.path.startswith("tests/tidy/rules"):
            continue
        for number, line in enumerate(source.text.splitlines(), 1):
            if len(line) > COLUMNS_MAX:
                yield f"{source.path}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"


_TYPE_HEAD = re.compile(
    r"\s*(?:template\s*<.*>\s*)?(?:(?:public|private|protected)\s*:\s*)*"
    r"(?:namespace|class|struct|union|enum|extern|inline namespace)\b", re.S)


def function_sizes(tree):
    """Rule 18: a function has at most 70 lines. Counted by braces: a block that is no type, no
    namespace, and follows a parameter list."""
    for source in cpp_sources(tree):
        for start, end in _outermost_functions(source.code):
            lines = line_of(source.code, end) - line_of(source.code, start) + 1
            if lines > FUNCTION_LINES_MAX:
                yield (f"{source.path}:{line_of(source.code, start)}: a function of {lines} lines, "
                       f"at most {FUNCTION_LINES_MAX}")


def _outermost_functions(code):
    """(start, end) offsets of the blocks of functions that lie in no other function."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: re.sub(r"[^\n]", " ", match.group(0)),
                  code, flags=re.M)
    depth, inside, statement = 0, None, 0
    for offset, character in enumerate(code):
        if character == "{":
            head = code[statement:offset]
            if inside is None and "(" in head and not _TYPE_HEAD.match(head):
                inside = (depth, statement + len(head) - len(head.lstrip()))
            depth += 1
            statement = offset + 1
        elif character == "}":
            depth -= 1
            statement = offset + 1
            if inside is not None and depth == inside[0]:
                yield inside[1], offset
                inside = None
        elif character == ";":
            statement = offset + 1


def banned_calls(tree):
    """What is not to be called, with what to use for it."""
    for source in cpp_sources(tree):
        for pattern, where, but, instead in BANNED:
            if not source.path.startswith(tuple(where)) or (but and source.path.startswith(tuple(but))):
                continue
            # A private constructor leaves no other way.
            code = re.sub(r"_ptr<[^;()]*>\s*\w*\(\s*new\s+(?=[A-Z])", "_ptr", source.code)
            for match in re.finditer(pattern, code):
                yield (f"{source.path}:{line_of(code, match.start())}: "
                       f"{match.group(0).strip()}: use {instead}")


def pragma_once(tree):
    """Rule 17: a header begins with #pragma once."""
    for source in cpp_sources(tree):
        if source.suffix == ".h" and not source.text.startswith("#pragma once\n"):
            yield f"{source.path}: does not begin with #pragma once"


def own_header_first(tree):
    """Rule 17: thing.cc includes thing.h first."""
    for source in cpp_sources(tree):
        header = source.path[:-3] + ".h"
        if source.suffix == ".cc" and header in tree.paths:
            if not source.includes or source.includes[0][1] != header:
                yield f"{source.path}: its own header is not its first include"


def readmes(tree):
    """Rule 13: a folder that holds a library, and each top folder, has a README."""
    wanted = set()
    for path in tree.paths:
        folder = pathlib.PurePosixPath(path).parent
        if path.endswith((".cc", ".h")) and str(folder) != ".":
            wanted.add(folder.parts[0])
            if folder.parts[0] not in ("tests", "sdk"):
                wanted.add(str(folder))
    for name in sorted(wanted):
        if f"{name}/README.md" not in tree.paths:
            yield f"{name}/: has no README.md (what for, face, depends on, threads)"


def unit_tests(tree, untested=frozenset()):
    """Rule 17: each library file has a test: of its name, or one that includes its header. Parts
    that only their own folder includes are tested through its face."""
    included_by = {}
    for source in cpp_sources(tree):
        for _, include in source.includes:
            included_by.setdefault(include, set()).add(source)
    tested = {include for include, users in included_by.items()
              if any(user.path.startswith("tests/") for user in users)}
    tested_folders = {str(pathlib.PurePosixPath(include).parent) for include in tested}
    names = {source.stem.removesuffix("_test") for source in cpp_sources(tree)
             if source.path.startswith("tests/")}
    for source in cpp_sources(tree):
        if source.suffix != ".cc" or not source.path.startswith(LIBRARIES):
            continue
        header = source.path[:-3] + ".h"
        is_part = all(user.folder == source.folder for user in included_by.get(header, ()))
        if source.stem in names or header in tested or source.path in untested:
            continue
        if not (is_part and source.folder in tested_folders):
            yield f"{source.path}: no test names it, and tests/tidy/untested.txt does not say why"


def document_links(tree):
    """Every relative link of every document leads to a file."""
    folders = {str(parent) for path in tree.paths for parent in pathlib.PurePosixPath(path).parents}
    for source in tree.sources:
        if source.suffix != ".md":
            continue
        text = re.sub(r"```.*?```|`[^`\n]*`", "", source.text, flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:|#", target):
                continue
            path = pathlib.PurePosixPath(source.folder) / target.split("#")[0]
            normal = _normal(path)
            if normal not in tree.paths and normal not in folders:
                yield f"{source.path}: the link to {target} leads nowhere"


PYTHON_TESTS = ("tests/integration/", "tests/chaos/")


def named_tests(tree):
    """Each test that docs/RULES.md names exists."""
    document = tree.by_path.get("docs/RULES.md")
    if document is None:
        return
    known = set()
    for source in tree.sources:
        if source.path.startswith("tests/") and source.suffix == ".cc":
            found = re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)", source.text, re.M)
            known |= {f"{suite}.{name}" for suite, name in found}
        elif source.path.startswith(PYTHON_TESTS) and source.suffix == ".py":
            found = re.findall(r"^(?:async )?def (\w+)", source.text, re.M)
            known |= {f"{source.stem}: {name}" for name in found}
    for name in re.findall(r"`(\w+\.\w+|\w+_test: \w+)`", document.text):
        if name not in known:
            yield f"docs/RULES.md: there is no test {name}"


def _normal(path):
    parts = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def open_ends(tree):
    """Rule 40: a TODO says of what kind it is; nothing else of its sort."""
    for source in tree.sources:
        if source.suffix not in CPP | {".py", ".thrift"} or source.path.startswith("tests/tidy/"):
            continue
        for number, line in enumerate(source.text.splitlines(), 1):
            if re.search(r"\bFIXME\b|\bXXX\b|\bHACK\b", line):
                yield f"{source.path}:{number}: FIXME and its like do not stay in main"
            if "TODO" in line and not re.search(r"\bTODO\((?:perf|security|test|later)\): ", line):
                yield f"{source.path}:{number}: write TODO(perf|security|test|later): text"


def dead_files(tree):
    """A .cc is named by its folder's CMakeLists.txt, a header is included by somebody."""
    lists = {source.folder: source.text for source in tree.sources
             if source.path.endswith("CMakeLists.txt")}
    functions = "".join(source.text for source in tree.sources if source.suffix == ".cmake")
    included = {include for source in cpp_sources(tree) for _, include in source.includes}
    by_name = {pathlib.PurePosixPath(include).name for include in included}
    for source in cpp_sources(tree):
        name = pathlib.PurePosixPath(source.path).name
        if source.suffix == ".cc":
            folder, text = source.folder, functions
            while folder:
                text += lists.get(folder, "")
                folder = folder.rpartition("/")[0]
            if name not in text:
                yield f"{source.path}: no CMakeLists.txt names it"
        elif source.path not in included and name not in by_name:
            yield f"{source.path}: nobody includes it"


RULES = (arrows, file_sizes, line_lengths, function_sizes, banned_calls, pragma_once,
         own_header_first, readmes, unit_tests, document_links, named_tests, open_ends, dead_files)
