"""Programs that serve a channel of Longwire from outside, for channel_handlers_test.py.

OrderStatus is the example of examples/order_status as a process, on Thrift's own server and
generated code. Liar is a socket on which a test says, byte by byte, what it likes.
"""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

import compact
from harness import ROOT, Skip, wait_until

EXAMPLE = ROOT / "examples/order_status"
SECONDS = 20
CALL, REPLY, EXCEPTION, ONEWAY = 1, 2, 3, 4

_generated = None


def generated():
    """The folder of Thrift's Python code, made once."""
    global _generated
    if _generated is None:
        if subprocess.run(["/usr/bin/python3", "-c", "import thrift"], check=False,
                          capture_output=True).returncode != 0:
            raise Skip("python3-thrift is not installed")
        _generated = tempfile.TemporaryDirectory(prefix="longwire-test-thrift-")
        for idl in (ROOT / "channels/idl/channel_handler.thrift", EXAMPLE / "order_status.thrift"):
            subprocess.run(["thrift", "--gen", "py", "-out", _generated.name, str(idl)], check=True)
        sys.path.insert(0, _generated.name)
    return _generated.name


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(script, *arguments, **options):
    """A Python program with Thrift's code at hand."""
    return subprocess.Popen(
        ["/usr/bin/python3", str(script), *arguments], text=True,
        env={**os.environ, "PYTHONPATH": generated(), "PYTHONDONTWRITEBYTECODE": "1"}, **options)


class UpperHandler:
    """upper_handler.py on one of Thrift's servers."""

    def __init__(self, kind):
        self.kind, self.port = kind, free_port()

    def __enter__(self):
        self.process = program(ROOT / "tests/integration/upper_handler.py", self.kind,
                               str(self.port), stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, kind, error, trace):
        self.process.kill()
        self.process.wait()


class OrderStatus:
    """The example's process; may be stopped, killed and started again on the same port."""

    def __init__(self, **orders):
        self.port = free_port()
        self.orders = [f"{order}={state}" for order, state in orders.items()]
        self.said = []
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            print(f"--- handler said {self.said[-10:]}", file=sys.stderr)
        if self.process is not None:
            self.kill()

    def start(self):
        self.said = []
        self.process = program(EXAMPLE / "handler.py", "--port", str(self.port), *self.orders,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process):
        for line in process.stdout:
            self.said.append(line.strip())

    def wait_said(self, start):
        wait_until(lambda: any(line.startswith(start) for line in list(self.said)), SECONDS,
                   f"the handler's line {start!r}, only {self.said}")

    def change(self, order, state):
        self.process.stdin.write(f"{order} {state}\n")
        self.process.stdin.flush()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process = None


def message(name, kind, identifier, body):
    """A Thrift message of the compact protocol with its length before it."""
    name = name.encode()
    data = (bytes([0x82, kind << 5 | 1]) + compact.varint(identifier) + compact.varint(len(name))
            + name + compact.encode(body))
    return struct.pack(">I", len(data)) + data


def read_message(connection):
    """(name, kind, id, body) of the next message; None at the end."""
    data = exactly(connection, 4)
    if data is None:
        return None
    data = exactly(connection, struct.unpack(">I", data)[0])
    if data is None:
        return None
    reader = compact.Reader(data)
    assert reader.byte() == 0x82
    kind = reader.byte() >> 5
    identifier = reader.varint()
    name = reader.binary().decode()
    return name, kind, identifier, reader.struct()


def exactly(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return data


class Liar:
    """Serves connections, each by `behave(connection)` in a thread of its own."""

    def __init__(self, behave):
        self.behave = behave
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(SECONDS)
            self.behave(connection)


def welcome_back(connection):
    """The welcome, answered."""
    name, kind, identifier, body = read_message(connection)
    assert (name, kind) == ("welcome", CALL)
    connection.sendall(message("welcome", REPLY, identifier, {}))
    return body[1]


def next_request(connection):
    """(id, payload) of the next call of handle; tellings are passed over. None at the end."""
    while (heard := read_message(connection)) is not None:
        if heard[0] == "handle":
            return heard[2], heard[3][1][2]
    return None


def reply(identifier, payload):
    return message("handle", REPLY, identifier, {0: {1: payload}})


def echo(connection):
    """Serves truthfully: answers each request with its payload."""
    welcome_back(connection)
    while (request := next_request(connection)) is not None:
        connection.sendall(reply(*request))
