"""Remembers which of clang_tidy.py's jobs were clean, so that only what changed is run again.

A stamp is a file that holds a hash of all that the answer depends on: the command, the tool's
version, each .clang-tidy above the file, and the text of the file and of all files of this tree and
its build that it includes, directly or not. The system's headers are not looked at: who upgrades a
library removes the folder of stamps.
"""

import hashlib
import pathlib
import re

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.MULTILINE)


class Stamps:
    def __init__(self, root, folder, version):
        self._root = root
        self._folder = folder
        self._version = version
        self._files = {}  # path -> (hash of its text, what it names in #include)
        self._keys = {}  # job -> its key

    def is_clean(self, name, command):
        """Whether the job was clean when it last ran, and would be so now."""
        path = self._root / name
        above = [folder / ".clang-tidy" for folder in path.parents]
        key = hashlib.sha256(("\0".join(command) + self._version).encode())
        for part in [file for file in above if file.is_file()] + self._closure(path, command):
            key.update(self._read(part)[0])
        self._keys[name] = key.hexdigest()
        stamp = self._stamp(name)
        return stamp.is_file() and stamp.read_text(encoding="ascii") == self._keys[name]

    def keep(self, name):
        stamp = self._stamp(name)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(self._keys[name], encoding="ascii")

    def _stamp(self, name):
        return self._folder / (name + ".clean")

    def _read(self, path):
        if path not in self._files:
            text = path.read_bytes()
            names = [name.decode() for name in INCLUDE.findall(text)]
            self._files[path] = (hashlib.sha256(text).digest(), names)
        return self._files[path]

    def _closure(self, path, command):
        """The file and all of ours that it includes, in the order found."""
        folders = [pathlib.Path(flag.removeprefix("-I")) for flag in command
                   if flag.removeprefix("-I").startswith(str(self._root))]
        found = [path]
        for file in found:  # grows while it is walked
            for name in self._read(file)[1]:
                places = [folder / name for folder in (file.parent, *folders)]
                found += [place for place in places if place.is_file() and place not in found][:1]
        return found
