"""Real processes on free ports: a server on embedded storage, devices, senders.

    with Server() as server:
        app = server.create_app("org.example.a")
        with server.device(app, "phone", alias=["bob"]) as device:
            device.wait_registered()
            server.send(app, "alias", {"alias": "bob"}, payload="hello")
            device.wait_messages(1)

A test file is a list of functions given to run_tests(); each is one case of the results.
"""

import argparse
import http.client
import json
import os
import pathlib
import queue
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

import results  # noqa: E402

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 20

# One app and one address make all the load of a test; their rates have tests of their own.
UNLIMITED = ("limit.sends_per_second=1000000", "limit.app_feed_live_max=1000000",
             "http.devices_per_minute=100000")


class Skip(Exception):
    """What a case needs is not on this machine; the text says what."""


class Programs:
    """Where the build put them. Filled by run_tests."""

    build = None

    @classmethod
    def path(cls, name):
        for found in sorted(cls.build.rglob(name)):
            if found.is_file() and os.access(found, os.X_OK):
                return str(found)
        raise Skip(f"there is no program {name} in {cls.build}")


def wait_until(condition, seconds, what):
    """Polls; the value of the condition once it is true."""
    until = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {what}")
        threading.Event().wait(0.01)


class Server:
    """One `longwire serve` on its own data directory; may be stopped, killed, started again."""

    def __init__(self, settings=(), data=None):
        self._own = data is None
        self.data = pathlib.Path(data or tempfile.mkdtemp(prefix="longwire-test-"))
        self.settings = [*UNLIMITED, *settings]
        self.program = None  # else where the build put it
        self.process = None
        self.ports = {}
        self.log = self.data.parent / (self.data.name + ".log")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        if self.process is not None:
            self.stop(check=kind is None)
        if kind is not None and self.log.exists():
            tail = self.log.read_text(errors="replace").splitlines()[-30:]
            print("--- server log\n" + "\n".join(tail), file=sys.stderr)
        if self._own:
            shutil.rmtree(self.data, ignore_errors=True)
            self.log.unlink(missing_ok=True)

    def start(self, ports=None):
        """On free ports the first time; on the same ones after that, as an operator would."""
        ports_file = self.data.parent / (self.data.name + ".ports")
        ports_file.unlink(missing_ok=True)
        listen = ports or self.ports or {}
        sets = {
            "xmpp.listen": f"127.0.0.1:{listen.get('xmpp', 0)}",
            "xmpp.listen_tls": f"127.0.0.1:{listen.get('xmpps', 0)}",
            "http.listen": f"127.0.0.1:{listen.get('https', 0)}",
            "http.admin_listen": f"127.0.0.1:{listen.get('admin', 0)}",
        }
        command = [self.program or Programs.path("longwire"), "serve", "--data", str(self.data),
                   "--ports-file", str(ports_file)]
        for key, value in sets.items():
            command += ["--set", f"{key}={value}"]
        for setting in self.settings:
            command += ["--set", setting]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

        def listening():
            if self.process.poll() is not None:
                text = self.log.read_text(errors="replace")
                raise AssertionError(f"serve ended with {self.process.returncode}:\n{text[-3000:]}")
            return ports_file.exists()

        wait_until(listening, START_SECONDS_MAX, "the ports file")
        self.ports = json.loads(ports_file.read_text())
        ports_file.unlink()

    def stop(self, check=True):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = "no end"
        self.process = None
        if check:
            assert code == 0, f"serve ended with {code}"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    @property
    def ca(self):
        return str(self.data / "tls/cert.pem")

    def command(self, *arguments, check=True, as_json=True):
        """The command line on this data directory; its JSON, or the finished process unchecked."""
        command = [Programs.path("longwire"), *arguments, "--data", str(self.data)]
        done = subprocess.run(command + (["--json"] if as_json else []), cwd=ROOT, check=False,
                              capture_output=True, text=True, timeout=60)
        if not check:
            return done
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return json.loads(done.stdout) if as_json else done.stdout

    def create_app(self, package="org.example.app"):
        return self.command("app", "create", "--package", package)

    def api(self):
        return Api(self)

    def send(self, app, target, parameters, **fields):
        """One send on a connection of its own; the answer, checked for code 0."""
        with self.api() as api:
            answer = api.send(app, target, parameters, **fields)
        assert answer["code"] == 0, answer
        return answer

    def device(self, app, name, **options):
        return Device(self, app, name, **options)

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["admin"], timeout=10)
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()

    def metric(self, name):
        """The value of a metric without labels."""
        for line in self.metrics().splitlines():
            if line.startswith(name + " "):
                return int(line.split()[1])
        raise AssertionError(f"there is no metric {name}")

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024


