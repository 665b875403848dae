#!/usr/bin/python3
"""`longwire serve` on HBase: what it accepted is there after a restart of its own, and after
kill -9 of HBase, its gateway and the server under a stream of sends. Fails without an HBase."""

import contextlib
import tempfile
import threading

from checker import check_exactly_once, check_order
from harness import Server, run_tests, wait_until
from hbase_instance import HBase
from senders import Sender

SECONDS_BETWEEN_KILLS = 2


def server_on(hbase, prefix, **options):
    return Server(["storage.feeds=hbase", f"hbase.gateways={hbase.gateway()}",
                   f"hbase.table_prefix={prefix}", "hbase.regions=1"], **options)


def cluster_settings(hbase):
    """What `./dev run --storage=cluster` configures, a MariaDB and a Redis beside it."""
    hbase.call("up", "mariadb", "redis")
    return hbase.settings("hbase", "mariadb", "redis")


def storage_command(server, *arguments, check=True):
    """A command on a stopped server's storage."""
    settings = [part for setting in server.settings for part in ("--set", setting)]
    return server.command("storage", *arguments, *settings, check=check)


def cluster_serves_the_whole_path_over_a_restart_and_a_check_tells_what_lies_where():
    with HBase() as hbase, Server([*cluster_settings(hbase), "hbase.regions=1"]) as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"]) as device:
            device.wait_registered()
            server.send(app, "alias", {"alias": "bob"}, payload="a:0")
            server.send(app, "topic", {"topic": "news"}, payload="b:0")
            device.wait_messages(2)
            device.stop()
            server.send(app, "alias", {"alias": "bob"}, payload="a:1")
            running = server.command("storage", "check")
            assert running["copies"]["partitions"] == 16, running
            server.stop()
            report = storage_command(server, "check")
            assert report["directory"] == running["directory"], (running, report)
            assert report["partitions"] == 16, report
            assert report["rows"] > 5, report
            assert report["kinds"]["registrations"] == 1, report
            assert report["kinds"]["entries"] >= 2, report  # the third may be under way
            assert hbase.gateway() in report["feeds"], report
            assert "MariaDB" in report["directory"], report
            assert report["apps"] >= 1, report
            assert "Redis" in report["cache"], report
            assert report["copies"]["partitions"] == 16, report
            assert report["copies"]["rows"] >= 3, report  # what the login and the alias read
            assert not list(server.data.glob("storage/*")), "it keeps something of its own"
            again = storage_command(server, "init")
            assert not again["made"] and not again["steps"], again
            server.start()
            device.start()
            device.wait_messages(3)
            check_exactly_once(device.messages(), ["a:0", "a:1", "b:0"])


def making_a_storage_says_what_it_will_do_and_does_it():
    with HBase() as hbase, tempfile.TemporaryDirectory(prefix="longwire-test-") as data:
        server = server_on(hbase, "made", data=data)  # never started
        plan = storage_command(server, "init", "--dry-run")
        assert not plan["made"], plan
        assert plan["steps"] == ["hbase: make table made_log, regions: 1",
                                 "hbase: make table made_rows, regions: 1",
                                 "hbase: write what the storage is, partitions: 16"], plan
        missing = storage_command(server, "check", check=False)
        for part in ("no table made_log", "longwire storage init"):
            assert part in missing.stderr, missing.stderr
        assert storage_command(server, "init")["steps"] == plan["steps"]
        assert storage_command(server, "check")["partitions"] == 16
        assert storage_command(server, "init", "--dry-run")["steps"] == []


def nothing_accepted_is_lost_when_hbase_or_the_server_is_killed():
    with HBase() as hbase, server_on(hbase, "kills") as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"], timeout=600) as device:
            registered = device.wait_registered()
            senders = [
                Sender(server, app, "regid", "regid", {"registration_id": registered["regId"]}),
                Sender(server, app, "alias", "alias", {"alias": "bob"}),
                Sender(server, app, "topic", "topic", {"topic": "news"}),
            ]
            for sender in senders:
                sender.start()
            for kill in (lambda: hbase.kill("hbase-gateway"), lambda: hbase.kill("hbase-master"),
                         server.kill):
                threading.Event().wait(SECONDS_BETWEEN_KILLS)
                kill()
                hbase.up()
                if server.process is None:
                    server.start()
                wait_until_sent(senders)
            for sender in senders:
                sender.stop()
            accepted = [payload for sender in senders for payload in sender.accepted]
            uncertain = [payload for sender in senders for payload in sender.uncertain]
            print(f"{len(accepted)} accepted, {len(uncertain)} without an answer, "
                  f"{sum(len(sender.refused) for sender in senders)} refused")
            with contextlib.suppress(AssertionError):  # the checker says what is missing
                wait_until(lambda: set(accepted) <= set(device.payloads()), 60, "all messages")
            check_exactly_once(device.messages(), accepted, uncertain)
            check_order(device.messages())


def wait_until_sent(senders):
    """Each stream goes on."""
    before = [len(sender.accepted) for sender in senders]
    wait_until(lambda: all(len(sender.accepted) > count
                           for sender, count in zip(senders, before)), 60, "sends are accepted")


def start_without_hbase_says_what_is_missing():
    server = Server(["storage.feeds=hbase", "hbase.gateways=127.0.0.1:1"])
    try:
        server.start()
    except AssertionError as error:
        assert "hbase.gateways (127.0.0.1:1)" in str(error), error
        assert "./dev services up hbase" in str(error), error
    else:
        raise AssertionError("it serves without its storage")


if __name__ == "__main__":
    run_tests([start_without_hbase_says_what_is_missing,
               making_a_storage_says_what_it_will_do_and_does_it,
               cluster_serves_the_whole_path_over_a_restart_and_a_check_tells_what_lies_where,
               nothing_accepted_is_lost_when_hbase_or_the_server_is_killed])
