#!/usr/bin/python3
"""The command line: every command against a running server, and what it says without one."""

import json
import os
import socket
import stat
import struct
import subprocess
import tempfile
import time

from harness import Programs, Server, run_tests, wait_until


def backup_into_no_name_is_refused():
    with Server() as server:
        refuse(server, "backup", "")


def commands_without_a_server_say_how_to_start_one():
    with tempfile.TemporaryDirectory() as data:
        for command in (["app", "list"], ["user", "list"], ["device", "list"], ["backup", "x"],
                        ["trace", "0" * 24]):
            done = subprocess.run([Programs.path("longwire"), *command, "--data", data],
                                  check=False, capture_output=True, text=True)
            assert done.returncode == 1, (command, done)
            assert f"longwire serve --data {data}" in done.stderr, (command, done.stderr)


def apps_are_created_listed_shown_and_get_new_secrets():
    with Server() as server:
        app = server.create_app("org.example.cli")
        assert set(app) >= {"appId", "appKey", "appSecret", "package"}, app
        assert app["package"] == "org.example.cli"
        listed = server.command("app", "list")
        assert app["appId"] in [one["appId"] for one in listed]
        shown = server.command("app", "show", app["appId"])
        assert shown["packages"] == ["org.example.cli"] and "appSecret" not in shown, shown
        rotated = server.command("app", "rotate-secret", app["appId"])
        assert rotated["appSecret"] != app["appSecret"]
        for secret in (app["appSecret"], rotated["appSecret"]):
            server.send({**app, "appSecret": secret}, "all", {}, payload="x")
        server.command("app", "rotate-secret", app["appId"], "--keep-old-hours", "0")
        missing = server.command("app", "show", "123", check=False)
        assert missing.returncode == 1
        assert json.loads(missing.stderr)["error"]["code"] == "not_found", missing


def users_are_added_listed_and_removed():
    with Server() as server:
        added = server.command("user", "add", "ann", "--password", "secret-1")
        assert added == {"account": "ann"}, added
        again = server.command("user", "add", "ann", "--password", "x", check=False)
        assert again.returncode == 1 and "already_exists" in again.stderr, again
        server.command("user", "passwd", "ann", "--password", "secret-2")
        assert "ann" in server.command("user", "list")
        server.command("user", "remove", "ann")
        assert "ann" not in server.command("user", "list")


def made_passwords_are_told():
    with Server() as server:
        added = server.command("user", "add", "ann")
        changed = server.command("user", "passwd", "ann")
        for answer in (added, changed):
            assert answer["account"] == "ann" and len(answer["password"]) >= 16, answer
        assert added["password"] != changed["password"], added
        assert "password" in server.command("user", "passwd", "ann", as_json=False)


def lists_do_not_end_at_a_thousand():
    with Server() as server:
        for number in range(1001):
            control(server, "user.add", {"user": f"u{number:04}", "password": "x"})
        users = server.command("user", "list")
        assert [user for user in users if user.startswith("u")] == [
            f"u{number:04}" for number in range(1001)], len(users)
        assert server.command("user", "list", "--after", "u0999") == ["u1000"]


def users_are_prepared_as_logins_are():
    with Server() as server:
        assert server.command("user", "add", "Zed", "--password", "x")["account"] == "zed"
        again = server.command("user", "add", "zed", "--password", "x", check=False)
        assert "already_exists" in again.stderr, again
        assert server.command("user", "passwd", "ZED", "--password", "y")["account"] == "zed"
        server.command("user", "remove", "zeD")
        assert "zed" not in server.command("user", "list")


def what_cannot_be_a_user_or_a_password_is_refused():
    with Server() as server:
        before = server.command("user", "list")
        for user in ("", "a@b", "a/b", "a b", "a\nb", "a\x7fb", b"\xff\xfe", "a" * 3000):
            refuse(server, "user", "add", user, "--password", "x")
        for password in ("", "a\nb", b"\xff", "x" * 3000):
            refuse(server, "user", "add", "ann", "--password", password)
        both = server.command("user", "add", "ann", "--password", "x", "--password-stdin",
                              check=False)
        assert both.returncode == 2 and "password" in both.stderr, both
        assert server.command("user", "list") == before
        for user, password in (("a@b", "x"), ("", "x"), ("ann", "")):
            answer = control(server, "user.add", {"user": user, "password": password})
            assert answer["error"]["code"] == "invalid_argument", answer


def what_cannot_be_a_package_or_a_name_is_refused():
    with Server() as server:
        before = server.command("app", "list")
        for package in ("", "bad pkg,x", "a/b", b"\xff", "p" * 256):
            refuse(server, "app", "create", "--package", package)
        for name in (b"\xff", "n" * 256):
            refuse(server, "app", "create", "--package", "org.example", "--name", name)
        answer = control(server, "app.create", {"package": "a b", "name": "n"})
        assert answer["error"]["code"] == "invalid_argument", answer
        assert server.command("app", "list") == before
        server.command("app", "create", "--package", "p" * 255, "--name", "\u00fc" * 255)


