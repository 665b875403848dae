#!/usr/bin/python3
"""HAProxy, as deploy/haproxy.cfg has it, between clients and the server: who the clients are."""

import contextlib
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile

from harness import Server, Skip, run_tests, wait_until
from own_services import ROOT  # which puts deploy/local on the path, for:
import haproxy

SECONDS = 20
LISTENERS = ("xmpp", "xmpps", "https")
PROXY = "127.0.0.1"  # from where HAProxy connects
PER_ADDRESS = 2
SETTINGS = [f"xmpp.proxy_networks={PROXY}/32", f"http.proxy_networks={PROXY}",
            "xmpp.login_timeout=2s", "http.handshake_timeout=2s"]


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class HaProxy:
    """The sample configuration on free ports, in front of a server."""

    def __init__(self, server):
        if shutil.which("haproxy", path="/usr/sbin:/usr/bin") is None:
            raise Skip("haproxy is not installed")
        self.ports = {name: free_port() for name in LISTENERS}
        self.file = tempfile.NamedTemporaryFile("w", suffix=".cfg")
        assert haproxy.SAMPLE == ROOT / "deploy/haproxy.cfg"
        self.file.write(haproxy.configuration(
            self.ports, {"front-1": server.ports, "http-1": server.ports}))
        self.file.flush()

    def __enter__(self):
        self.process = subprocess.Popen(haproxy.command(self.file.name),
                                        stderr=subprocess.DEVNULL)
        for port in self.ports.values():
            wait_until(lambda port=port: listens(port), SECONDS, f"HAProxy on port {port}")
        return self

    def __exit__(self, kind, error, trace):
        self.process.kill()
        self.process.wait()
        self.file.close()


def listens(port):
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def connect(port, source):
    return socket.create_connection(("127.0.0.1", port), SECONDS, source_address=(source, 0))


def secured(server, port, source, said=b""):
    """A connection with TLS, or None where it was closed instead."""
    plain = connect(port, source)
    try:
        plain.sendall(said)
        return ssl.create_default_context(cafile=server.ca).wrap_socket(
            plain, server_hostname="localhost")
    except OSError:
        plain.close()
        return None


def header(client, command=0x21):
    """What a proxy says of a client at this address."""
    addresses = socket.inet_aton(client) + socket.inet_aton("127.0.0.1")
    return (b"\r\n\r\n\0\r\nQUIT\n" + bytes([command, 0x11]) + struct.pack(">H", 12) + addresses
            + struct.pack(">HH", 4711, 5223))


def heard(connection):
    """All that comes until the other end closes."""
    connection.settimeout(SECONDS)
    data = b""
    with connection, contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(4096):
            data += piece
    return data


def refusals(server, listener):
    start = f'longwire_proxy_refused_total{{listener="{listener}"}} '
    return next(int(line[len(start):]) for line in server.metrics().splitlines()
                if line.startswith(start))


def device_and_sender_come_through_it():
    with Server(SETTINGS) as server, HaProxy(server) as haproxy:
        server.ports.update(haproxy.ports)  # harness and device connect there
        app = server.create_app()
        for direct_tls in (False, True):
            with server.device(app, f"tls-{direct_tls}", alias=["bob"],
                               direct_tls=direct_tls) as device:
                device.wait_registered()
                server.send(app, "alias", {"alias": "bob"}, payload="through")
                device.wait_messages(1)
        for listener in LISTENERS:
            assert refusals(server, listener) == 0, listener


def each_client_has_its_own_share_of_connections():
    limits = [f"xmpp.address_connections_max={PER_ADDRESS}",
              f"http.connections_per_address_max={PER_ADDRESS}"]
    with Server([*SETTINGS, *limits]) as server, HaProxy(server) as haproxy:
        for listener in ("xmpps", "https"):
            port = haproxy.ports[listener]
            for client in ("127.0.0.2", "127.0.0.3"):
                mine = [secured(server, port, client) for _ in range(PER_ADDRESS)]
                assert None not in mine, f"{client} at {listener}: {mine}"
                assert secured(server, port, client) is None, f"{client} has one too many"
                if client == "127.0.0.2":
                    first = mine
            for connection in first + mine:
                connection.close()


def header_of_who_is_no_proxy_is_not_taken():
    with Server(SETTINGS) as server:
        for listener in ("xmpps", "https"):
            assert secured(server, server.ports[listener], "127.0.0.9",
                           header("203.0.113.9")) is None
            # Who says no more than his own protocol is served.
            secured(server, server.ports[listener], "127.0.0.9").close()
        plain = connect(server.ports["xmpp"], "127.0.0.9")
        plain.sendall(header("203.0.113.9") + b"<?xml version='1.0'?>")
        assert b"stream:error" in heard(plain)
        for listener in LISTENERS:
            assert refusals(server, listener) == 0, listener


def proxy_without_a_header_is_refused():
    with Server(SETTINGS) as server:
        plain = connect(server.ports["xmpp"], PROXY)
        plain.sendall(b"<stream:stream xmlns='jabber:client' to='localhost'>")
        assert heard(plain) == b""
        for listener in ("xmpps", "https"):
            assert secured(server, server.ports[listener], PROXY) is None
            with connect(server.ports[listener], PROXY) as version_1:
                version_1.sendall(b"PROXY TCP4 203.0.113.9 127.0.0.1 4711 5223\r\n")
                assert heard(version_1) == b""
        assert [refusals(server, listener) for listener in LISTENERS] == [1, 2, 2]
        # With one it is served, for a client and for itself.
        for command in (0x21, 0x20):
            secured(server, server.ports["https"], PROXY, header("203.0.113.9", command)).close()


def proxy_that_says_nothing_is_closed_in_time():
    with Server(SETTINGS) as server:
        waiting = [connect(port, PROXY) for port in
                   (server.ports[listener] for listener in LISTENERS)]
        waiting[0].sendall(header("203.0.113.9")[:20])
        for connection in waiting:
            assert heard(connection) == b""
        assert [refusals(server, listener) for listener in LISTENERS] == [1, 1, 1]


if __name__ == "__main__":
    run_tests([device_and_sender_come_through_it, each_client_has_its_own_share_of_connections,
               header_of_who_is_no_proxy_is_not_taken, proxy_without_a_header_is_refused,
               proxy_that_says_nothing_is_closed_in_time])
