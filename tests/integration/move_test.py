#!/usr/bin/python3
"""`longwire storage export` and `import`: from the embedded storage into a real HBase and MariaDB,
served there, and back. LONGWIRE_MOVE_MESSAGES and LONGWIRE_MOVE_REGISTRATIONS set how much the
last case moves (default 2,000 and 200); docs/PERFORMANCE.md has the figures of a long run."""

import asyncio
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

from checker import check_exactly_once, check_order
from harness import ROOT, Programs, Server, Skip, run_tests
from hbase_instance import HBase
from slixmpp_test import SECONDS, client_of, finish, seen_online, slixmpp

MESSAGES = int(os.environ.get("LONGWIRE_MOVE_MESSAGES", "2000"))
REGISTRATIONS = int(os.environ.get("LONGWIRE_MOVE_REGISTRATIONS", "200"))
SENDERS = 4
PARTS_SECONDS_MAX = 1800


def storage(server, *arguments, code=0, stdin=None):
    """A command on a stopped server's storage: its JSON, or what it says where it fails."""
    command = [Programs.path("longwire"), "storage", *arguments, "--data", str(server.data),
               "--json"]
    for setting in server.settings:
        command += ["--set", setting]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, stdin=stdin,
                          timeout=PARTS_SECONDS_MAX)
    assert done.returncode == code, f"{arguments}: {done.returncode}, {done.stderr.decode()}"
    return json.loads(done.stdout) if code == 0 else done.stderr.decode()


@contextlib.contextmanager
def cluster():
    """HBase and MariaDB; gives what makes a server on tables of its own there."""
    with HBase() as hbase:
        hbase.call("up", "mariadb")
        yield [*hbase.settings("hbase", "mariadb"), "hbase.regions=1"]


@contextlib.contextmanager
def stopped(settings=(), certificate_of=None):
    """A server that was not started yet, on an empty data directory."""
    server = Server(settings)
    if certificate_of is not None:
        shutil.copytree(certificate_of.data / "tls", server.data / "tls")
    try:
        yield server
    finally:
        if server.process is not None:
            server.stop(check=False)
        shutil.rmtree(server.data, ignore_errors=True)
        server.log.unlink(missing_ok=True)


def device_moved(server, app, device):
    """The same device, with all it knows, at another server."""
    moved = server.device(app, "moved")
    moved.state = device.state
    moved.arguments[moved.arguments.index("--state") + 1] = str(device.state)
    moved.events = device.events
    moved.run_start = len(device.events)
    return moved


def send_one_of_each(server, app, reg_id, number):
    sent = []
    for target, names in (("regid", {"registration_id": reg_id}), ("alias", {"alias": "bob"}),
                          ("topic", {"topic": "news"}), ("all", {})):
        sent.append(f"{target}:{number}")
        server.send(app, target, names, payload=sent[-1])
    return sent


def befriend(server):
    async def scene():
        ann = await client_of(server, "ann").log_in()
        bob = await client_of(server, "bob").log_in()
        await ann.get_roster(timeout=SECONDS)
        await ann.update_roster("bob@localhost", name="Bob", groups=["friends"], timeout=SECONDS)
        ann.send_presence(pto="bob@localhost", ptype="subscribe")
        await bob.wait("presence_subscribe")
        bob.send_presence(pto="ann@localhost", ptype="subscribed")
        await ann.wait("presence_subscribed")
        await seen_online(ann, "bob@localhost")
        await bob.leave()
        ann.send_message("bob@localhost", "while you were away", mtype="chat")
        await ann.get_roster(timeout=SECONDS)  # answered behind the message
        await ann.leave()

    play(scene())


def find_friends(server):
    async def scene():
        ann = await client_of(server, "ann").log_in()
        roster = await ann.get_roster(timeout=SECONDS)
        item = roster["roster"]["items"]["bob@localhost"]
        assert item["name"] == "Bob" and item["subscription"] == "to", item
        bob = await client_of(server, "bob").log_in()
        assert (await bob.wait_message())["body"] == "while you were away"
        await bob.leave()
        await ann.leave()

    play(scene())


def play(scene):
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(asyncio.wait_for(scene, 120))
    finally:
        finish(loop)


def move(source, target, file):
    """The table of both, which must be one."""
    exported = storage(source, "export", str(file))
    assert file.stat().st_mode & 0o777 == 0o600, oct(file.stat().st_mode)
    imported = storage(target, "import", str(file))
    assert exported == imported, (exported, imported)
    return exported


