#!/usr/bin/python3
"""Memberships on a real ZooKeeper, which this brings up and takes down again.

zookeeper_test.py --build DIR [--only CASE] [--results FILE]

A server of its own, in a temporary folder, on a free port: any number may run side by side. Where
it cannot be brought up, or a program of the build is missing, the test fails.
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from own_services import OwnServices  # noqa: E402
import server_suite  # noqa: E402

PROGRAM_SECONDS_MAX = 300


class ZooKeeper(OwnServices):
    """Running; see OwnServices."""

    def __init__(self):
        super().__init__("zookeeper")

    def environment(self):
        """For C++ tests: see tests/contract/zookeeper_back_end.cc."""
        return os.environ | {"LONGWIRE_TEST_ZOOKEEPER": self.status()["address"]["nodes"][0],
                             "LONGWIRE_TEST_ZOOKEEPER_INSTANCE": str(self.instance)}


def contract(build, server):
    return build.gtest("membership_contract_test", "*/zookeeper", server)


def nodes(build, server):
    """What is on the server, and what it refuses."""
    return build.gtest("zookeeper_server_test", "*", server)


CASES = (contract, nodes)


if __name__ == "__main__":
    sys.exit(server_suite.main("ZooKeeper", ZooKeeper, CASES, PROGRAM_SECONDS_MAX))
