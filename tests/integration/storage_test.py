#!/usr/bin/python3
"""Storage that is damaged, half there, or half restored: said at once, and never served."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from harness import Programs, Server, Skip, run_tests

ANY_PORTS = [f"--set={key}=127.0.0.1:0" for key in
             ("xmpp.listen", "xmpp.listen_tls", "http.listen", "http.admin_listen")]
PAGE_BYTES = 4096
APPS = 6  # each in a partition by chance: 16 to the power of 6 to 1 that not all are in the first
FILE_TAIL_BYTES = 20_000  # of a table file: heads of partitions, filter, index


def run(*command, before=()):
    return subprocess.run([*before, Programs.path("longwire"), *command], check=False,
                          capture_output=True, text=True, timeout=60)


def serve(data, *options):
    """A start that is to fail: what it says."""
    done = run("serve", "--data", str(data), *ANY_PORTS, *options)
    assert done.returncode == 1, done
    return done.stderr


@contextlib.contextmanager
def backup_of(server):
    """Of a server with an app, which is stopped by then; (backup, a place to restore into)."""
    with tempfile.TemporaryDirectory() as folder:
        backup = pathlib.Path(folder) / "backup"
        server.create_app()
        server.command("backup", str(backup))
        server.stop()
        yield backup, pathlib.Path(folder) / "restored"


@contextlib.contextmanager
def stopped_data():
    """The data directory of a server that had apps, and messages of some blocks."""
    with Server() as server:
        apps = [server.create_app(f"org.example.app{i}") for i in range(APPS)]
        with server.api() as api:
            for app in apps * 10:
                api.send(app, "all", {}, payload="x" * 4000)
        server.stop()
        yield server.data


def xor(path, start, end, step=1):
    data = bytearray(path.read_bytes())
    for place in range(start, min(end, len(data)), step):
        data[place] ^= 0x5A
    path.write_bytes(data)


def restore_killed_at_any_rename_leaves_nothing_that_is_served():
    if shutil.which("strace") is None:
        raise Skip("there is no strace")
    with Server() as server, backup_of(server) as (backup, data):
        old = json.loads(run("storage", "check", "--data", str(server.data), "--json").stdout)
        kills = 0
        while True:
            kill = f"inject=rename,renameat,renameat2:signal=KILL:when={kills + 1}"
            done = run("restore", str(backup), "--data", str(data),
                       before=["strace", "-f", "-o", "/dev/null", "-e",
                               "trace=rename,renameat,renameat2", "-e", kill])
            if done.returncode == 0:
                break
            kills += 1
            checked = run("storage", "check", "--data", str(data))
            assert checked.returncode == 1, checked
            assert "storage.restoring" in serve(data), kills
        assert kills >= 1, done
        assert not (data / "storage.restoring").exists()
        new = json.loads(run("storage", "check", "--data", str(data), "--json").stdout)
        assert new["incarnation"] != old["incarnation"] and new["apps"] == old["apps"], new


def check_of_a_running_server_is_made_by_it_and_disturbs_nobody():
    def check():
        done = run("storage", "check", "--data", str(server.data), "--json")
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    with Server() as server:
        app = server.create_app()
        with server.api() as api:
            for number in range(20):
                assert api.send(app, "all", {}, payload=str(number))["code"] == 0
            running = check()
            assert api.send(app, "all", {}, payload="after it")["code"] == 0
        more = check()
        server.stop()
        stopped = check()
    assert running["apps"] == 2 and running["kinds"]["entries"] == 20, running
    assert more["rows"] > running["rows"], (running, more)
    assert stopped == more, (more, stopped)


def what_is_no_backup_is_refused_and_nothing_is_left():
    with Server() as server, backup_of(server) as (backup, data):
        (backup / "complete").rename(backup / "not-complete")
        for wrong in ("/etc", str(server.data), str(server.data / "storage"), str(backup),
                      str(data), ""):
            done = run("restore", wrong, "--data", str(data))
            assert done.returncode == 1 and "is not a backup" in done.stderr, (wrong, done)
            assert not data.exists(), wrong
        (backup / "not-complete").rename(backup / "complete")
        (backup / "directory.sqlite").write_bytes(os.urandom(40_000))
        done = run("restore", str(backup), "--data", str(data))
        assert done.returncode == 1 and "directory.sqlite" in done.stderr, done
        assert not any(path.name.startswith("storage") for path in data.iterdir())


def damaged_block_ends_a_start_with_partition_and_file():
    with stopped_data() as data:
        assert run("storage", "check", "--data", str(data)).returncode == 0  # the log is in files
        for path in (data / "storage/partitions").glob("*.sst"):
            # The opening of the first partitions seeks rows that they do not have, and meets those
            # of the next that has some.
            xor(path, 100, path.stat().st_size - FILE_TAIL_BYTES, step=PAGE_BYTES)
        said = serve(data)
        assert "partition " in said and ".sst" in said, said
        checked = run("storage", "check", "--data", str(data))
        assert checked.returncode == 1 and ".sst" in checked.stderr, checked


def damaged_page_of_the_directory_is_found_by_check():
    with stopped_data() as data:
        path = data / "storage/directory.sqlite"
        sound = path.read_bytes()
        for page in range(2, 8):
            xor(path, page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
            checked = run("storage", "check", "--data", str(data))
            assert checked.returncode == 1 and str(path) in checked.stderr, (page, checked)
            path.write_bytes(sound)
        assert run("storage", "check", "--data", str(data)).returncode == 0


def partitions_lost_beside_their_directory_are_an_error_not_new_ones():
    with stopped_data() as data:
        shutil.rmtree(data / "storage/partitions")
        ports = data / "ports.json"
        ports.write_text("{}")
        said = serve(data, "--ports-file", str(ports))
        assert "no partitions" in said and "backup" in said, said
        assert not (data / "storage/partitions").exists()
        assert not ports.exists()  # of an earlier start


def check_of_a_directory_that_is_not_there_makes_none():
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "none")
        checked = run("storage", "check", "--data", data)
        assert checked.returncode == 1 and "there is no storage" in checked.stderr, checked
        assert not os.path.exists(data)


def demo_is_made_with_a_new_storage_only():
    with Server() as server:
        (server.data / "demo.json").unlink()
        before = server.command("app", "list")
        server.stop()
        server.start()
        assert server.command("app", "list") == before
        assert not (server.data / "demo.json").exists()


if __name__ == "__main__":
    run_tests([
        restore_killed_at_any_rename_leaves_nothing_that_is_served,
        check_of_a_running_server_is_made_by_it_and_disturbs_nobody,
        what_is_no_backup_is_refused_and_nothing_is_left,
        damaged_block_ends_a_start_with_partition_and_file,
        damaged_page_of_the_directory_is_found_by_check,
        partitions_lost_beside_their_directory_are_an_error_not_new_ones,
        check_of_a_directory_that_is_not_there_makes_none,
        demo_is_made_with_a_new_storage_only,
    ])