def refuse(server, *arguments):
    """The command fails by what it was given, and says so."""
    done = server.command(*arguments, check=False)
    assert done.returncode == 1, (arguments, done)
    assert json.loads(done.stderr)["error"]["code"] == "invalid_argument", (arguments, done)


def control(server, command, params):
    """Straight to the control socket, past the command line."""
    text = json.dumps({"command": command, "params": params}).encode()
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        peer.connect(str(server.data / "control.sock"))
        peer.sendall(struct.pack(">I", len(text)) + text)
        stream = peer.makefile("rb")
        (size,) = struct.unpack(">I", stream.read(4))
        return json.loads(stream.read(size))


def devices_are_shown_kicked_banned_and_removed():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"]) as device:
            registered = device.wait_registered()
            (name,) = server.command("device", "list")
            server.send(app, "alias", {"alias": "bob"}, payload="x:1")
            device.wait_messages(1)
            shown = server.command("device", "show", name)
            assert shown["online"] is True, shown
            (registration,) = shown["registrations"]
            assert registration["regId"] == registered["regId"], shown
            assert registration["aliases"] == ["bob"] and registration["topics"] == ["news"], shown
            assert "inbox" in json.dumps(shown["feeds"]), shown
            assert "bob" in server.command("device", "show", name, as_json=False)
            server.command("device", "kick", name)
            nobody = server.command("device", "kick", "d" + "0" * 24, check=False)
            assert nobody.returncode == 1 and "no such device" in nobody.stderr, nobody
            server.command("device", "ban", name)
            assert server.command("device", "show", name)["banned"] is True
            assert device.wait_error("account_disabled")["final"] is False
            server.command("device", "ban", name, "--lift")
            assert server.command("device", "show", name)["banned"] is False
            wait_until(lambda: device.poll()[-1]["event"] == "connected", 60, "its return")
            server.command("device", "remove", name)
            assert server.command("device", "list") == []
            device.wait_error("account_lost", 60)
            wait_until(lambda: names_of_the_only_device(server) == (["bob"], ["news"]), 60,
                       "another device with the same names")
            assert device.poll()[-1]["event"] == "registered", device.events
            assert device.events[-1]["regId"] != registered["regId"], device.events


def names_of_the_only_device(server):
    devices = server.command("device", "list")
    registrations = [one for name in devices
                     for one in server.command("device", "show", name)["registrations"]]
    return next(((one["aliases"], one["topics"]) for one in registrations), None)


def sends_and_traces():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            sent = server.command("send", "--app", app["appId"], "--alias", "bob", "--title", "T",
                                  "--payload", "from the command line")
            (message,) = device.wait_messages(1)
            assert message["payload"] == "from the command line" and message["title"] == "T"
            assert message["id"] == sent["id"], (message, sent)
            trace = server.command("trace", sent["id"])
            assert trace["resolved"] == 1 and trace["target"] == "alias", trace
            assert sent["id"] in server.command("trace", sent["id"], as_json=False)


def trace_of_a_scheduled_message_says_when():
    with Server() as server:
        at = int(time.time() + 3600) * 1000
        sent = server.send(server.create_app(), "all", {}, payload="x", time_to_send=str(at))
        text = server.command("trace", sent["data"]["id"], as_json=False)
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at / 1000))
        assert f"scheduled  {when}" in text and "delivered" not in text, text


def payload_alone_is_data_for_the_app():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            for fields in (["--payload", "p"], ["--title", "T"]):
                server.command("send", "--app", app["appId"], "--alias", "bob", *fields)
            data, words = device.wait_messages(2)
            assert data["passThrough"] is True and words["passThrough"] is False, (data, words)


def sends_of_nothing_or_to_nobody_are_refused():
    with Server() as server:
        app = server.create_app()["appId"]
        for fields in ([], ["--title", " "], ["--payload", "p" * 4097], ["--title", "t" * 50],
                       ["--description", "d" * 128], ["--payload", b"\xff\xfe"]):
            refuse(server, "send", "--app", app, "--all", *fields)
        for target in (["--topic", ""], ["--alias", ""], ["--topic", " "], ["--alias", "a\nb"],
                       ["--regid", "r" * 129]):
            done = server.command("send", "--app", app, *target, "--payload", "p", check=False)
            assert done.returncode in (1, 2) and not done.stdout, (target, done)
        for seconds in ("0", "-5", "9999999999999999"):
            done = server.command("send", "--app", app, "--all", "--payload", "p", "--ttl",
                                  seconds, check=False)
            assert done.returncode == 2 and "--ttl" in done.stderr, done
        for params in ({"timeToLiveMs": 0}, {"target": "topic", "names": [""]}):
            params = {"app": app, "target": "all", "payload": "p", **params}
            assert control(server, "send", params)["error"]["code"] == "invalid_argument", params


