#!/usr/bin/python3
"""Senders' programs, unmodified: curl on HTTP/1.1 and HTTP/2, and npm's xiaomi-push 1.0.0."""

import json
import os
import pathlib
import shutil
import subprocess

from harness import Server, Skip, run_tests

NPM_PACKAGE = "xiaomi-push@1.0.0"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))


def curl_sends(server, app, http_flag, number):
    command = ["curl", "-sS", http_flag, "--cacert", server.ca, "-w", "\n%{http_version}",
               "-H", f"Authorization: key={app['appSecret']}",
               f"https://localhost:{server.ports['https']}/v3/message/alias",
               "-d", "alias=bob", "-d", f"payload=curl:{number}", "-d", "title=t",
               "-d", "description=d", "-d", f"restricted_package_name={app['package']}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    body, _, version = done.stdout.rpartition("\n")
    answer = json.loads(body)
    assert answer["code"] == 0, answer
    return version


def curl_sends_on_http_1_1_and_http_2():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            assert curl_sends(server, app, "--http1.1", 1) == "1.1"
            assert curl_sends(server, app, "--http2", 2) == "2"
            device.wait_messages(2)
            assert device.payloads() == ["curl:1", "curl:2"]


# Only the host is changed, as a user of it would; trust comes by NODE_EXTRA_CA_CERTS.
NPM_SCRIPT = """
const [secret, port] = process.argv.slice(1);
const { Message, Notification } = require('xiaomi-push');
const sender = new Notification({ production: true, appSecret: secret });
for (const name of Object.keys(sender.apis)) {
  sender.apis[name] = sender.apis[name].replace('https://api.xmpush.xiaomi.com',
                                                `https://localhost:${port}`);
}
const message = (payload) => new Message().title('title').description('description')
  .payload(payload).passThrough(0).notifyType(-1).extra('badge', 6);
sender.sendToAlias('bob', message('npm:1'))
  .then((answer) => { console.log(JSON.stringify(answer)); })
  .then(() => sender.sendToTopic('news', message('npm:2')))
  .then((answer) => { console.log(JSON.stringify(answer)); })
  .catch((error) => { console.error(String(error)); process.exit(1); });
"""


def npm_folder():
    """The package, installed once into the user's cache, not into the checkout."""
    npm = shutil.which("npm")
    if npm is None:
        raise Skip("npm is not installed")
    folder = CACHE / "longwire-tests" / "npm"
    if not (folder / "node_modules/xiaomi-push").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", NPM_PACKAGE], cwd=folder,
                              check=False, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Skip(f"npm cannot install {NPM_PACKAGE}: {done.stderr.strip()[-200:]}")
    return folder


def npm_client_sends_to_alias_and_topic():
    folder = npm_folder()
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"], topic=["news"]) as device:
            device.wait_registered()
            environment = {**os.environ, "NODE_EXTRA_CA_CERTS": server.ca,
                           "NODE_NO_WARNINGS": "1"}
            done = subprocess.run(
                ["node", "-e", NPM_SCRIPT, "--", app["appSecret"], str(server.ports["https"])],
                cwd=folder, env=environment, check=False, capture_output=True, text=True,
                timeout=60)
            assert done.returncode == 0, done.stderr
            answers = [json.loads(line) for line in done.stdout.splitlines()]
            assert [answer["code"] for answer in answers] == [0, 0], answers
            first, second = device.wait_messages(2)[:2]
            assert sorted([first["payload"], second["payload"]]) == ["npm:1", "npm:2"]
            assert first["extra"].get("badge") == "6", first


if __name__ == "__main__":
    run_tests([curl_sends_on_http_1_1_and_http_2, npm_client_sends_to_alias_and_topic])
