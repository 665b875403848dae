#!/usr/bin/python3
"""The list: all that Longwire stands on is killed, halted, wiped, filled or mute, one after the
other, under streams of sends and of alias and topic changes. See README.md.

chaos_test.py --build DIR [--short] [--only FAULT]… [--rounds N] [--results FILE]

A fault acts on a World while a Trial runs, expects what it says itself, and returns when what it
broke may be brought up again.
"""

import pathlib
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("deploy/local", "tests/integration", "tests/support"):
    sys.path.insert(0, str(ROOT / folder))

import runner  # noqa: E402
from mute import Mute  # noqa: E402
from world import Trial, World  # noqa: E402

SINGLE = ("hbase", "hbase-gateway-2", "mariadb", "redis")
PAIRED = ("hbase", "hbase-gateway-2", "mariadb-pair", "redis-cluster")
HALT_SECONDS = 10
SENDS_MEANWHILE = 10  # of each stream: more than were under way when it began
GATEWAYS = ("hbase-gateway", "hbase-gateway-2")


# ---- kill -9, then started again


def hbase_killed(world, trial):
    """Master, region server and ZooKeeper: one process."""
    world.services.kill("hbase-master")
    trial.streams.fail()


def one_gateway_killed(world, trial):
    world.services.kill("hbase-gateway")
    trial.tells("longwire_hbase_gateways_down", lambda down: down == 1)
    trial.goes_on()


def all_gateways_killed(world, trial):
    world.services.kill(*GATEWAYS)
    trial.tells("longwire_hbase_gateways_down", lambda down: down == 2)
    trial.streams.fail()


def mariadb_killed(world, trial):
    world.services.kill("mariadb")
    trial.tells("longwire_mysql_up", lambda up: up == 0)
    trial.goes_on()


def redis_killed(world, trial):
    with trial.rises("longwire_redis_connects_failed_total"):
        world.services.kill("redis")
    trial.goes_on()


def longwire_killed(world, trial):
    trial.watch.may_be_away.set()
    world.server.kill()


def all_killed(world, trial):
    world.services.kill(*world.processes())
    trial.tells("longwire_hbase_gateways_down", lambda down: down == 2)
    trial.streams.fail()


def all_and_longwire_killed(world, trial):
    trial.watch.may_be_away.set()
    world.services.kill(*world.processes())
    world.server.kill()


# ---- SIGSTOP for 10 s: a slow back end


def _halted(world, trial, *names, goes_on):
    """`goes_on`: the streams must not wait until it is over."""
    world.services.halt(*names)
    try:
        before = trial.streams.counts()
        threading.Event().wait(HALT_SECONDS)
        moved = trial.streams.have_moved(trial.streams.counts(), before, SENDS_MEANWHILE)
        assert moved or not goes_on, f"waited for {names}"
    finally:
        world.services.go_on(*names)


def hbase_halted(world, trial):
    _halted(world, trial, "hbase-master", goes_on=False)


def one_gateway_halted(world, trial):
    _halted(world, trial, "hbase-gateway", goes_on=True)


def all_gateways_halted(world, trial):
    _halted(world, trial, *GATEWAYS, goes_on=False)


def mariadb_halted(world, trial):
    _halted(world, trial, "mariadb", goes_on=True)


def redis_halted(world, trial):
    with trial.rises("longwire_redis_failures_total"):
        _halted(world, trial, "redis", goes_on=True)


# ---- worse than away


def gateway_accepts_and_never_answers(world, trial):
    """All connections are made anew while one of the two is mute."""
    port = world.port_of_gateway()
    world.services.kill(*GATEWAYS)
    with Mute(port) as mute:
        world.services.call("up", "hbase-gateway-2")
        trial.goes_on()
        trial.tells("longwire_hbase_gateways_down", lambda down: down == 1)
        trial.goes_on()
        assert mute.accepted, "nobody came to it"


def redis_full(world, trial):
    """Writes are refused, reads are answered: copies would grow old."""
    world.redis("CONFIG", "SET", "maxmemory", "1")
    try:
        refused = world.redis_refusals()
        trial.until(lambda: world.redis_refusals() > refused, "Redis to refuse a write")
        trial.goes_on()
    finally:
        world.redis("CONFIG", "SET", "maxmemory", "0")


def redis_wiped(world, trial):
    with trial.rises("longwire_mirror_generations_total"):
        world.redis("FLUSHALL")
    trial.goes_on()


# ---- pairs and clusters


def cluster_master_killed(world, trial):
    with trial.rises("longwire_redis_failures_total"):
        world.services.kill("redis-cluster-1")
    trial.goes_on()


def cluster_master_halted(world, trial):
    _halted(world, trial, "redis-cluster-2", goes_on=True)


def one_master_killed(world, trial):
    """Of the pair, the one that is written to: the other takes over."""
    with trial.rises("longwire_mysql_pair_failovers_total"):
        world.services.kill(world.master_written_to(trial.watch))
    trial.goes_on()


def all_of_pairs_killed(world, trial):
    all_killed(world, trial)


def one_master_halted(world, trial):
    with trial.rises("longwire_mysql_pair_failovers_total"):
        _halted(world, trial, world.master_written_to(trial.watch), goes_on=True)


FAULTS = {
    SINGLE: (one_gateway_killed, mariadb_killed, redis_killed, longwire_killed, redis_wiped,
             redis_full, gateway_accepts_and_never_answers, all_gateways_killed, hbase_killed,
             all_killed, all_and_longwire_killed, redis_halted, mariadb_halted,
             one_gateway_halted, all_gateways_halted, hbase_halted),
    PAIRED: (cluster_master_killed, cluster_master_halted, one_master_killed,
             all_of_pairs_killed, one_master_halted)}
SHORT = (one_gateway_killed, mariadb_killed, redis_wiped, redis_full, all_and_longwire_killed)
# Those that kill Longwire itself, and those after which copies in the cache are looked at.
RESTARTS = (longwire_killed, all_and_longwire_killed)
REREADS = (redis_killed, redis_wiped, redis_full, redis_halted, cluster_master_killed,
           cluster_master_halted)


def finish(trial, fault):
    trial.finish(restarted=fault in RESTARTS, reread=fault in REREADS)


if __name__ == "__main__":
    sys.exit(runner.main(runner.Lists(FAULTS, SHORT, World, Trial, finish)))