class Api:
    """A keep-alive HTTPS connection to the send API."""

    def __init__(self, server, timeout=10):
        context = ssl.create_default_context(cafile=server.ca)
        self.connection = http.client.HTTPSConnection("localhost", server.ports["https"],
                                                      context=context, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.connection.close()

    def post(self, path, parameters, secret):
        headers = {"Authorization": f"key={secret}",
                   "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, urllib.parse.urlencode(parameters), headers)
        response = self.connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{response.status}: {body[:300]!r}"
        return json.loads(body)

    def send(self, app, target, parameters, payload="", title="t", description="d", **fields):
        path = {"account": "/v2/message/user_account"}.get(target, f"/v3/message/{target}")
        form = {"payload": payload, "title": title, "description": description,
                "restricted_package_name": app["package"], "pass_through": "1", **parameters,
                **fields}
        return self.post(path, form, app["appSecret"])


class Device:
    """A longwire-device process; its events are read as they come."""

    def __init__(self, server, app, name, alias=(), account=(), topic=(), direct_tls=False,
                 timeout=120, port=None, ping_interval=None, reconnect_max=None):
        """`port`: of a proxy instead of the server's own."""
        port = port or server.ports["xmpps" if direct_tls else "xmpp"]
        self.state = server.data.parent / f"{server.data.name}-device-{name}"
        self.arguments = [
            "--api", f"https://localhost:{server.ports['https']}",
            "--server", f"localhost:{port}",
            "--ca", server.ca,
            "--app-id", app["appId"], "--app-key", app["appKey"], "--package", app["package"],
            "--state", str(self.state), "--timeout", str(timeout)]
        for flag, names in (("--alias", alias), ("--account", account), ("--topic", topic)):
            for one in names:
                self.arguments += [flag, one]
        if direct_tls:
            self.arguments.append("--direct-tls")
        if ping_interval:
            self.arguments += ["--ping-interval", str(ping_interval)]
        if reconnect_max:
            self.arguments += ["--reconnect-max", str(reconnect_max)]
        self.events = []  # of all runs
        self.process = None
        self._queue = queue.Queue()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        if self.process is not None:
            self.kill()
        if kind is not None:
            print(f"--- device events {self.events[-10:]}\n{self.errors[-2000:]}", file=sys.stderr)
        shutil.rmtree(self.state, ignore_errors=True)

    def start(self):
        self.run_start = len(self.events)
        self.errors = ""
        self.process = subprocess.Popen([Programs.path("longwire-device"), *self.arguments],
                                        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        threading.Thread(target=self._read_errors, args=(self.process,), daemon=True).start()

    def _read(self, process):
        for line in process.stdout:
            try:
                self._queue.put(json.loads(line))
            except ValueError:
                self._queue.put({"event": "not-json", "line": line})

    def _read_errors(self, process):
        self.errors += process.stderr.read()

    def poll(self):
        while True:
            try:
                self.events.append(self._queue.get_nowait())
            except queue.Empty:
                return self.events

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(STOP_SECONDS_MAX)
        self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def messages(self):
        return [event for event in self.poll() if event.get("event") == "message"]

    def payloads(self):
        return [message["payload"] for message in self.messages()]

    def wait_registered(self, seconds=20):
        """The registered event of this run, once its names are set too."""
        ready = self.wait_event("ready", seconds)
        assert ready["refused"] == 0, self.events
        return self.wait_event("registered", seconds)

    def wait_event(self, name, seconds=20):
        def seen():
            return next((event for event in self.poll()[self.run_start:]
                         if event.get("event") == name), None)

        return wait_until(seen, seconds, f"the device's event {name}")

    def wait_error(self, code, seconds=20):
        def seen():
            return next((event for event in self.poll()[self.run_start:]
                         if event.get("event") == "error" and event["code"] == code), None)

        return wait_until(seen, seconds, f"the device's error {code}")

    def wait_messages(self, count, seconds=20):
        wait_until(lambda: len(self.messages()) >= count, seconds,
                   f"{count} messages, only {len(self.messages())} came")
        return self.messages()


def run_tests(cases):
    """Runs functions one after the other, prints and writes what became of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--results")
    parser.add_argument("--only", help="the one case of this name")
    options = parser.parse_args()
    Programs.build = pathlib.Path(options.build)
    totals = results.Totals()
    for case in cases:
        if options.only and case.__name__ != options.only:
            continue
        started = time.monotonic()
        try:
            case()
            totals.passed += 1
            outcome = "ok"
        except Skip as skip:
            totals.skips.append(f"{case.__name__}: {skip}")
            outcome = f"skipped: {skip}"
        except Exception as error:  # a case may fail in any way
            traceback.print_exc()
            text = " ".join(str(error).split())[:300]
            totals.failures.append(f"{case.__name__}: {text}")
            outcome = "FAILED"
        print(f"{case.__name__}: {outcome} ({time.monotonic() - started:.1f} s)", flush=True)
    print(totals.line())
    if options.results:
        results.write_result_file(options.results, totals)
    sys.exit(1 if totals.failures else 0)
