#!/usr/bin/python3
"""Start, stop, start again; reload; backup and restore."""

import json
import os
import shutil
import signal
import ssl
import socket
import subprocess
import tempfile
import time
import urllib.request

from harness import Programs, Server, run_tests, wait_until


def second_start_keeps_the_data_and_takes_less_than_five_seconds():
    with Server() as server:
        app = server.create_app()
        demo = (server.data / "demo.json").read_text()
        certificate = (server.data / "tls/cert.pem").read_text()
        server.stop()
        started = time.monotonic()
        server.start()
        assert time.monotonic() - started < 5
        assert app["appId"] in [one["appId"] for one in server.command("app", "list")]
        assert (server.data / "demo.json").read_text() == demo
        assert (server.data / "tls/cert.pem").read_text() == certificate


def demo_credentials_of_the_banner_send_a_push():
    with Server() as server:
        demo = json.loads((server.data / "demo.json").read_text())
        banner = server.log.read_text()
        for value in (demo["appSecret"], demo["appKey"], demo["password"], server.ca):
            assert value in banner, f"{value} is not in the banner"
        with server.device(demo, "demo", alias=["me"]) as device:
            device.wait_registered()
            server.send(demo, "alias", {"alias": "me"}, payload="hi")
            assert device.wait_messages(1)[0]["payload"] == "hi"


def demo_credentials_that_were_changed_are_not_in_the_next_banner():
    with Server() as server:
        demo = json.loads((server.data / "demo.json").read_text())
        server.command("user", "passwd", "demo", "--password", "another")
        server.command("app", "rotate-secret", demo["appId"], "--keep-old-hours", "0")
        server.stop()
        server.log.write_text("")
        server.start()
        banner = server.log.read_text()
        assert demo["appKey"] in banner and "changed since" in banner, banner
        for value in (demo["appSecret"], demo["password"], "curl", "profanity"):
            assert value not in banner, f"{value} is in the banner"


def admin_listener_tells_health_and_metrics():
    with Server() as server:
        base = f"http://127.0.0.1:{server.ports['admin']}"
        for path in ("/healthz", "/readyz"):
            assert urllib.request.urlopen(base + path, timeout=10).status == 200
        assert "longwire_" in server.metrics()


def hangup_reloads_certificate_and_log_level_and_drops_no_connection():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            before = certificate_of(server)
            make_certificate(server.data)
            (server.data / "longwire.toml").write_text('[log]\nlevel = "debug"\n')
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: certificate_of(server) != before, 10, "the new certificate")
            server.send(app, "alias", {"alias": "bob"}, payload="after:1")
            device.wait_messages(1)
            events = [event["event"] for event in device.poll()]
            assert "disconnected" not in events, events


def hangup_with_a_configuration_that_cannot_be_read_changes_nothing():
    with Server() as server:
        path = server.data / "longwire.toml"
        path.unlink(missing_ok=True)
        path.mkdir()
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "is a directory" in server.log.read_text(), 10, "the logged error")
        assert server.process.poll() is None, server.process.returncode
        server.command("app", "list")
        path.rmdir()


def hangup_with_a_certificate_that_is_none_changes_nothing():
    with Server() as server:
        (server.data / "tls/cert.pem").write_text("none")
        (server.data / "longwire.toml").write_text('[log]\nlevel = "off"\n')
        for times in (1, 2):  # the second is told too: the level is what it was
            server.process.send_signal(signal.SIGHUP)
            wait_until(lambda n=times: told(server) == n, 10, "the logged error")


def told(server):
    return server.log.read_text().count("certificate not reloaded")


def certificate_of(server):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.ports["https"]), timeout=5) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secured:
            return secured.getpeercert(binary_form=True)


def make_certificate(data):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(data / "tls/key.pem"), "-out", str(data / "tls/cert.pem")],
        check=True, capture_output=True)


def second_signal_ends_it_at_once():
    with Server() as server:
        server.process.send_signal(signal.SIGSTOP)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        assert server.process.wait(20) in (0, -signal.SIGTERM)
        server.process = None


def backup_of_a_running_server_is_restored_into_another_directory():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            device.stop()
            server.send(app, "alias", {"alias": "bob"}, payload="kept:1")
            backup = str(server.data) + "-backup"
            server.command("backup", backup)
            server.send(app, "alias", {"alias": "bob"}, payload="after the backup:2")
            ports = server.ports
            server.stop()
            restored = tempfile.mkdtemp(prefix="longwire-restored-")
            try:
                restore_and_check(server, backup, restored, app, device, ports)
            finally:
                shutil.rmtree(backup, ignore_errors=True)
                shutil.rmtree(restored, ignore_errors=True)
            server.start()


