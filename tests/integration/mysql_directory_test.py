#!/usr/bin/python3
"""A server whose directory lies on a real MariaDB, by configuration alone."""

import pathlib
import subprocess
import sys
import tempfile

from harness import Programs, Server, run_tests, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from own_mariadb import OwnMariaDb, OwnMariaDbPair  # noqa: E402


def whole_path_works_and_outlives_a_restart():
    with OwnMariaDb() as database, Server(database.settings()) as server:
        app = server.create_app("org.example.mysql")
        server.command("user", "add", "ann", "--password", "secret-1")
        with server.device(app, "one", alias=["bob"], topic=["news"]) as device:
            device.wait_registered()
            server.send(app, "alias", {"alias": "bob"}, payload="to the alias")
            server.send(app, "topic", {"topic": "news"}, payload="to the topic")
            device.wait_messages(2)
            server.stop()
            server.start()
            server.send(app, "alias", {"alias": "bob"}, payload="after the restart")
            device.wait_messages(3)
        assert app["appId"] in [one["appId"] for one in server.command("app", "list")]
        assert "ann" in server.command("user", "list")
        assert app["appId"] in database.sql("SELECT id FROM longwire.apps")
        assert "ann" in database.sql("SELECT account FROM longwire.users")
        wait_until(lambda: database.sql("SELECT tag FROM longwire.topic_carriers") == ["news"],
                   10, "the topic's carrier in the index")
        assert not (server.data / "storage/directory.sqlite").exists()


def database_killed_while_serving_is_told_and_comes_back_by_itself():
    with OwnMariaDb() as database, Server(database.settings()) as server:
        app = server.create_app("org.example.before")
        database.kill()
        refused = server.command("app", "create", "--package", "org.example.while", check=False)
        assert refused.returncode == 1 and "unavailable" in refused.stderr, refused
        with server.device(app, "one", alias=["bob"]) as device:  # needs no directory
            device.wait_registered()
            server.send(app, "alias", {"alias": "bob"}, payload="hello")
            device.wait_messages(1)
        database.up()

        def created():
            done = server.command("app", "create", "--package", "org.example.after", check=False)
            return done.returncode == 0

        wait_until(created, 20, "an app after the database came back")
        packages = [package for one in server.command("app", "list")
                    for package in one["packages"]]
        assert "org.example.before" in packages and "org.example.after" in packages, packages
        assert "org.example.while" not in packages, packages


def master_killed_while_serving_is_replaced_and_comes_back_as_the_other():
    with OwnMariaDbPair() as pair, Server(pair.settings()) as server:
        def created(package):
            return server.command("app", "create", "--package", package,
                                  check=False).returncode == 0

        def state():
            return pair.sql_at(1, "SELECT holder, alone FROM longwire.pair_state")

        assert created("org.example.before")
        wait_until(lambda: state() == ["1", "0"], 20, "the second to follow the first")
        pair.kill("mariadb-pair-1")
        wait_until(lambda: created("org.example.without"), 30, "the second to take over")
        assert state() == ["2", "1"], state()
        pair.up()
        wait_until(lambda: state() == ["2", "0"], 30, "the first to follow the second")
        assert created("org.example.after")
        packages = [package for one in server.command("app", "list")
                    for package in one["packages"]]
        for name in ("before", "without", "after"):
            assert f"org.example.{name}" in packages, packages


def start_without_the_database_says_what_is_missing():
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run([Programs.path("longwire"), "serve", "--data", data,
                               "--set", "storage.directory=mysql",
                               "--set", "mysql.address=127.0.0.1:1"],
                              check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, done
        for part in ("storage.directory is mysql", "127.0.0.1:1", "./dev services up mariadb"):
            assert part in done.stderr, done.stderr


def storage_is_made_and_checked_without_a_server():
    with OwnMariaDb() as database, tempfile.TemporaryDirectory() as data:
        def storage(command, code):
            line = [Programs.path("longwire"), "storage", command, "--data", data]
            for setting in database.settings():
                line += ["--set", setting]
            done = subprocess.run(line, check=False, capture_output=True, text=True, timeout=60)
            assert done.returncode == code, done
            return done.stdout + done.stderr

        storage("check", 1)
        assert "apps, users, rosters" in storage("init", 0), "what was done"
        assert "sound" in storage("check", 0)
        assert "nothing to do" in storage("init", 0)
        database.sql("DROP TABLE longwire.app_shards, longwire.shard_name")
        database.sql("DELETE FROM longwire.schema_versions WHERE version > 1")
        assert "older version" in storage("check", 1)
        assert "on which shard" in storage("init", 0)
        assert "sound" in storage("check", 0)
        database.sql("DROP TABLE longwire.schema_versions")
        assert "restore from a backup" in storage("check", 1)


def directory_of_another_storage_is_not_taken_for_a_new_one_s():
    with OwnMariaDb() as database, tempfile.TemporaryDirectory() as data:
        with Server(database.settings()) as server:
            server.create_app("org.example.first")
        done = subprocess.run([Programs.path("longwire"), "storage", "init", "--data", data,
                               *(f"--set={setting}" for setting in database.settings())],
                              check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "belongs to another storage" in done.stderr, done


if __name__ == "__main__":
    run_tests([whole_path_works_and_outlives_a_restart,
               database_killed_while_serving_is_told_and_comes_back_by_itself,
               master_killed_while_serving_is_replaced_and_comes_back_as_the_other,
               start_without_the_database_says_what_is_missing,
               storage_is_made_and_checked_without_a_server,
               directory_of_another_storage_is_not_taken_for_a_new_one_s])