def unknown_commands_are_named():
    for words in (["bogus"], ["app", "bogus"]):
        done = subprocess.run([Programs.path("longwire"), *words], check=False,
                              capture_output=True, text=True)
        assert done.returncode == 2 and '"bogus"' in done.stderr, done


def usage_errors_are_json_where_json_is_asked_for():
    for words in (["app", "bogus"], ["trace"], ["app", "list", "--bogus"]):
        done = subprocess.run([Programs.path("longwire"), *words, "--json"], check=False,
                              capture_output=True, text=True)
        assert done.returncode == 2, done
        assert json.loads(done.stderr)["error"]["message"], done.stderr


def configuration_errors_are_named():
    with tempfile.TemporaryDirectory() as data:
        path = os.path.join(data, "longwire.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("[log]\nlevle = \"info\"\n")
        done = subprocess.run([Programs.path("longwire"), "config", "check", "--data", data],
                              check=False, capture_output=True, text=True)
        assert done.returncode == 1 and "log.level" in done.stderr, done
        with open(path, "w", encoding="utf-8") as file:
            file.write("[threads]\nxmpp = 0\n")
        done = subprocess.run([Programs.path("longwire"), "serve", "--data", data], check=False,
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and path in done.stderr and "threads.xmpp" in done.stderr, done
        for wrong in ('[http]\nlisten = "localhost:1"\n', '[xmpp]\ndomain = "a b"\n'):
            with open(path, "w", encoding="utf-8") as file:
                file.write(wrong)
            done = subprocess.run([Programs.path("longwire"), "config", "check", "--data", data],
                                  check=False, capture_output=True, text=True)
            assert done.returncode == 1 and path + ":2" in done.stderr, done
        shown = subprocess.run([Programs.path("longwire"), "config", "print", "--data", data + "x",
                                "--json"], check=True, capture_output=True, text=True)
        json.loads(shown.stdout)


def configuration_that_is_no_file_is_an_error():
    with tempfile.TemporaryDirectory() as data:
        for path in (data, "/dev/zero"):
            done = subprocess.run([Programs.path("longwire"), "config", "check", "--config", path],
                                  check=False, capture_output=True, text=True, timeout=20)
            assert done.returncode == 1 and path in done.stderr, done


def taken_port_is_named_with_its_key():
    with Server() as server, tempfile.TemporaryDirectory() as data:
        for key, port in (("http.listen", "https"), ("xmpp.listen", "xmpp")):
            others = [f"--set={other}=127.0.0.1:0" for other in
                      ("xmpp.listen", "xmpp.listen_tls", "http.listen", "http.admin_listen")
                      if other != key]
            done = subprocess.run(
                [Programs.path("longwire"), "serve", "--data", data, *others,
                 f"--set={key}=127.0.0.1:{server.ports[port]}"],
                check=False, capture_output=True, text=True, timeout=20)
            assert done.returncode == 1, done
            assert key in done.stderr and str(server.ports[port]) in done.stderr, done.stderr


def second_server_on_a_data_directory_is_refused():
    with Server() as server:
        done = subprocess.run([Programs.path("longwire"), "serve", "--data", str(server.data)],
                              check=False, capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and "another longwire" in done.stderr, done


def secrets_lie_in_files_of_mode_0600():
    with Server() as server:
        for name in ("demo.json", "tls/key.pem", "control.sock"):
            mode = stat.S_IMODE(os.stat(server.data / name).st_mode)
            assert mode == 0o600, (name, oct(mode))


def configuration_document_is_what_the_program_prints():
    from harness import ROOT
    printed = subprocess.run([Programs.path("longwire"), "config", "print", "--markdown"],
                             check=True, capture_output=True, text=True).stdout
    document = (ROOT / "docs/CONFIG.md").read_text(encoding="utf-8")
    assert printed == document, "run: longwire config print --markdown > docs/CONFIG.md"


if __name__ == "__main__":
    run_tests([
        backup_into_no_name_is_refused,
        commands_without_a_server_say_how_to_start_one,
        apps_are_created_listed_shown_and_get_new_secrets,
        users_are_added_listed_and_removed,
        made_passwords_are_told,
        lists_do_not_end_at_a_thousand,
        users_are_prepared_as_logins_are,
        what_cannot_be_a_user_or_a_password_is_refused,
        what_cannot_be_a_package_or_a_name_is_refused,
        devices_are_shown_kicked_banned_and_removed,
        sends_and_traces,
        trace_of_a_scheduled_message_says_when,
        payload_alone_is_data_for_the_app,
        sends_of_nothing_or_to_nobody_are_refused,
        unknown_commands_are_named,
        usage_errors_are_json_where_json_is_asked_for,
        configuration_errors_are_named,
        configuration_that_is_no_file_is_an_error,
        taken_port_is_named_with_its_key,
        second_server_on_a_data_directory_is_refused,
        secrets_lie_in_files_of_mode_0600,
        configuration_document_is_what_the_program_prints,
    ])