def restore_and_check(server, backup, restored, app, device, ports):
    restore(server, backup, restored)
    checked = subprocess.run([Programs.path("longwire"), "storage", "check", "--data", restored,
                              "--json"], check=True, capture_output=True, text=True)
    assert json.loads(checked.stdout)["apps"] >= 2, checked.stdout
    with Server(data=restored) as other:
        other.stop()
        other.start(ports)
        assert app["appId"] in [one["appId"] for one in other.command("app", "list")]
        device.start()
        device.wait_messages(1)
        other.send(app, "alias", {"alias": "bob"}, payload="new:3")
        device.wait_messages(2)
        assert device.payloads() == ["kept:1", "new:3"], device.payloads()
        device.stop()


def device_made_after_the_backup_gets_a_new_account_and_its_names():
    with Server() as server:
        app = server.create_app()
        backup = str(server.data) + "-backup"
        server.command("backup", backup)
        with server.device(app, "late", alias=["bob"], topic=["news"]) as device:
            before = device.wait_registered()["regId"]
            device.stop()
            ports = server.ports
            server.stop()
            restored = tempfile.mkdtemp(prefix="longwire-restored-")
            try:
                restore(server, backup, restored)
                with Server(data=restored) as other:
                    other.stop()
                    other.start(ports)
                    comes_back_by_itself(other, app, device, before)
            finally:
                shutil.rmtree(backup, ignore_errors=True)
                shutil.rmtree(restored, ignore_errors=True)
            server.start()


def comes_back_by_itself(server, app, device, reg_id_before):
    # Its names are the SDK's to remember: this run names none.
    device.arguments = device.arguments[:device.arguments.index("--alias")]
    device.start()
    device.wait_error("account_lost", 60)
    assert device.wait_event("registered", 60)["regId"] != reg_id_before

    def carried():
        listed = server.command("device", "list")
        shown = [server.command("device", "show", one) for one in listed]
        return [registration for one in shown for registration in one["registrations"]
                if registration["aliases"] == ["bob"] and registration["topics"] == ["news"]]

    wait_until(carried, 20, "its names on the server")
    server.send(app, "alias", {"alias": "bob"}, payload="alias:1")
    server.send(app, "topic", {"topic": "news"}, payload="topic:2")
    device.wait_messages(2)
    assert sorted(device.payloads()) == ["alias:1", "topic:2"], device.payloads()
    device.stop()


def restore(server, backup, restored):
    shutil.copytree(server.data / "tls", os.path.join(restored, "tls"))
    subprocess.run([Programs.path("longwire"), "restore", backup, "--data", restored], check=True,
                   capture_output=True)


ANY_PORTS = [f"--set={key}=127.0.0.1:0" for key in
             ("xmpp.listen", "xmpp.listen_tls", "http.listen", "http.admin_listen")]


def directory_lost_beside_its_partitions_is_an_error_not_a_new_one():
    with tempfile.TemporaryDirectory() as data:
        subprocess.run([Programs.path("longwire"), "storage", "init", "--data", data], check=True,
                       capture_output=True)
        path = os.path.join(data, "storage", "directory.sqlite")
        for damage in (lambda: os.truncate(path, 0), lambda: os.remove(path)):
            damage()
            for command in (["storage", "check"], ["serve", *ANY_PORTS]):
                done = subprocess.run([Programs.path("longwire"), *command, "--data", data],
                                      check=False, capture_output=True, text=True, timeout=20)
                assert done.returncode == 1, (command, done)
                assert path in done.stderr and "backup" in done.stderr, (command, done)


def storage_is_made_and_checked_without_a_server():
    with tempfile.TemporaryDirectory() as data:
        for command in (["storage", "init"], ["storage", "check"]):
            subprocess.run([Programs.path("longwire"), *command, "--data", data], check=True,
                           capture_output=True)
        again = subprocess.run([Programs.path("longwire"), "storage", "init", "--data", data],
                               check=True, capture_output=True, text=True)
        assert "nothing to do" in again.stdout, again


if __name__ == "__main__":
    run_tests([
        second_start_keeps_the_data_and_takes_less_than_five_seconds,
        demo_credentials_of_the_banner_send_a_push,
        demo_credentials_that_were_changed_are_not_in_the_next_banner,
        admin_listener_tells_health_and_metrics,
        hangup_reloads_certificate_and_log_level_and_drops_no_connection,
        hangup_with_a_configuration_that_cannot_be_read_changes_nothing,
        hangup_with_a_certificate_that_is_none_changes_nothing,
        second_signal_ends_it_at_once,
        backup_of_a_running_server_is_restored_into_another_directory,
        device_made_after_the_backup_gets_a_new_account_and_its_names,
        storage_is_made_and_checked_without_a_server,
        directory_lost_beside_its_partitions_is_an_error_not_a_new_one,
    ])
