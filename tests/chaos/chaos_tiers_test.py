#!/usr/bin/python3
"""The list of the tiers: middle nodes, XMPP fronts, their workers, HTTP fronts, ZooKeeper and the
links between them, one fault after the other, under load. See README.md.

chaos_tiers_test.py --build DIR [--short] [--only FAULT]… [--rounds N] [--results FILE]
"""

import contextlib
import pathlib
import signal
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("deploy/local", "tests/integration", "tests/support"):
    sys.path.insert(0, str(ROOT / folder))

import runner  # noqa: E402
from tiers_world import LEASE_SECONDS, WORKERS, TiersTrial, TiersWorld  # noqa: E402

SERVICES = ("hbase", "mariadb", "redis", "zookeeper")
CUT_SECONDS = 5
STALL_SECONDS = 15
SLOW_SECONDS = 10
COME_AND_GO_SECONDS = 60
COME_AND_GO_PAUSE_SECONDS = 3
DRAIN_SPREAD_SECONDS = "2"


def pause(seconds):
    threading.Event().wait(seconds)


# ---- kill -9


def workers_killed(world, trial):
    for front in world.xmpp:
        for number in range(WORKERS):
            world.kill_worker(front, number)
            trial.streams.go_on()


def all_workers_killed(world, trial):
    """Those of one front end at once."""
    for front in world.xmpp:
        with contextlib.ExitStack() as stack:
            for number in range(WORKERS):
                thread = threading.Thread(target=world.kill_worker, args=(front, number))
                thread.start()
                stack.callback(thread.join)
        world.wait_connected()
        trial.streams.go_on()


def _each_in_turn(world, trial, processes):
    for process in processes:
        world.kill(process)
        trial.streams.go_on()
        world.start(process)
        trial.streams.go_on()


def xmpp_fronts_killed(world, trial):
    for front in world.xmpp:
        world.kill(front)
        world.wait_connected()
        trial.streams.go_on()
        world.start(front)
        trial.streams.go_on()


def http_fronts_killed(world, trial):
    _each_in_turn(world, trial, world.http)


def all_fronts_killed(world, trial):
    world.kill(*world.xmpp, *world.http)


def nodes_killed(world, trial):
    for node in world.nodes:
        world.kill(node)
        world.wait_owned()
        trial.streams.go_on()
        world.start(node)
        world.wait_owned()


def two_nodes_killed(world, trial):
    for first in range(len(world.nodes)):
        pair = (world.nodes[first], world.nodes[first - 1])
        world.kill(*pair)
        world.wait_owned()
        trial.streams.go_on()
        world.start(*pair)
        world.wait_owned()


def all_nodes_killed(world, trial):
    world.kill(*world.nodes)
    trial.streams.fail()


def zookeeper_killed(world, trial):
    """Owners keep serving, for as long as it takes."""
    world.kill_services("zookeeper")
    for _ in range(LEASE_SECONDS):
        trial.streams.go_on(seconds=5)
        pause(1)


def zookeeper_and_a_node_killed(world, trial):
    """Nobody takes over from it until ZooKeeper is there again; the rest is served."""
    world.kill_services("zookeeper")
    world.kill(world.nodes[0])
    trial.streams.fail()
    world.services.up()
    world.wait_owned()
    trial.streams.go_on()


def everything_killed(world, trial):
    world.kill(*world.everybody())
    world.kill_services(*world.storage_processes())


def all_of_longwire_killed(world, trial):
    world.kill(*world.everybody())


# ---- halted: deposed, and told so by nobody


def nodes_halted(world, trial):
    """Until others have committed in their place: what they were asked is not too old then."""
    for node in world.nodes:
        _halted(world, trial, [node], 0)
        world.wait_owned()
        trial.streams.go_on()


def two_nodes_halted(world, trial):
    _halted(world, trial, world.nodes[:2], LEASE_SECONDS)


def _halted(world, trial, nodes, longer_seconds):
    for node in nodes:
        node.process.send_signal(signal.SIGSTOP)
    world.wait_owned(nodes=[node for node in world.nodes if node not in nodes])
    trial.streams.go_on()
    pause(longer_seconds)
    for node in nodes:
        node.process.send_signal(signal.SIGCONT)


def nodes_deposed_and_not_told(world, trial):
    """Each goes on to be asked by a front end that does not know either."""
    for number in range(len(world.nodes)):
        with world.split_off(number) as others:
            world.wait_owned(nodes=others)
            pause(LEASE_SECONDS)
        world.wait_owned()
        trial.streams.go_on()


