"""ZooKeeper 3.8, one server, apart from the one in HBase's process: so that each can die alone.

Its jars are among HBase's, which hbase.py fetches.
"""

import contextlib
import os
import socket

import common
import hbase

HEAP = "128m"
SERVER_CLASS = "org.apache.zookeeper.server.ZooKeeperServerMain"
JVM_OPTIONS = ("-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true",
               "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Xss512k")

# A session lasts from 2 to 20 ticks, unless it is said: tests want short ones, a program that a
# debugger holds long ones.
SETTINGS = {
    "tickTime": 250,
    "minSessionTimeout": 1000,
    "maxSessionTimeout": 600000,
    "clientPortAddress": common.HOST,
    "maxClientCnxns": 0,
    "admin.enableServer": "false",
    "4lw.commands.whitelist": "srvr",
    "autopurge.purgeInterval": 1,
}


class ZooKeeper(common.Service):
    name = "zookeeper"
    servers_needed = ("zookeeper",)

    def up(self):
        (server,) = self.servers()
        jars = hbase.fetch()
        port = self.instance.port(self.name)
        data = self.directory / "zookeeper-data"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        conf = self.directory / "zookeeper.cfg"
        settings = SETTINGS | {"clientPort": port, "dataDir": data}
        conf.write_text("".join(f"{key}={value}\n" for key, value in settings.items()),
                        encoding="utf-8")
        server.start([common.find_program("java"), f"-Xmx{HEAP}", *JVM_OPTIONS,
                      f"-Dlog4j2.configurationFile={hbase.HERE / 'log4j2.properties'}",
                      "-cp", f"{jars}/*", SERVER_CLASS, conf], (port,), lambda: serves(port),
                     env={key: value for key, value in os.environ.items()
                          if not key.startswith(("ZOO", "JAVA_TOOL", "JDK_JAVA"))})

    def settings(self):
        """As in the configuration of a server."""
        return {"zookeeper.servers": self.address()["nodes"]}

    def address(self):
        return {"nodes": [f"{common.HOST}:{self.instance.known_port(self.name)}"]}


def serves(port):
    """True when the server says what it is. One that is asked just when it starts says so, or
    nothing at all: then it is to be asked again, soon."""
    with contextlib.closing(socket.create_connection((common.HOST, port), 5)) as connection:
        connection.settimeout(1)
        connection.sendall(b"srvr")
        with connection.makefile("rb") as reply:
            return b"Mode: standalone" in reply.read()
