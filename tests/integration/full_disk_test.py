#!/usr/bin/python3
"""The disk fills up under a stream of sends: they are answered "try again", nothing accepted is
lost, devices stay, and it goes on by itself once there is room."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

from checker import check_exactly_once, check_order
from harness import Server, Skip, run_tests, wait_until
from senders import Sender

# Storage takes about 30 MB for its log in advance, and recovers when there is room for what it has
# in memory besides.
DISK_BYTES = 192 << 20
PADDING = "x" * 3500  # so that the log taken in advance is soon used up
BUSY = 10002  # docs/ERRORS.md: busy, nothing was done, retry
RECOVERY_SECONDS = 60


@contextlib.contextmanager
def small_disk():
    if os.geteuid() != 0:
        raise Skip("mounting a small file system needs root")
    base = pathlib.Path(tempfile.mkdtemp(prefix="longwire-disk-"))
    disk = base / "data"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", disk],
                             check=False, capture_output=True, text=True)
    if mounted.returncode != 0:
        shutil.rmtree(base)
        raise Skip(f"no small file system can be mounted: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk], check=False)
        shutil.rmtree(base, ignore_errors=True)


class Ballast:
    """A file that takes all room there is, and again what becomes free."""

    def __init__(self, disk):
        self.path = disk / "ballast"

    def fill(self):
        with open(self.path, "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def remove(self):
        self.path.unlink()


def wait_refused(ballast, senders, count):
    """Every sender's sends are refused, and nothing else, for `count` answers."""
    def refused():
        ballast.fill()  # storage may have freed a file
        return all(len(sender.refused) >= count for sender in senders)

    wait_until(refused, RECOVERY_SECONDS, f"{count} refusals of each sender")
    codes = {code for sender in senders for _, code in sender.refused}
    assert codes == {BUSY}, codes


def wait_accepted(senders, count):
    wanted = [len(sender.accepted) + count for sender in senders]
    wait_until(lambda: all(len(s.accepted) >= w for s, w in zip(senders, wanted)),
               RECOVERY_SECONDS, f"{count} accepted sends of each sender")


def full_disk_refuses_loses_nothing_and_recovers():
    with small_disk() as disk, Server(data=disk) as server:
        app = server.create_app()
        with server.device(app, "here", alias=["bob"], topic=["news"], timeout=600) as here, \
                server.device(app, "away", topic=["news"], timeout=600) as away:
            here.wait_registered()
            away.wait_registered()
            away.stop()
            senders = [Sender(server, app, "alias" + PADDING, "alias", {"alias": "bob"}),
                       Sender(server, app, "topic" + PADDING, "topic", {"topic": "news"})]
            for sender in senders:
                sender.start()
            wait_accepted(senders, 50)
            fill_and_free(disk, senders)
            for sender in senders:
                sender.stop()
            judge(server, senders, here, away)


def fill_and_free(disk, senders):
    ballast = Ballast(disk)
    for _ in range(2):
        already = max(len(sender.refused) for sender in senders)
        ballast.fill()
        wait_refused(ballast, senders, already + 20)
        ballast.remove()
        wait_accepted(senders, 50)


def judge(server, senders, here, away):
    accepted = [payload for sender in senders for payload in sender.accepted]
    uncertain = [payload for sender in senders for payload in sender.uncertain]
    print(f"{len(accepted)} accepted, {sum(len(s.refused) for s in senders)} refused, "
          f"{len(uncertain)} uncertain")
    wait_until(lambda: set(accepted) <= set(here.payloads()), 30, "all at the device")
    check_exactly_once(here.messages(), accepted, uncertain)
    check_order(here.messages())
    events = [event["event"] for event in here.poll()]
    assert "disconnected" not in events, events
    server.stop()
    server.start()  # what is answered now was read from the disk
    away.start()
    of_topic = senders[1].accepted
    wait_until(lambda: set(of_topic) <= set(away.payloads()), 30, "all at the one that was away")
    check_exactly_once(away.messages(), of_topic, uncertain)
    check_order(away.messages())


if __name__ == "__main__":
    run_tests([full_disk_refuses_loses_nothing_and_recovers])
