#!/usr/bin/python3
"""Many processes on this machine, as on many: `./dev cluster`; see README.md.

cluster.py up|down|status [--directory DIR] [--build DIR] [--port NAME=PORT]
"""

import argparse
import contextlib
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import threading

import cluster_parts
import common
import haproxy

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = pathlib.Path(__file__).with_name("services.py")
STORAGE = ("hbase", "zookeeper", "mariadb", "redis")
RESTART_SECONDS = 1  # as deploy/systemd has it


def say(text):
    print(f"cluster: {text}", flush=True)


class Running:
    """The file that says which process runs the cluster of a directory; locked while it does."""

    def __init__(self, directory):
        self.path = directory / "running"

    @contextlib.contextmanager
    def held(self):
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.path, "a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise common.Failure(f"it is running, process {self.pid()}: `./dev cluster status`"
                                     " shows it, `./dev cluster down` stops it") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def pid(self):
        """None: nobody runs it."""
        with contextlib.suppress(OSError), open(self.path, encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0)
        return None


class Cluster:
    """All processes of one directory, in the order of starting."""

    def __init__(self, directory, build):
        self.directory = directory
        self.build = build
        self.instance = common.Instance(directory / "services")
        self.parts = []
        self.stopping = threading.Event()

    def services(self, *arguments, **options):
        return common.run([sys.executable, SERVICES, *arguments, "--instance",
                           self.instance.path], f"services {arguments[0]}", **options)

    def choose_ports(self, given):
        self.instance.create()
        for name, port in (cluster_parts.PUBLIC | given).items():
            if port:
                self.instance.set_port(f"public-{name}", port)

    def listen(self):
        """Where clients come to."""
        return {name: self.instance.port(f"public-{name}") for name in cluster_parts.PUBLIC}

    def up(self):
        for name in ("haproxy", *reversed(cluster_parts.NAMES)):
            common.Server(self.directory, name).stop()  # left over where we were killed
        say(f"starts {', '.join(STORAGE)}: some 30 s")
        self.services("up", *STORAGE)
        settings = self.services("settings", *STORAGE)
        self.parts = cluster_parts.make(self.directory, self.build, self.instance, settings)
        for group in cluster_parts.groups(self.parts):
            say(f"starts {', '.join(part.name for part in group)}")
            self._start(group)
        proxy = self._proxy()
        self.parts.append(proxy)
        proxy.begin()
        proxy.server.wait_serving(proxy.ready)

    def _start(self, group):
        for part in group:
            part.begin()
        for part in group:
            part.server.wait_serving(lambda part=part: self.stopping.is_set() or part.ready())
        if self.stopping.is_set():
            raise common.Failure("interrupted")

    def _proxy(self):
        listen = self.listen()
        file = self.directory / "haproxy.cfg"
        servers = {part.name: part.ports for part in self.parts}
        file.write_text(haproxy.configuration(listen, servers), encoding="utf-8")
        return cluster_parts.Part("haproxy", self.directory, haproxy.command(file), listen,
                                  lambda: not any(map(common.port_is_free, listen.values())))

    def supervise(self):
        """What ends is started again, until we are stopped."""
        while not self.stopping.wait(RESTART_SECONDS):
            reap()
            for part in self.parts:
                if part.server.pid() is None:
                    say(f"{part.name} has ended: it is started again; its log: "
                        f"{part.server.output.with_suffix('.log.old')}")
                    self._begin_again(part)

    def _begin_again(self, part):
        try:
            part.begin()
        except common.Failure as failure:
            say(failure)  # and again, soon

    def stop(self):
        """From the outside in; each group at once."""
        for group in reversed([*cluster_parts.groups(self.parts), self.parts[-1:]]):
            threads = [threading.Thread(target=part.server.stop) for part in group]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.services("down")


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def up(options):
    cluster = Cluster(options.directory, options.build)
    with Running(options.directory).held():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: cluster.stopping.set())
        cluster.choose_ports(options.ports)
        try:
            cluster.up()
            print(cluster_parts.banner(options.directory, options.build, cluster.listen()),
                  flush=True)
            cluster.supervise()
        finally:
            say("stops")
            cluster.stop()


def down(options):
    running = Running(options.directory)
    pid = running.pid()
    if not pid:
        say("it does not run")
        return
    os.kill(pid, signal.SIGTERM)
    if not common.wait_for(lambda: running.pid() is None, 180):
        raise common.Failure(f"process {pid} does not end")


def status(options):
    """Asked of the first process that answers."""
    program = cluster_parts.program(options.build, "longwire")
    for name in cluster_parts.NAMES:
        data = options.directory / name
        asked = [program, "status", "--data", data, *options.arguments]
        if subprocess.run([program, "status", "--data", data], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0:
            sys.exit(subprocess.run(asked, check=False).returncode)
    raise common.Failure(f"no process of {options.directory} answers: `./dev cluster` starts them")


def parse():
    parser = argparse.ArgumentParser(prog="./dev cluster")
    parser.add_argument("command", nargs="?", default="up", choices=("up", "down", "status"))
    parser.add_argument("--directory", type=pathlib.Path, default=ROOT / "var/tiers",
                        help="where all of it lives (default: var/tiers)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--port", action="append", default=[], metavar="NAME=PORT",
                        help="where clients come to: xmpp, xmpps or https; 0: a free one")
    options, options.arguments = parser.parse_known_args()
    if options.arguments and options.command != "status":
        parser.error(f"there is no {options.arguments[0]}")
    options.directory, options.build = options.directory.resolve(), options.build.resolve()
    options.ports = {}
    for given in options.port:
        name, _, number = given.partition("=")
        if name not in cluster_parts.PUBLIC or not number.isdigit():
            parser.error(f"--port {given}: give xmpp=PORT, xmpps=PORT or https=PORT")
        options.ports[name] = int(number)
    return options


def main():
    options = parse()
    try:
        globals()[options.command](options)
    except common.Failure as failure:
        print(f"cluster: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
