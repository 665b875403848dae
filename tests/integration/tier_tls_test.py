#!/usr/bin/python3
"""Front ends and a middle node that know each other by certificates; and those that do not."""

import contextlib
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

from checker import check_exactly_once
from harness import ROOT, Programs, Server, run_tests, wait_until
from senders import Sender
from tier_processes import free_address

# What a start waits for its middle, and some.
GIVES_UP_SECONDS = 60
REFUSED_SECONDS = 20


class Certificates:
    """A folder of `longwire tier-certificates`."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="longwire-tier-"))

    def __enter__(self):
        self.make("tier")
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.folder)

    def make(self, *names):
        subprocess.run([Programs.path("longwire"), "tier-certificates", str(self.folder), *names],
                       cwd=ROOT, check=True, capture_output=True)

    def settings(self, name="tier"):
        return [f"tier.tls_certificate={self.folder / name}.pem",
                f"tier.tls_key={self.folder / name}.key", f"tier.tls_ca={self.folder / 'ca.pem'}"]


def node(settings):
    return Server(["tier.roles=middle", f"tier.listen={free_address()}", *settings])


def front(middle, roles, settings):
    address = f"127.0.0.1:{middle.ports['tier']}"
    return Server([f"tier.roles={roles}", f"tier.middle={address}", *settings])


def share_accounts(xmpp, http):
    """A device makes its account by HTTPS at one process and connects to another."""
    xmpp.ports["https"] = http.ports["https"]
    certificate = xmpp.data / "tls/cert.pem"
    certificate.write_text(certificate.read_text() + (http.data / "tls/cert.pem").read_text())


def log_of(server):
    return server.log.read_text(errors="replace")


def wait_log(server, *words):
    """A line of the log with all of these."""
    def seen():
        return any(all(word in line for word in words) for line in log_of(server).splitlines())

    wait_until(seen, REFUSED_SECONDS, f"a line with {words} in the log:\n{log_of(server)[-2000:]}")


def push_goes_through_three_processes():
    """One certificate for the middle node, one of its own for each front end."""
    with Certificates() as own:
        own.make("node-1", "xmpp-1", "http-1")
        with node(own.settings("node-1")) as middle, \
                front(middle, "xmpp", own.settings("xmpp-1")) as xmpp, \
                front(middle, "http", own.settings("http-1")) as http:
            app = middle.create_app()
            share_accounts(xmpp, http)
            with xmpp.device(app, "one", alias=["bob"], topic=["news"]) as device:
                device.wait_registered()
                for number in range(20):
                    http.send(app, "alias", {"alias": "bob"}, payload=f"a:{number}")
                    http.send(app, "topic", {"topic": "news"}, payload=f"t:{number}")
                device.wait_messages(40)
                check_exactly_once(device.messages(), [f"a:{number}" for number in range(20)]
                                   + [f"t:{number}" for number in range(20)])
            wait_log(middle, "node_let_in", "xmpp-1")
            wait_log(middle, "node_let_in", "http-1")


def worker_processes_come_over_their_own_socket():
    """The socket for workers of the node itself stays plain; a front end's dial by TLS."""
    with Certificates() as own:
        with Server(["xmpp.workers=1", f"tier.listen={free_address()}", *own.settings()]) as server:
            app = server.create_app()
            with front(server, "xmpp", ["xmpp.workers=1", *own.settings()]) as far, \
                    server.device(app, "near") as near:
                share_accounts(far, server)
                near.wait_registered()
                with far.device(app, "far") as device:
                    device.wait_registered()
                    server.send(app, "all", {}, payload="all:0")
                    for one in (near, device):
                        one.wait_messages(1)
                        assert one.payloads() == ["all:0"], one.payloads()


def manual_commands():
    """The block of docs/OPERATIONS.md that makes certificates with openssl."""
    lines = (ROOT / "docs/OPERATIONS.md").read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    openssl req -x509"))
    last = next(i for i in range(first, len(lines)) if not lines[i].strip())
    return "\n".join(lines[first:last])


def certificates_of_the_manuals_commands_are_taken():
    with Certificates() as own:
        subprocess.run(["sh", "-e", "-c", manual_commands()], cwd=own.folder, check=True,
                       capture_output=True)
        with node(own.settings("node-1")) as middle, \
                front(middle, "xmpp,http", own.settings("node-1")) as both:
            both.send(both.create_app(), "all", {}, payload="a:0")
            wait_log(middle, "node_let_in", "name=node-1")


class Stranger:
    """A front end that is to be refused: its start goes on while the test looks at the logs."""

    def __init__(self, middle, settings):
        self.server = front(middle, "xmpp,http", settings)
        self.error = None
        self._thread = threading.Thread(target=self._start, daemon=True)

    def _start(self):
        try:
            self.server.start()
        except AssertionError as error:
            self.error = str(error)

    def __enter__(self):
        self._thread.start()
        wait_until(self.server.log.exists, REFUSED_SECONDS, "its log")
        return self.server

    def __exit__(self, *error):
        with contextlib.suppress(ProcessLookupError):
            self.server.process.kill()
        self._thread.join(GIVES_UP_SECONDS)
        self.server.process.wait()
        assert not self.server.ports and "node_linked" not in log_of(self.server), "it was let in"
        shutil.rmtree(self.server.data, ignore_errors=True)
        self.server.log.unlink()