# ---- links


def _for_each_link(world, trial, break_it, seconds):
    for link in world.links:
        break_it(link)
        pause(seconds)
        link.mend()
        trial.streams.go_on()
        world.wait_owned()


def links_cut(world, trial):
    _for_each_link(world, trial, lambda link: link.cut(), CUT_SECONDS)


def links_stalled(world, trial):
    """Longer than a lease: ZooKeeper sees the node, its clients do not."""
    _for_each_link(world, trial, lambda link: link.stall(), STALL_SECONDS)


def all_links_stalled(world, trial):
    for link in world.links:
        link.stall()
    pause(STALL_SECONDS)


def links_slow(world, trial):
    for link in world.links:
        link.slow()
        trial.streams.go_on()
        pause(SLOW_SECONDS)
        trial.streams.go_on()
        link.mend()


def all_links_slow(world, trial):
    for link in world.links:
        link.slow()
    pause(SLOW_SECONDS)
    trial.streams.go_on()


def nodes_cut_from_each_other(world, trial):
    """Front ends reach both, ZooKeeper sees both."""
    for number, link in enumerate(world.links):
        other = (number + 1) % len(world.links)
        link.cut(f"node {other}")
        world.links[other].cut(f"node {number}")
        pause(STALL_SECONDS)
        link.mend()
        world.links[other].mend()
        trial.streams.go_on()


def node_moves_while_links_are_cut(world, trial):
    """A node leaves and comes while two others do not hear each other."""
    world.links[0].cut("node 1")
    world.links[1].cut("node 0")
    world.stop(world.nodes[2])
    world.wait_owned()
    trial.streams.sends_go_on()
    world.start(world.nodes[2])
    world.wait_owned()


# ---- comings and goings


def nodes_come_and_go(world, trial):
    """One goes every few seconds, and comes again while the next goes; in turn killed, and not."""
    away = None
    for turn in range(COME_AND_GO_SECONDS // COME_AND_GO_PAUSE_SECONDS):
        node = world.nodes[turn % len(world.nodes)]
        if turn % 2:
            world.kill(node)
        else:
            world.stop(node)
        if away is not None:
            world.start(away)
        away = node
        pause(COME_AND_GO_PAUSE_SECONDS)
    world.start(away)


def everything_restarted(world, trial):
    """By the book: nobody is refused."""
    for node in world.nodes:
        world.stop(node)
        world.start(node)
        world.wait_owned()
    for front in world.xmpp:
        world.touch(front)
        front.command("drain", "--spread", DRAIN_SPREAD_SECONDS)
        world.stop(front)
        world.start(front)
    for front in world.http:
        world.stop(front)
        world.start(front)
    assert not trial.streams.all_of("refused"), "a planned move refused a send"


def devices_move(world, trial):
    """Between the front ends, while sends go on; the session before hears nothing of it."""
    for _ in range(5):
        for door in world.doors:
            world.touch(world.xmpp[0])
            door.move()
            pause(0.5)
            world.wait_connected()
        trial.streams.go_on()


FAULTS = (workers_killed, all_workers_killed, xmpp_fronts_killed, http_fronts_killed,
          all_fronts_killed, nodes_killed, two_nodes_killed, all_nodes_killed, nodes_halted,
          two_nodes_halted, nodes_deposed_and_not_told, zookeeper_killed,
          zookeeper_and_a_node_killed, links_cut, links_stalled,
          all_links_stalled, links_slow, all_links_slow, nodes_cut_from_each_other,
          node_moves_while_links_are_cut, devices_move, everything_restarted, nodes_come_and_go,
          all_of_longwire_killed, everything_killed)
SHORT = (xmpp_fronts_killed, nodes_deposed_and_not_told, links_cut, all_of_longwire_killed)
# After these, what was written meanwhile is read by nodes that were not there: it is the storage
# that somebody who was deposed may have spoilt.
REREADS = (nodes_killed, nodes_halted, two_nodes_halted, nodes_deposed_and_not_told,
           all_links_stalled, nodes_cut_from_each_other, nodes_come_and_go)


def finish(trial, fault):
    trial.finish(reread=fault in REREADS)


if __name__ == "__main__":
    sys.exit(runner.main(runner.Lists({SERVICES: FAULTS}, SHORT, TiersWorld, TiersTrial, finish)))
