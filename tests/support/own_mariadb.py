"""A MariaDB of a test's own."""

import os
import subprocess

from own_services import OwnServices


class OwnMariaDb(OwnServices):
    """A running server; see OwnServices."""

    def __init__(self, *more):
        super().__init__("mariadb", *more)

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


class OwnMariaDbs(OwnMariaDb):
    """And a pair of masters."""

    def __init__(self):
        super().__init__("mariadb-pair")

    def environment(self):
        pair = self.status("mariadb-pair")["address"]
        return super().environment() | {"LONGWIRE_TEST_MYSQL_PAIR": ",".join(pair["nodes"]),
                                        "LONGWIRE_TEST_MYSQL_CERTIFICATE": pair["certificate"]}
