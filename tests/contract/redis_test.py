#!/usr/bin/python3
"""The Redis client, and the mirror of a store's rows, on a real server and a real cluster, which
this brings up and takes down again.

redis_test.py --build DIR [--only CASE] [--results FILE]

Servers of its own, in a temporary folder, on free ports: any number may run side by side. Where
they cannot be brought up, or a program of the build is missing, the test fails.
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from own_redis import OwnRedis  # noqa: E402
import server_suite  # noqa: E402

PROGRAM_SECONDS_MAX = 300


def single(build, server):
    return build.gtest("redis_server_test", "RedisSingle*", server)


def cluster(build, server):
    return build.gtest("redis_server_test", "RedisCluster*", server)


def mirror(build, server):
    return build.gtest("redis_server_test", "RedisMirror*", server)


def contract(build, server):
    """The partition store's, on a store behind a mirror."""
    return build.gtest("storage_contract_test", "*/embedded_redis:*/embedded_redis_cluster", server)


CASES = (single, cluster, mirror, contract)


if __name__ == "__main__":
    sys.exit(server_suite.main("Redis", OwnRedis, CASES, PROGRAM_SECONDS_MAX))
