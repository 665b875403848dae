"""What all local servers share: an instance directory, its ports, its processes, waiting.

An instance is a directory that holds everything of a set of servers, so that any number of them
live side by side. Only processes whose pid file lies in it, and whose start time is the one
written there, are ever signalled.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib
import random
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time

HOST = "127.0.0.1"
# Below the range the kernel gives to outgoing connections, so that none of those takes a port
# of a server that is down for a moment.
PORTS = range(20000, 32000)
LOG_TAIL_LINES = 60
START_SECONDS_MAX = 120
PORT_SECONDS_MAX = 5
STOP_SECONDS_MAX = 60
POLL_SECONDS = 0.05


class Failure(Exception):
    """Something the caller has to mend; the text says what and how."""


def tell(text):
    print(f"services: {text}", flush=True)


def cache_directory():
    """Where downloads stay, for every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "longwire"


def find_program(*names):
    for name in names:
        found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
        if found:
            return found
    raise Failure(f"there is no {names[0]} on this machine: `./dev services up` installs it")


def run(arguments, what, **options):
    """Runs a program to its end; its output where it fails."""
    done = subprocess.run([str(part) for part in arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, **options)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-LOG_TAIL_LINES:])
        raise Failure(f"{what} failed ({done.returncode}):\n{tail}")
    return done.stdout


def wait_for(condition, seconds):
    """Polls; true once the condition is. A server that is not there yet is no error."""
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, EOFError):
            if condition():
                return True
        if time.monotonic() > until:
            return False
        threading.Event().wait(POLL_SECONDS)


def start_time_of(pid):
    """The kernel's start time of a living process, else None: tells a pid from its next owner."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold spaces
    return None if fields[0] in "ZX" else int(fields[19])


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Instance:
    """A directory with servers. Its marker file is what `wipe` goes by."""

    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()
        self.file = self.path / "instance.json"

    @property
    def exists(self):
        return self.file.is_file()

    def create(self):
        if self.exists:
            return
        if self.path.exists() and any(entry.name != "lock" for entry in self.path.iterdir()):
            raise Failure(f"{self.path} is no instance of services, and not empty: give another")
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write({"ports": {}})

    @contextlib.contextmanager
    def locked(self):
        """One command at a time works on an instance; others wait."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.path / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self):
        return json.loads(self.file.read_text(encoding="utf-8"))

    def _write(self, content):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        fresh.replace(self.file)

    def port(self, name):
        """The port kept under this name; a free one is chosen the first time."""
        content = self._read()
        ports = content["ports"]
        if name not in ports:
            taken = set(ports.values())
            free = (port for port in random.sample(PORTS, len(PORTS))
                    if port not in taken and port_is_free(port))
            ports[name] = next(free)
            self._write(content)
        return ports[name]

    def known_port(self, name):
        return self._read()["ports"].get(name)

    def set_port(self, name, port):
        content = self._read()
        content["ports"][name] = port
        self._write(content)

    def secret(self, name):
        """A file with a random password, made the first time."""
        path = self.path / f"{name}.password"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_hex(16))
        return path


