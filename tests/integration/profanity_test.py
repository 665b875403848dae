#!/usr/bin/python3
"""profanity, Debian's unmodified, driven in a pseudo-terminal as its user would: logs in by
STARTTLS and by direct TLS, chats both ways, gets what was sent while it was away."""

import fcntl
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import tempfile
import termios
import threading

from harness import Server, Skip, run_tests, wait_until

SECONDS = 20
ROWS, COLUMNS = 40, 160

CONFIGURATION = """[connection]
reconnect=0
[logging]
chlog=true
[notifications]
message=off
[privacy]
logging=on
"""

ACCOUNT = """[{name}@localhost]
enabled=true
jid={name}@localhost
password={name}-secret
server=localhost
port={port}
tls.policy={policy}
muc.nick={name}
resource=test
"""


class Profanity:
    def __init__(self, server, home, name, direct_tls=False):
        self.name = name
        self.home = home / name
        self.screen = b""
        config, data = self.home / "config/profanity", self.home / "data/profanity"
        for folder in (config, data):
            folder.mkdir(parents=True, exist_ok=True)
        (config / "profrc").write_text(CONFIGURATION)
        (data / "accounts").write_text(ACCOUNT.format(
            name=name, port=server.ports["xmpps" if direct_tls else "xmpp"],
            policy="legacy" if direct_tls else "force"))
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": "xterm",
            "LANG": "C.UTF-8", "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"), "SSL_CERT_FILE": server.ca}

    def __enter__(self):
        shutil.rmtree(self.home / "data/profanity/logs", ignore_errors=True)  # of an earlier run
        self.terminal, far_end = pty.openpty()
        fcntl.ioctl(far_end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            ["profanity", "-l", "DEBUG", "-a", f"{self.name}@localhost"], stdin=far_end,
            stdout=far_end, stderr=far_end, env=self.environment, start_new_session=True,
            cwd=self.home)
        os.close(far_end)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, kind, error, trace):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.terminal)

    def _read(self):
        while True:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return
            if not data:
                return
            self.screen += data

    def type(self, line):
        os.write(self.terminal, line.encode() + b"\r")

    def log(self):
        return "".join(file.read_text(errors="replace")
                       for file in (self.home / "data/profanity/logs").glob("*.log"))

    def chat_log(self):
        folder = self.home / "data/profanity/chatlogs"
        return "".join(file.read_text(errors="replace") for file in sorted(folder.rglob("*.log")))

    def wait_logged_in(self):
        wait_until(lambda: "logged in successfully" in self.log().lower(), SECONDS,
                   f"{self.name}'s login; its log: {self.log()[-1500:]}")

    def wait_chat(self, text):
        wait_until(lambda: text in self.chat_log(), SECONDS,
                   f"{text!r} in {self.name}'s chat log: {self.chat_log()[-500:]!r}")

    def ping(self):
        def answered():
            asked = re.search(r'id="([^"]+)" type="get"><ping ', self.log())
            return asked and f'id="{asked[1]}" type="result"' in self.log()

        # It refuses to ping before it knows that the server can.
        wait_until(lambda: "connection_features_received localhost" in self.log(), SECONDS,
                   "the server's features")
        self.type("/ping")
        wait_until(answered, SECONDS, "the ping's answer")

    def leave(self):
        self.type("/quit")
        assert self.process.wait(SECONDS) == 0


def with_server(scene):
    def case():
        if shutil.which("profanity") is None:
            raise Skip("profanity is not installed")
        home = pathlib.Path(tempfile.mkdtemp(prefix="longwire-profanity-"))
        try:
            with Server() as server:
                for user in ("ann", "bob"):
                    server.command("user", "add", user, "--password", f"{user}-secret")
                scene(server, home)
        finally:
            shutil.rmtree(home, ignore_errors=True)

    case.__name__ = scene.__name__
    return case


def two_chat_one_by_starttls_and_one_by_direct_tls(server, home):
    with Profanity(server, home, "ann") as ann, \
            Profanity(server, home, "bob", direct_tls=True) as bob:
        ann.wait_logged_in()
        bob.wait_logged_in()
        ann.type("/msg bob@localhost hello bob <&>")
        bob.wait_chat("hello bob <&>")
        bob.type("/msg ann@localhost grüß dich")
        ann.wait_chat("grüß dich")
        ann.leave()
        bob.leave()


def what_was_sent_meanwhile_comes_once_at_the_next_login(server, home):
    with Profanity(server, home, "ann") as ann:
        ann.wait_logged_in()
        ann.type("/msg bob@localhost while you were away")
        ann.wait_chat("while you were away")  # its own log: it is written
        ann.leave()
    for _ in range(2):
        with Profanity(server, home, "bob") as bob:
            bob.wait_logged_in()
            bob.wait_chat("while you were away")
            bob.ping()  # answered after all that came before it
            assert bob.chat_log().count("while you were away") == 1, bob.chat_log()
            bob.leave()


def a_wrong_password_is_refused(server, home):
    server.command("user", "passwd", "ann", "--password", "another")
    with Profanity(server, home, "ann") as ann:
        wait_until(lambda: b"Login failed" in ann.screen, SECONDS, "the refusal on the screen")
        assert "logged in successfully" not in ann.log().lower()


if __name__ == "__main__":
    run_tests([with_server(scene) for scene in (
        two_chat_one_by_starttls_and_one_by_direct_tls,
        what_was_sent_meanwhile_comes_once_at_the_next_login,
        a_wrong_password_is_refused)])
