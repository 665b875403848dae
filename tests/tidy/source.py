"""A source file as the rules see it: its text, and the same with comments and strings blanked."""

import dataclasses
import functools
import pathlib
import re
import subprocess

CPP = {".h", ".cc"}

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)


def _blank(match):
    """Spaces of the same length and lines; a digit separator (1'000) never matches both quotes."""
    text = match.group(0)
    return re.sub(r"[^\n]", " ", text)


@dataclasses.dataclass(frozen=True)
class Source:
    path: str  # from the checkout's top, with /
    text: str

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def folder(self):
        return str(pathlib.PurePosixPath(self.path).parent)

    @property
    def stem(self):
        return pathlib.PurePosixPath(self.path).stem

    @functools.cached_property
    def code(self):
        """C++ without comments, strings and characters; line numbers stay."""
        without_separators = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", self.text)
        return _TOKEN.sub(_blank, without_separators)

    @functools.cached_property
    def includes(self):
        """(line, path) of each quoted include."""
        found = []
        for number, line in enumerate(self.text.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if match:
                found.append((number, match.group(1)))
        return found


@dataclasses.dataclass(frozen=True)
class Tree:
    sources: tuple  # of Source
    paths: frozenset  # every file of the checkout, those without text too

    @functools.cached_property
    def by_path(self):
        return {source.path: source for source in self.sources}


def read_tree(root):
    root = pathlib.Path(root)
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=False,
                            capture_output=True, text=True)
    if listed.returncode == 0:
        paths = [line for line in listed.stdout.splitlines() if (root / line).is_file()]
    else:
        paths = [str(path.relative_to(root)) for path in root.rglob("*")
                 if path.is_file() and path.parts[len(root.parts)] not in ("build", "var", ".git")]
    sources = []
    for path in sorted(paths):
        try:
            sources.append(Source(path, (root / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return Tree(tuple(sources), frozenset(paths))