@dataclasses.dataclass
class Server:
    """One process of a service: DIRECTORY/NAME.pid, its log beside it."""

    directory: pathlib.Path
    name: str
    logs: tuple = ()  # further logs the program writes itself
    stop_seconds_max: float = STOP_SECONDS_MAX

    @property
    def pid_file(self):
        return self.directory / f"{self.name}.pid"

    @property
    def output(self):
        return self.directory / f"{self.name}.log"

    def pid(self):
        """The pid of the process while it runs, else None."""
        try:
            pid, started = map(int, self.pid_file.read_text(encoding="utf-8").split())
        except (OSError, ValueError):
            return None
        return pid if start_time_of(pid) == started else None

    def start(self, arguments, ports, ready, executable=None, env=None):
        """Starts the program and returns when it serves. Nothing is done where it runs."""
        self.begin(arguments, ports, executable, env)
        self.wait_serving(ready)

    def begin(self, arguments, ports, executable=None, env=None):
        """Starts the program, and does not wait for it. Nothing is done where it runs."""
        if self.pid() is not None:
            return
        for port in ports:
            # Threads of one that was killed may outlive it for a moment, with its ports.
            if not wait_for(lambda port=port: port_is_free(port), PORT_SECONDS_MAX):
                raise Failure(f"{self.name}: port {port} of {HOST} is taken by another program;"
                              f" end that one, or choose: --port NAME=PORT")
        self._spawn(arguments, executable, env)

    def wait_serving(self, ready):
        if not wait_for(lambda: self.pid() is None or ready(), START_SECONDS_MAX):
            raise Failure(self._story(f"does not serve after {START_SECONDS_MAX} s"))
        if self.pid() is None:
            raise Failure(self._story("ended while starting"))

    def _spawn(self, arguments, executable, env):
        if self.output.exists():
            self.output.replace(self.output.with_suffix(".log.old"))
        with open(self.output, "wb") as output:
            # It outlives us: no terminal, no session, no open file of ours.
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                [str(part) for part in arguments], executable=executable, cwd=self.directory,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, env=env)
        self.pid_file.write_text(f"{process.pid} {start_time_of(process.pid) or 0}\n",
                                 encoding="utf-8")
        process.returncode = 0  # not ours to wait for: silences the warning at our end

    def _story(self, what):
        lines = [f"{self.name} {what}."]
        for log in (self.output, *self.logs):
            with contextlib.suppress(OSError):
                text = log.read_text(encoding="utf-8", errors="replace")
                lines += [f"--- the end of {log}:", *text.splitlines()[-LOG_TAIL_LINES:]]
        lines.append("What to do: read the log; `./dev services down`, then `up` again; when its"
                     " data is beyond help, `./dev services wipe` between the two.")
        return "\n".join(lines)

    def stop(self):
        """SIGTERM, and SIGKILL to one that does not end in time."""
        for number, seconds in ((signal.SIGTERM, self.stop_seconds_max), (signal.SIGKILL, 10)):
            pid = self.pid()
            if pid is None:
                break
            os.kill(pid, number)
            if number == signal.SIGTERM:
                os.kill(pid, signal.SIGCONT)  # a process a test has halted must hear it
            if not wait_for(lambda: self.pid() is None, seconds):
                tell(f"{self.name} (pid {pid}) does not end in {seconds} s")
        if self.pid() is not None:
            raise Failure(f"{self.name} cannot be ended")
        self.pid_file.unlink(missing_ok=True)


class Service:
    """A kind of server. A subclass names its servers and knows how to start and ask them."""

    name = ""
    servers_needed = ()  # names of its processes, in the order of starting
    only = None  # the one to start, where not all are to be

    def __init__(self, instance):
        self.instance = instance
        self.directory = instance.path / self.name

    def server(self, name):
        return Server(self.directory, name)

    def servers(self):
        return [self.server(name) for name in self.servers_needed]

    def up(self):
        """Starts what does not run; returns when a real query is answered."""
        raise NotImplementedError

    def address(self):
        """What a client needs to know, for status --json."""
        raise NotImplementedError

    def down(self):
        for server in reversed(self.servers()):
            server.stop()

    def running(self):
        return [server for server in self.servers() if server.pid() is not None]

    def status(self):
        """As in status --json: see README.md."""
        processes = [{"name": server.name, "pid": server.pid(), "log": str(server.output)}
                     for server in self.servers()]
        alive = [process for process in processes if process["pid"] is not None]
        state = "up" if len(alive) == len(processes) else "partly" if alive else "down"
        return {"state": state, "address": self.address(), "processes": processes}

    def wipe(self):
        shutil.rmtree(self.directory, ignore_errors=True)