def everything_moves_to_the_cluster_and_back_and_a_device_goes_on_from_its_cursor():
    if slixmpp is None:
        raise Skip("python3-slixmpp is not installed")
    with tempfile.TemporaryDirectory() as folder, cluster() as settings, Server() as first, \
            stopped(settings, first) as second, stopped((), first) as third:
        app = first.create_app()
        for user in ("ann", "bob"):
            first.command("user", "add", user, "--password", f"{user}-secret")
        befriend(first)
        with first.device(app, "one", alias=["bob"], topic=["news"]) as device:
            reg_id = device.wait_registered()["regId"]
            sent = send_one_of_each(first, app, reg_id, 0)
            device.wait_messages(len(sent))
            device.stop()
            for number in range(1, 6):
                sent += send_one_of_each(first, app, reg_id, number)
            first.stop()
            moved = move(first, second, pathlib.Path(folder) / "to-the-cluster")
            for kind in ("entries", "messages", "cursors", "registrations", "aliases", "users",
                         "roster items", "topic carriers", "apps"):
                assert moved["kinds"][kind]["rows"] >= 1, (kind, moved)

            second.start()
            find_friends(second)
            at_cluster = device_moved(second, app, device)
            at_cluster.start()
            assert at_cluster.wait_registered()["regId"] == reg_id
            at_cluster.wait_messages(len(sent))
            sent += send_one_of_each(second, app, reg_id, 6)
            at_cluster.wait_messages(len(sent))
            at_cluster.stop()
            sent += send_one_of_each(second, app, reg_id, 7)
            second.stop()

            move(second, third, pathlib.Path(folder) / "back")
            third.start()
            at_home = device_moved(third, app, at_cluster)
            at_home.start()
            at_home.wait_messages(len(sent))
            sent += send_one_of_each(third, app, reg_id, 8)
            at_home.wait_messages(len(sent))
            at_home.stop()
            check_exactly_once(at_home.messages(), sent)
            check_order(at_home.messages())
            assert not any(message.get("again") for message in at_home.messages())
            assert "not empty" in storage(second, "import", str(pathlib.Path(folder) / "back"),
                                          code=1)


def start_refused(server):
    """Why it does not start."""
    try:
        server.start()
    except AssertionError as error:
        server.process = None
        return str(error)
    raise AssertionError("it serves")


def import_that_was_cut_off_is_not_served_and_a_repeat_makes_it_whole():
    with tempfile.TemporaryDirectory() as folder, cluster() as settings, Server() as first, \
            stopped(settings) as second:
        app = first.create_app()
        for number in range(20):
            first.send(app, "all", {}, payload=f"all:{number}")
        first.stop()
        whole = pathlib.Path(folder) / "whole"
        exported = storage(first, "export", str(whole))
        cut = pathlib.Path(folder) / "cut"
        cut.write_bytes(whole.read_bytes()[:-50])
        assert "cut off" in storage(second, "import", str(cut), code=1)
        assert "no storage" in storage(second, "check", code=1), "read first, then written"
        with cut.open("rb") as pipe:
            assert "cut off" in storage(second, "import", "-", code=1, stdin=as_pipe(pipe))
        for said in (start_refused(second), storage(second, "check", code=1),
                     storage(second, "export", str(whole) + "2", code=1)):
            assert "an import has not ended" in said, said
            assert "`longwire storage import` again" in said, said
        with whole.open("rb") as pipe:
            assert storage(second, "import", "-", stdin=as_pipe(pipe)) == exported
        second.start()
        assert app["appId"] in [one["appId"] for one in second.command("app", "list")]
        second.stop()


def as_pipe(file):
    """What cannot be read twice."""
    return subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE).stdout


def what_cannot_be_done_is_said_and_nothing_is_changed():
    with tempfile.TemporaryDirectory() as folder, Server() as first, \
            stopped(["storage.partitions=4"]) as second, stopped() as third:
        file = pathlib.Path(folder) / "file"
        assert "another longwire process" in storage(first, "export", str(file), code=1)
        first.stop()
        assert "there is no storage" in storage(third, "export", str(file), code=1)
        storage(first, "export", str(file))
        size = file.stat().st_size
        assert "exists" in storage(first, "export", str(file), code=1)
        assert file.stat().st_size == size
        second.start()
        second.stop()
        assert "storage.partitions=16" in storage(second, "import", str(file), code=1)
        for wrong in ("/etc/hosts", __file__):
            said = storage(third, "import", wrong, code=1)
            assert "made by `longwire storage export`" in said, said
        assert not (third.data / "storage").exists()
        first.start()
        first.stop()
        copy = storage(third, "import", str(file), "--new-incarnation")
        assert copy["incarnation"] != storage(first, "check")["incarnation"], copy


