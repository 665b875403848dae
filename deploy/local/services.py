#!/usr/bin/python3
"""Starts and stops the real servers of a cluster on this machine; see README.md.

services.py up|down|status|settings|wipe [SERVICE…] [--instance DIR] [--json] [--port NAME=PORT]
"""

import argparse
import json
import pathlib
import shutil
import sys

import common
import hbase
import mariadb
import redis_servers
import zookeeper

ROOT = pathlib.Path(__file__).resolve().parents[2]
# JVMs first: what follows is quick, and finds the machine quiet.
KINDS = (hbase.HBase, hbase.SecondGateway, zookeeper.ZooKeeper, mariadb.MariaDb,
         mariadb.MariaDbPair, redis_servers.Redis, redis_servers.RedisCluster)
DEFAULT = ("hbase", "zookeeper", "mariadb", "redis")
OF_A_SERVER = ("hbase", "mariadb", "redis")  # what one alone stands on
USABLE = (*DEFAULT, "hbase-gateway-2", "mariadb-pair", "redis-cluster")  # by a server


def chosen(instance, names, default):
    return [kind(instance) for kind in KINDS if kind.name in (names or default)]


def existing(instance, names):
    """The services named, or all the instance holds."""
    services = chosen(instance, names, [kind.name for kind in KINDS])
    return [service for service in services if service.directory.exists()]


def up(instance, options):
    with instance.locked():
        instance.create()
        for given in options.port:
            name, _, number = given.partition("=")
            if not number.isdigit() or not 0 < int(number) < 65536:
                raise common.Failure(f"--port {given}: give NAME=PORT")
            instance.set_port(name, int(number))
        for service in chosen(instance, options.services, DEFAULT):
            service.only = options.only
            service.up()
            common.tell(line_of(service.name, service.status()))


def down(instance, options):
    with instance.locked():
        for service in reversed(existing(instance, options.services)):
            if service.running():
                service.down()
                common.tell(f"{service.name} is down")


def status(instance, options):
    found = {}
    if instance.exists:
        found = {service.name: service.status()
                 for service in existing(instance, options.services)}
    if options.json:
        print(json.dumps({"instance": str(instance.path), "services": found}, indent=1))
        return
    for name, state in found.items():
        print(line_of(name, state))
    if not found:
        print(f"nothing in {instance.path}: `./dev services up` starts {', '.join(DEFAULT)}")


def settings(instance, options):
    """The configuration of a server that stands on these services."""
    if not instance.exists:
        raise common.Failure(f"nothing in {instance.path}: `./dev services up` starts it")
    services = chosen(instance, options.services, OF_A_SERVER)
    for service in services:
        if service.name not in USABLE:
            raise common.Failure(f"a server does not use {service.name}")
        if not service.running():
            raise common.Failure(f"{service.name} is not up: `./dev services up` starts it")
    values = {}
    for service in services:
        values |= service.settings()
    print("# `./dev services settings` wrote this file.")
    for key, value in values.items():
        print(f"{key} = {json.dumps(value)}")  # of these, JSON is TOML


def line_of(name, state):
    address = state["address"]
    where = " ".join(address.get("gateways", []) + address.get("nodes", []))
    pids = " ".join(str(process["pid"] or "-") for process in state["processes"])
    return f"{name:13} {state['state']:6} {where}  pid {pids}"


def wipe(instance, options):
    if not instance.path.exists():
        return
    if not instance.exists:
        raise common.Failure(f"{instance.path} is no instance of services: nothing is removed")
    with instance.locked():
        services = existing(instance, options.services)
        alive = [service.name for service in services if service.running()]
        if alive:
            raise common.Failure(f"{', '.join(alive)} still runs: `./dev services down` first")
        for service in services:
            service.wipe()
            common.tell(f"the data of {service.name} is gone")
        if not options.services:
            shutil.rmtree(instance.path)


def main():
    parser = argparse.ArgumentParser(prog="./dev services")
    parser.add_argument("command", choices=("up", "down", "status", "settings", "wipe"))
    parser.add_argument("services", nargs="*", metavar="SERVICE",
                        help=f"of {', '.join(kind.name for kind in KINDS)};"
                        f" up without any: {', '.join(DEFAULT)}; the others: all there are")
    parser.add_argument("--instance", default=ROOT / "var/services",
                        help="where they live (default: var/services)")
    parser.add_argument("--json", action="store_true", help="status for programs")
    parser.add_argument("--port", action="append", default=[], metavar="NAME=PORT",
                        help="a port of one's own choice, kept; NAME as in instance.json")
    parser.add_argument("--only", metavar="NAME", help="up: this server of a MariaDB alone")
    options = parser.parse_args()
    unknown = set(options.services) - {kind.name for kind in KINDS}
    if unknown:
        parser.error(f"there is no service {', '.join(sorted(unknown))}")
    try:
        globals()[options.command](common.Instance(options.instance), options)
    except common.Failure as failure:
        print(f"services: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
