"""HBase 2.6 in one process (master, region server, ZooKeeper) and its Thrift 2 gateway.

The jars come from Maven once, into the user's cache, and are held to the digests of
hbase/jars.sha256. The gateway speaks the compact protocol without frames: on a framed transport it
mangles the split keys of createTable.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import socket
import xml.sax.saxutils

import common

HERE = pathlib.Path(__file__).resolve().parent / "hbase"
VERSION = "2.6.1"
MASTER_HEAP = "640m"
GATEWAY_HEAP = "256m"
MASTER_CLASS = "org.apache.hadoop.hbase.master.HMaster"
GATEWAY_CLASS = "org.apache.hadoop.hbase.thrift2.ThriftServer"
GATEWAY_STOP_SECONDS_MAX = 15

# What HBase reaches into, and a JDK from 11 on keeps shut.
_OPENED = ("java.io", "java.lang", "java.lang.reflect", "java.nio", "java.util",
           "java.util.concurrent", "jdk.internal.ref", "sun.nio.ch")
_EXPORTED = ("java.base/jdk.internal.misc", "java.base/sun.net.dns", "java.base/sun.net.util",
             "java.security.jgss/sun.security.krb5")
JVM_OPTIONS = (
    "--add-modules=jdk.unsupported",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
    *(f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTED),
    "-Dorg.apache.hbase.thirdparty.io.netty.tryReflectionSetAccessible=true",
    "-Djava.net.preferIPv4Stack=true", "-Djava.awt.headless=true",
    "-Djava.security.egd=file:/dev/./urandom",
    "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Xss512k")

SETTINGS = {
    "hbase.cluster.distributed": "false",
    # The local file system does not name the abilities HBase asks for; what was acknowledged
    # outlives kill -9 all the same, not a power cut.
    "hbase.unsafe.stream.capability.enforce": "false",
    # Names and addresses: never the machine's own.
    "hbase.zookeeper.quorum": "localhost",
    "hbase.zookeeper.property.clientPortAddress": common.HOST,
    "hbase.master.hostname": "localhost",
    "hbase.unsafe.regionserver.hostname": "localhost",
    "hbase.master.ipc.address": common.HOST,
    "hbase.regionserver.ipc.address": common.HOST,
    # No web pages.
    "hbase.master.info.port": "-1",
    "hbase.regionserver.info.port": "-1",
    "hbase.thrift.info.port": "-1",
    # One region server is all there is to wait for.
    "hbase.master.wait.on.regionservers.mintostart": "1",
    "hbase.master.wait.on.regionservers.maxtostart": "1",
    "hbase.master.wait.on.regionservers.interval": "200",
    "hbase.regionserver.msginterval": "1000",
    # With 10 s, the built-in value, a busy compiler on the same cores ends the region server.
    "zookeeper.session.timeout.localHBaseCluster": "30000",
    "hbase.zookeeper.property.maxSessionTimeout": "40000",
    # Small.
    "hbase.regionserver.handler.count": "12",
    "hbase.regionserver.metahandler.count": "4",
    "hbase.netty.worker.count": "4",
    "hfile.block.cache.size": "0.25",
    "hbase.regionserver.global.memstore.size": "0.3",
    "hbase.hregion.memstore.flush.size": str(32 << 20),
    "hbase.regionserver.hlog.blocksize": str(32 << 20),
    "hbase.regionserver.maxlogs": "8",
    # Environment variables do not belong in a log.
    "hbase.envvars.logging.disabled": "true",
    # The gateway's own client: fails in seconds, where the built-in values hang for 20 minutes.
    "hbase.client.operation.timeout": "8000",
    "hbase.client.meta.operation.timeout": "8000",
    "hbase.rpc.timeout": "4000",
    "hbase.client.retries.number": "5",
    "hbase.client.pause": "50",
    # A thread a connection; idle ones are closed after ten minutes, not one.
    # A connection has a thread, and waits in a queue once the minimum is taken: 28 a process.
    "hbase.thrift.minWorkerThreads": "256",
    "hbase.thrift.maxWorkerThreads": "256",
    "hbase.thrift.maxQueuedRequests": "256",
    "hbase.thrift.server.socket.read.timeout": "600000",
}


class HBase(common.Service):
    name = "hbase"
    servers_needed = ("hbase-master", "hbase-gateway")

    def server(self, name):
        server = super().server(name)
        if name != "hbase-master":
            server.stop_seconds_max = GATEWAY_STOP_SECONDS_MAX
        return server

    def up(self):
        master, gateway = self.servers()
        jars = fetch()
        self.directory.mkdir(exist_ok=True, mode=0o700)
        self._configure()
        ports = {use: self.instance.port(f"hbase-{use}")
                 for use in ("zookeeper", "master", "region")}
        self._start(master, jars, MASTER_HEAP, (MASTER_CLASS, "start"),
                    (ports["zookeeper"], ports["master"], ports["region"]),
                    lambda: b"Master has completed initialization" in master.output.read_bytes())
        self._start_gateway(gateway, jars)

    def _start_gateway(self, server, jars):
        port = self.instance.port(server.name)
        # The type must be among the arguments: with any other argument and no type the launcher
        # overwrites what the settings say.
        self._start(server, jars, GATEWAY_HEAP,
                    (GATEWAY_CLASS, "-threadpool", "-b", common.HOST, "-p", port, "-c"),
                    (port,), lambda: table_is_asked(port))

    def _conf(self):
        return self.directory / "conf"

    def _start(self, server, jars, heap, arguments, ports, ready):
        conf = self._conf()
        java = common.find_program("java")
        server.start([java, f"-Xmx{heap}", *JVM_OPTIONS,
                      f"-Djava.io.tmpdir={self.directory / 'tmp'}",
                      f"-Dhbase.log.dir={self.directory}", f"-Dhbase.home.dir={self.directory}",
                      f"-Dlog4j2.configurationFile={conf / 'log4j2.properties'}",
                      "-cp", f"{conf}:{jars}/*", *arguments], ports, ready,
                     env={key: value for key, value in os.environ.items()
                          if not key.startswith(("HBASE_", "JAVA_TOOL", "JDK_JAVA"))})

    def _configure(self):
        port = self.instance.port
        settings = SETTINGS | {
            "hbase.tmp.dir": self.directory / "tmp",
            "hbase.rootdir": (self.directory / "data").as_uri(),
            "hbase.zookeeper.property.dataDir": self.directory / "zookeeper",
            "hbase.zookeeper.property.clientPort": port("hbase-zookeeper"),
            "hbase.master.port": port("hbase-master"),
            "hbase.regionserver.port": port("hbase-region"),
        }
        rows = [f"<property><name>{name}</name>"
                f"<value>{xml.sax.saxutils.escape(str(value))}</value></property>"
                for name, value in settings.items()]
        conf = self._conf()
        for folder in (conf, self.directory / "tmp"):
            folder.mkdir(exist_ok=True)
        (conf / "hbase-site.xml").write_text(
            "\n".join(("<configuration>", *rows, "</configuration>", "")), encoding="utf-8")
        shutil.copyfile(HERE / "log4j2.properties", conf / "log4j2.properties")

    def settings(self):
        """As in the configuration of a server."""
        return {"storage.feeds": "hbase", "hbase.gateways": self.address()["gateways"]}

    def address(self):
        return {"gateways": [f"{common.HOST}:{self.instance.known_port('hbase-gateway')}"],
                "protocol": "compact", "transport": "buffered",
                "zookeeper": f"{common.HOST}:{self.instance.known_port('hbase-zookeeper')}"}


class SecondGateway(HBase):
    """One more gateway of the same instance's HBase, which is to run already. The data is HBase's;
    its own directory holds a log alone."""

    name = "hbase-gateway-2"
    servers_needed = ("hbase-gateway-2",)

    def up(self):
        hbase = HBase(self.instance)
        if hbase.server("hbase-master").pid() is None:
            raise common.Failure(f"{self.name} is of an HBase that does not run: `./dev services up"
                                 f" hbase {self.name}` starts both")
        (self.directory / "tmp").mkdir(parents=True, exist_ok=True, mode=0o700)
        self._start_gateway(*self.servers(), fetch())

    def _conf(self):
        return HBase(self.instance)._conf()  # pylint: disable=protected-access

    def settings(self):
        """Both gateways: in place of what `hbase` alone says."""
        gateways = HBase(self.instance).address()["gateways"] + self.address()["gateways"]
        return {"hbase.gateways": gateways}

    def address(self):
        return {"gateways": [f"{common.HOST}:{self.instance.known_port(self.name)}"],
                "protocol": "compact", "transport": "buffered"}


def fetch():
    """The folder of the jars, filled the first time. Several may ask at once."""
    home = common.cache_directory() / f"hbase-{VERSION}"
    home.mkdir(parents=True, exist_ok=True)
    digests = (HERE / "jars.sha256").read_text(encoding="utf-8")
    jars, seal = home / "lib", home / "verified.sha256"
    with open(home / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Written last: what it seals was whole, and is what this checkout asks for.
        if not seal.exists() or seal.read_text(encoding="utf-8") != digests:
            shutil.rmtree(jars, ignore_errors=True)
            common.tell(f"fetching HBase {VERSION} (111 MB, once) into {home}")
            common.run([common.find_program("mvn"), "-B", "-q", "-f", HERE / "pom.xml",
                        "dependency:copy-dependencies", f"-DoutputDirectory={jars}",
                        "-DincludeScope=runtime"], "fetching HBase through Maven")
            verify(jars, digests)
            seal.write_text(digests, encoding="utf-8")
    return jars


def verify(jars, digests):
    """Exactly these files with exactly these digests."""
    wanted = {name: digest for digest, name in map(str.split, digests.splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.iterdir()}
    wrong = sorted(name for name in wanted.keys() | found.keys()
                   if wanted.get(name) != found.get(name))
    if wrong:
        raise common.Failure(f"{jars}: not what {HERE / 'jars.sha256'} names: {', '.join(wrong)}."
                             " Empty Maven's own cache of them, then try again")


def table_is_asked(port):
    """True when the gateway answers whether a table exists: it has to read hbase:meta for that.

    tableExists({qualifier}) in Thrift's compact protocol, by hand: 0x82 the protocol, 0x21 a call
    of version 1, sequence 0, the name; field 1 a structure, its field 2 a string, two ends. The
    answer is 0x41, or 0x61 for an exception; field 0 (the result) precedes those of errors.
    """
    method, table = b"tableExists", b"longwire"
    head = bytes([0, len(method)]) + method
    call = b"\x82\x21" + head + bytes([0x1C, 0x28, len(table)]) + table + b"\0\0"
    with contextlib.closing(socket.create_connection((common.HOST, port), 5)) as connection:
        connection.settimeout(10)
        connection.sendall(call)
        with connection.makefile("rb") as reply:
            expected = b"\x82\x41" + head
            if reply.read(len(expected)) != expected:
                return False
            kind, field = reply.read(2)
            return kind in (1, 2) and field == 0  # a boolean lies in its field's type
