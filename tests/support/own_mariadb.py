"""A MariaDB of a test's own."""

import os
import subprocess

from own_services import OwnServices


def ask(client_file, text):
    """The words of the answer, asked with the server's own client."""
    return subprocess.run(["mariadb", f"--defaults-file={client_file}", "-BN", "-e", text],
                          text=True, stdout=subprocess.PIPE, check=True).stdout.split()


class OwnMariaDb(OwnServices):
    """A running server; see OwnServices."""

    def __init__(self, *more):
        super().__init__("mariadb", *more)

    def sql(self, text):
        """The words of the answer, asked with the server's own client."""
        return ask(self.status()["address"]["client_files"][0], text)

    def environment(self):
        """For C++ tests: see tests/contract/mysql_database.h."""
        address = self.status()["address"]
        return os.environ | {"LONGWIRE_TEST_MYSQL": address["nodes"][0],
                             "LONGWIRE_TEST_MYSQL_PASSWORD_FILE": address["password_file"],
                             "LONGWIRE_TEST_MYSQL_INSTANCE": str(self.instance)}


class OwnMariaDbPair(OwnServices):
    """Two masters of a test's own."""

    def __init__(self):
        super().__init__("mariadb-pair")

    def sql_at(self, server, text):
        """The words of the answer of the first (0) or the second (1)."""
        return ask(self.status()["address"]["client_files"][server], text)


class OwnMariaDbs(OwnMariaDb):
    """And a pair of masters."""

    def __init__(self):
        super().__init__("mariadb-pair")

    def environment(self):
        pair = self.status("mariadb-pair")["address"]
        return super().environment() | {"LONGWIRE_TEST_MYSQL_PAIR": ",".join(pair["nodes"]),
                                        "LONGWIRE_TEST_MYSQL_CERTIFICATE": pair["certificate"]}