def pipe_carries_it_from_one_storage_into_another():
    with Server() as first, stopped() as second:
        first.create_app()
        first.stop()
        binary = Programs.path("longwire")
        out = subprocess.Popen([binary, "storage", "export", "-", "--data", str(first.data),
                                "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        imported = storage(second, "import", "-", stdin=out.stdout)
        out.stdout.close()
        assert json.loads(out.stderr.read()) == imported
        assert out.wait(20) == 0


def prepare_registrations(server, app):
    """With the load generator: each carries a topic."""
    subprocess.run([Programs.path("longwire_load"), "prepare",
                    "--xmpps", str(server.ports["xmpps"]), "--https", str(server.ports["https"]),
                    "--pid", str(server.process.pid), "--app-id", app["appId"],
                    "--app-key", app["appKey"], "--app-secret", app["appSecret"],
                    "--package", app["package"], "--connections", str(REGISTRATIONS),
                    "--devices", str(server.data / "devices")],
                   check=True, timeout=PARTS_SECONDS_MAX, stdout=subprocess.DEVNULL)


def send_from_threads(server, app, names):
    """`names`: parameters of one send each, spread over SENDERS connections."""
    def send(part):
        with server.api() as api:
            for target, parameters, payload in part:
                answer = api.send(app, target, parameters, payload=payload)
                if answer["code"] != 0:
                    refused.append(answer)

    refused = []
    threads = [threading.Thread(target=send, args=(names[i::SENDERS],)) for i in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not refused, refused[:3]


@contextlib.contextmanager
def timed(what):
    start = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - start:.1f} s", flush=True)


def many_messages_and_registrations_move_with_equal_counts_and_checksums():
    with tempfile.TemporaryDirectory() as folder, cluster() as settings, Server() as first, \
            stopped(settings, first) as second, stopped((), first) as third:
        app = first.create_app()
        with first.device(app, "one", alias=["bob"], timeout=PARTS_SECONDS_MAX) as device:
            device.wait_registered()
            prepare_registrations(first, app)
            first.send(app, "alias", {"alias": "bob"}, payload="mine:0")
            device.wait_messages(1)
            device.stop()
            send_one = [("regid", {"registration_id": reg_id}, f"other:{number}")
                        for number, reg_id in zip(range(MESSAGES - 11), reg_ids(first))]
            with timed(f"{len(send_one)} sends"):
                send_from_threads(first, app, send_one)
            for number in range(1, 11):
                first.send(app, "alias", {"alias": "bob"}, payload=f"mine:{number}")
            first.stop()
            there, back = pathlib.Path(folder) / "there", pathlib.Path(folder) / "back"
            with timed("export from embedded"):
                exported = storage(first, "export", str(there))
            with timed("import into HBase and MariaDB"):
                assert storage(second, "import", str(there)) == exported
            # A message has an entry, and a body in each partition that it concerns.
            assert exported["kinds"]["entries"]["rows"] == MESSAGES, exported
            assert exported["kinds"]["messages"]["rows"] >= MESSAGES, exported
            assert exported["kinds"]["registrations"]["rows"] == REGISTRATIONS + 1, exported
            with timed("export from HBase and MariaDB"):
                again = storage(second, "export", str(back))
            assert again["kinds"] == exported["kinds"], (again, exported)
            print(f"{exported['all']['rows']} rows, {there.stat().st_size} bytes", flush=True)
            second.start()
            moved = device_moved(second, app, device)
            moved.start()
            moved.wait_messages(11)
            moved.stop()
            check_exactly_once(moved.messages(), [f"mine:{number}" for number in range(11)])
            second.stop()
            with timed("import into embedded"):
                assert storage(third, "import", str(back)) == again


def reg_ids(server):
    """Of the devices prepared, over and over."""
    while True:
        for line in (server.data / "devices").read_text().splitlines():
            yield json.loads(line)["regId"]


if __name__ == "__main__":
    run_tests([
        what_cannot_be_done_is_said_and_nothing_is_changed,
        pipe_carries_it_from_one_storage_into_another,
        everything_moves_to_the_cluster_and_back_and_a_device_goes_on_from_its_cursor,
        import_that_was_cut_off_is_not_served_and_a_repeat_makes_it_whole,
        many_messages_and_registrations_move_with_equal_counts_and_checksums,
    ])
