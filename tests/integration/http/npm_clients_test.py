#!/usr/bin/python3
"""Unmodified npm clients of the MiPush API against canned answers: what they send is understood,
what we answer is understood by them. Delivery is tested in ../clients_test.py."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from harness import Skip, run_tests  # noqa: E402
from canned_server import CannedServer  # noqa: E402

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))


def installed(package):
    npm = shutil.which("npm")
    if npm is None:
        raise Skip("npm is not installed")
    name, _, version = package.partition("@")
    folder = CACHE / "longwire-tests" / f"npm-{name}-{version}"
    if not (folder / "node_modules" / name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", package], cwd=folder,
                              check=False, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Skip(f"npm cannot install {package}: {done.stderr.strip()[-200:]}")
    return folder


def run_node(package, script):
    """What the script prints, one JSON a line; argv: url, port, secret, package name."""
    folder = installed(package)
    with CannedServer() as server:
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": server.ca, "NODE_NO_WARNINGS": "1"}
        done = subprocess.run(
            ["node", "-e", script, "--", server.url, str(server.ports["https"]),
             server.app["appSecret"], server.app["package"]],
            cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


XIAOMI_PUSH = """
const [url, port, secret] = process.argv.slice(1);
const { Message, Notification } = require('xiaomi-push');
const sender = new Notification({ production: true, appSecret: secret });
for (const name of Object.keys(sender.apis)) {
  sender.apis[name] = sender.apis[name].replace('https://api.xmpush.xiaomi.com', url);
}
const message = new Message().title('t').description('d').payload('p').notifyType(-1)
  .extra('badge', 6);
const show = (answer) => console.log(JSON.stringify(answer));
(async () => {
  show(await sender.send(['r1', 'r2'], message));
  show(await sender.sendToAlias('bob', message));      // the regIds are still in the form
  show(await sender.sendToUserAccount('u', message));
  show(await sender.sendToTopic(['a', 'b'], message));
  show(await sender.sendToAll(message));
  await sender.send('unknown', message).then(show, (error) => show({ error: error.message }));
})().catch((error) => { console.error(String(error)); process.exit(1); });
"""


def xiaomi_push_sends_to_every_kind_of_target():
    answers = run_node("xiaomi-push@1.0.0", XIAOMI_PUSH)
    assert [answer.get("code") for answer in answers[:5]] == [0] * 5, answers
    assert "No valid targets!" in json.dumps(answers[5]), answers[5]
    assert "1 ALIAS" in answers[1]["info"] and "2 TOPIC" in answers[3]["info"], answers


PUSH_XIAOMI = """
const [url, port, secret, package] = process.argv.slice(1);
const Push = require('push-xiaomi');
const push = new Push({ appSecret: secret, appPkgName: package,
                        pushUrl: url + '/v3/message/regid' });
const finish = (data) => console.log(JSON.stringify(data));
push.push({ title: 't', content: 'd', list: ['r1', 'unknown1', 'r2'], finish });
push.push({ title: 't', content: 'd', list: ['unknown1', 'unknown2'], finish });
"""


def push_xiaomi_counts_whom_it_reached():
    answers = run_node("push-xiaomi@0.1.6", PUSH_XIAOMI)
    counts = sorted((answer["success_total"], answer["fail_total"]) for answer in answers)
    assert counts == [(0, 2), (2, 1)], answers


XIAOMIPUSH = """
const [url, port, secret, package] = process.argv.slice(1);
const Constants = require('xiaomipush/Constants');
Constants.domain = url;
const Sender = require('xiaomipush/Sender');
const Builder = require('xiaomipush/Builder');
const MiPush = require('xiaomipush');
const show = (code) => console.log(JSON.stringify(code));
(async () => {
  show(await MiPush.pushToAndroid(package, secret, 'u', 't', 'p'));  // its body is chunked
  const message = new Builder();
  message.Title('t'); message.Description('d'); message.Payload('p'); message.Build();
  const sender = new Sender();
  show((await sender.send(message, 'r1')).getErrorCode());           // misspells registration_id
  show((await sender.sendToIds(message, ['r1', 'r2'])).getErrorCode());  // ends lists with a comma
  show((await sender.sendToAliases(message, ['a', 'b'])).getErrorCode());
  show((await sender.broadcast(message, 'news')).getErrorCode());
  show((await sender.broadcastAll(message)).getErrorCode());
})().catch((error) => { console.error(String(error && error.stack || error)); process.exit(1); });
"""


def xiaomipush_sends_with_its_quirks():
    assert run_node("xiaomipush@2.0.1", XIAOMIPUSH) == [0, 0, 0, 0, 0, 0]


if __name__ == "__main__":
    run_tests([xiaomi_push_sends_to_every_kind_of_target, push_xiaomi_counts_whom_it_reached,
               xiaomipush_sends_with_its_quirks])