def strangers_get_nothing():
    """A plain process, and one of another authority; one of the cluster is let in all the while."""
    with Certificates() as own, Certificates() as foreign, node(own.settings()) as middle:
        with Stranger(middle, []) as plain:
            wait_log(middle, "refused", "speaks no TLS", "tier.tls_certificate")
            wait_log(plain, "cannot_reach_node", "wants TLS", "tier.tls_certificate")
        with Stranger(middle, foreign.settings()) as other:
            wait_log(middle, "refused", "alert", "tier.tls_ca")
            wait_log(other, "cannot_reach_node", "certificate verify failed", "tier.tls_ca")
        assert "node_let_in" not in log_of(middle)
        # They try a few times a second, and the log says it once a minute.
        refusals = [line for line in log_of(middle).splitlines() if " refused " in line]
        assert len(refusals) <= 4, refusals
        with front(middle, "xmpp,http", own.settings()) as welcome:
            welcome.send(middle.create_app(), "all", {}, payload="a:0")


def client_without_a_certificate_gets_nothing():
    """What `openssl s_client` gets, with the authority and the name right: an alert, no byte."""
    with Certificates() as own, node(own.settings()) as middle:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{middle.ports['tier']}", "-quiet",
                   "-CAfile", str(own.folder / "ca.pem"), "-verify_return_error",
                   "-verify_hostname", "longwire-tier", "-ign_eof"]
        nothing = subprocess.run(command, input=b"hello", capture_output=True, timeout=20,
                                 check=False)
        assert b"certificate required" in nothing.stderr, nothing.stderr
        assert nothing.stdout == b"", nothing.stdout
        wait_log(middle, "refused", "peer did not return a certificate")


def plain_node_and_tls_front_end_say_what_to_do():
    """The start of a front end gives up after its time, and its last word has the reason."""
    with Certificates() as own, node([]) as middle:
        command = [Programs.path("longwire"), "serve", "--data", str(own.folder / "data"),
                   "--set", "tier.roles=http", "--set", "http.listen=127.0.0.1:0",
                   "--set", "http.admin_listen=127.0.0.1:0",
                   "--set", f"tier.middle=127.0.0.1:{middle.ports['tier']}"]
        for setting in own.settings():
            command += ["--set", setting]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False,
                               timeout=GIVES_UP_SECONDS)
        assert ended.returncode == 1, ended
        last = ended.stderr.strip().splitlines()[-1]
        assert "no middle tier answers at 127.0.0.1" in last, last
        assert "if it speaks no TLS, set tier.tls_certificate" in last, last
        wait_log(middle, "refused", "speaks TLS, and this node does not", "tier.tls_certificate")


def renewed_certificates_are_taken_while_traffic_goes_on():
    """New certificates of a new authority, process by process; what is broken changes nothing."""
    with Certificates() as own, Certificates() as renewed, \
            node(own.settings()) as middle, \
            front(middle, "xmpp,http", own.settings()) as both:
        app = both.create_app()
        with both.device(app, "one", alias=["bob"], timeout=600) as device:
            device.wait_registered()
            sender = Sender(both, app, "alias", "alias", {"alias": "bob"}, pause=0.005, timeout=30)
            sender.start()
            turn_over(own, renewed, [middle, both])
            # What was connected goes on; what comes anew comes with the new ones.
            middle.kill()
            middle.start()
            more = len(sender.accepted) + 50
            wait_until(lambda: len(sender.accepted) > more, 30, "sends go on")
            with front(middle, "http", renewed.settings()) as late:
                late.send(app, "alias", {"alias": "bob"}, payload="late:0")
            with Stranger(middle, own_before(own)) as former:
                wait_log(former, "cannot_reach_node", "tier.tls_ca")
            sender.stop()
            wait_until(lambda: set(sender.accepted) <= set(device.payloads()), 30,
                       "all that was accepted is there")


def own_before(own):
    before = own.folder / "before"
    return [f"tier.tls_certificate={before}/tier.pem", f"tier.tls_key={before}/tier.key",
            f"tier.tls_ca={before}/ca.pem"]


def turn_over(own, renewed, servers):
    """First both authorities are trusted, then the new certificates shown, then the old is not."""
    def reload(words):
        for server in servers:
            lines = log_of(server).count(words)
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: log_of(server).count(words) > lines, 10, f"{words} in the log")

    before = own.folder / "before"
    before.mkdir()
    for name in ("ca.pem", "tier.pem", "tier.key"):
        shutil.copy(own.folder / name, before / name)
    both = (own.folder / "ca.pem").read_text() + (renewed.folder / "ca.pem").read_text()
    (own.folder / "ca.pem").write_text(both)
    reload("reloaded")
    shutil.copy(renewed.folder / "tier.pem", own.folder / "tier.pem")
    reload("tier.tls_key: tls: private key does not fit the certificate")
    shutil.copy(renewed.folder / "tier.key", own.folder / "tier.key")
    reload("reloaded")
    shutil.copy(renewed.folder / "ca.pem", own.folder / "ca.pem")
    reload("reloaded")


if __name__ == "__main__":
    run_tests([push_goes_through_three_processes, worker_processes_come_over_their_own_socket,
               certificates_of_the_manuals_commands_are_taken, strangers_get_nothing,
               client_without_a_certificate_gets_nothing,
               plain_node_and_tls_front_end_say_what_to_do,
               renewed_certificates_are_taken_while_traffic_goes_on])
