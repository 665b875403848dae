#!/usr/bin/python3
"""schemathesis sends what docs/openapi.yaml allows, and what it does not, and judges the answers.

A server that runs already: openapi_test.py --url https://HOST:8443 --ca FILE --secret SECRET
"""

import argparse
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from harness import ROOT, Server, Skip, run_tests  # noqa: E402
from canned_server import CannedServer  # noqa: E402

PACKAGE = "schemathesis==4.32.5"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))

# The send API answers 200 whatever is wrong with a request: what these judge is its manner.
NOT_OF_SENDS = "negative_data_rejection,unsupported_method,missing_required_header,ignored_auth"


def schemathesis():
    """The program, installed once into the user's cache, not into the checkout."""
    folder = CACHE / "longwire-tests" / PACKAGE.replace("==", "-")
    program = folder / "bin/schemathesis"
    if not program.exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True,
                           capture_output=True, timeout=120)
            subprocess.run([str(folder / "bin/pip"), "install", "-q", PACKAGE], check=True,
                           capture_output=True, timeout=300)
        except (subprocess.SubprocessError, OSError) as error:
            raise Skip(f"pip cannot install {PACKAGE}: {error}") from None
    return str(program)


def attack(url, ca, secret, arguments, examples):
    command = [schemathesis(), "run", str(ROOT / "docs/openapi.yaml"), "--url", url,
               "--tls-verify", ca, "--header", f"Authorization: key={secret}",
               "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
               "--max-examples", str(examples), "--no-color", *arguments]
    done = subprocess.run(command, cwd=pathlib.Path(ca).parent, check=False, capture_output=True,
                          text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def attack_all(url, ca, secret, examples):
    attack(url, ca, secret, ["--include-tag", "send", "--exclude-checks", NOT_OF_SENDS], examples)
    attack(url, ca, secret, ["--include-tag", "devices", "--include-tag", "messages"], examples)


def canned_answers_are_as_described():
    with CannedServer() as server:
        attack_all(server.url, server.ca, server.app["appSecret"], 20)


def a_whole_server_answers_as_described():
    with Server(settings=["http.devices_per_minute=1000000"]) as server:
        secret = server.create_app()["appSecret"]
        attack_all(f"https://localhost:{server.ports['https']}", server.ca, secret, 10)


def attack_given_server():
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("--secret", required=True)
    parser.add_argument("--examples", type=int, default=100)
    options = parser.parse_args()
    attack_all(options.url, str(pathlib.Path(options.ca).resolve()), options.secret,
               options.examples)


if __name__ == "__main__":
    if "--url" in sys.argv:
        attack_given_server()
    else:
        run_tests([canned_answers_are_as_described, a_whole_server_answers_as_described])
