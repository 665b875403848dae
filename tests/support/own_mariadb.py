"""A MariaDB of a test's own, brought up through deploy/local: free port, temporary folder."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy/local"))

import common  # noqa: E402
import mariadb  # noqa: E402

SERVICES = ROOT / "deploy/local/services.py"


class OwnMariaDb:
    """A running server; stopped and removed at the end. AssertionError where it cannot be had."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="longwire-mysql-"))
        self.instance = self.folder / "instance"

    def __enter__(self):
        try:
            self.up()
        except AssertionError:
            self.__exit__()  # what did start
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(AssertionError):
            self.call("down")
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, *arguments):
        done = subprocess.run(["/usr/bin/python3", SERVICES, *arguments,
                               "--instance", self.instance],
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise AssertionError(f"services {arguments} ended with {done.returncode}:\n"
                                 f"{done.stdout}")
        return done.stdout

    def up(self):
        """Starts what does not run; the port stays."""
        self.call("up", "mariadb")

    def status(self):
        return json.loads(self.call("status", "--json"))["services"]["mariadb"]

    def kill(self):
        for process in self.status()["processes"]:
            os.kill(process["pid"], signal.SIGKILL)

    def sql(self, text):
        """The words of the answer, asked with the server's own client."""
        client = self.status()["address"]["client_files"][0]
        return subprocess.run(["mariadb", f"--defaults-file={client}", "-BN", "-e", text],
                              text=True, stdout=subprocess.PIPE, check=True).stdout.split()

    def environment(self):
        """For C++ tests: see tests/contract/mysql_database.h."""
        address = self.status()["address"]
        return os.environ | {"LONGWIRE_TEST_MYSQL": address["nodes"][0],
                             "LONGWIRE_TEST_MYSQL_PASSWORD_FILE": address["password_file"],
                             "LONGWIRE_TEST_MYSQL_INSTANCE": str(self.instance)}

    def settings(self):
        """For `longwire serve --set`."""
        settings = mariadb.MariaDb(common.Instance(self.instance)).settings()
        return tuple(f"{key}={value}" for key, value in settings.items())
