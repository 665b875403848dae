#!/usr/bin/python3
"""The directory's contract on a real MariaDB, which this brings up and takes down again.

mysql_test.py --build DIR [--only CASE] [--results FILE]

Servers of its own, in a temporary folder, on a free port: any number may run side by side. Where
it cannot be brought up, or a program of the build is missing, the test fails.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from own_mariadb import OwnMariaDbs  # noqa: E402
import server_suite  # noqa: E402

PROGRAM_SECONDS_MAX = 400


def contract(build, server):
    return build.gtest("storage_contract_test", "*/mysql", server)


def pair_contract(build, server):
    return build.gtest("storage_contract_test", "*/mysql_pair", server)


def shards_contract(build, server):
    return build.gtest("storage_contract_test", "*/mysql_shards", server)


def faults(build, server):
    return build.gtest("mysql_faults_test", "-MySqlPair*", server)


def pair_faults(build, server):
    return build.gtest("mysql_faults_test", "MySqlPair*", server)


CASES = (contract, pair_contract, shards_contract, faults, pair_faults)


if __name__ == "__main__":
    sys.exit(server_suite.main("MariaDB", OwnMariaDbs, CASES, PROGRAM_SECONDS_MAX))
