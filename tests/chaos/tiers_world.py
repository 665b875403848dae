"""Middle nodes, XMPP fronts with workers, HTTP fronts, on real storage and under load: README.md.

A TiersWorld lasts over many faults, a TiersTrial over one.
"""

import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from chats import Chats
from checker import check_exactly_once, check_order, check_wire
from harness import Api, Device, Server, wait_until
from names import Namer
from proxies import Proxies, pid_of_dialler
from senders import Sender
from streams import ANSWER_SECONDS_MAX, SEND_PAUSE_SECONDS, Streams
from tier_processes import PARTITIONS, Node

NODES, WORKERS = 3, 2
DEVICES = 4  # connected; one more is there after each fault only
CONNECT_SECONDS_MAX = 10
OWNED_SECONDS_MAX = 30
DELIVERY_SECONDS_MAX = 60
CHECK_SECONDS_MAX = 120
GROWTH_BYTES_MAX = 64 << 20
LEASE_SECONDS = 4
PATIENCE = ("hbase.call_timeout=3s", "mysql.lock_timeout=2s", "mysql.read_timeout=3s",
            "mysql.write_timeout=3s", "hbase.regions=1")
FATAL = ("CHECK failed", "signal 6", "signal 11", "terminate called", "Sanitizer")


class Door:
    """Where clients come in: as a Server to them, a balancer before all front ends in truth."""

    def __init__(self, world, preferred):
        self.world = world
        self.data = world.folder / f"door{preferred}"
        self.balancers = {port: world.proxies.balancer([front.ports[port] for front in fronts])
                          for port, fronts in (("xmpp", world.xmpp), ("xmpps", world.xmpp),
                                               ("https", world.http))}
        self.ports = {port: balancer.port for port, balancer in self.balancers.items()}
        for balancer in self.balancers.values():
            balancer.prefer(preferred)
        self.ca = world.xmpp[0].ca

    def api(self):
        return Api(self)

    def command(self, *arguments):
        return self.world.command(*arguments)

    def move(self):
        """Devices and chat users: to the other front end, without a word to the one before."""
        for port in ("xmpp", "xmpps"):
            self.balancers[port].move()

    def end_left(self):
        for port in ("xmpp", "xmpps"):
            self.balancers[port].end_left()


class TiersWorld:
    """On `services`, which run, and hold nothing yet."""

    def __init__(self, services):
        self.services = services
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="longwire-tiers-"))
        self.proxies = Proxies()
        self.nodes, self.xmpp, self.http = [], [], []
        self.links, self.ways_to_zookeeper = [], []  # to each node; of each node
        self.accepted, self.uncertain = {}, []  # by device; of all trials
        self.count = self.kills = 0
        self.touched = set()  # kinds of front ends that ended in this trial
        self._resident, self._read = {}, {}  # by process and life; by log

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            stack.enter_context(self.proxies)
            self._make_processes()
            for process in self.everybody():
                stack.enter_context(process)
                self._share_certificate(process)
            self.wait_owned()
            self._let_in(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *reason):
        return self._stack.__exit__(*reason)

    def _make_processes(self):
        storage = [*self.services.settings("hbase", "mariadb", "redis"), *PATIENCE]
        zookeeper, = (setting for setting in self.services.settings("zookeeper")
                      if setting.startswith("zookeeper.servers="))
        for _ in range(NODES):
            self.ways_to_zookeeper.append(self.proxies.link(int(zookeeper.rpartition(":")[2])))
            way = f"zookeeper.servers=127.0.0.1:{self.ways_to_zookeeper[-1].port}"
            node = Node([*storage, way])
            link = self.proxies.link(int(node.address.rpartition(":")[2]), self._name_of)
            node.settings.append(f"tier.advertise=127.0.0.1:{link.port}")
            self.nodes.append(node)
            self.links.append(link)
        middle = "tier.middle=" + ",".join(f"127.0.0.1:{link.port}" for link in self.links)
        self.xmpp = [Server(["tier.roles=xmpp", middle, f"xmpp.workers={WORKERS}",
                             "threads.xmpp=1"]) for _ in range(2)]
        self.http = [Server(["tier.roles=http", middle]) for _ in range(2)]

    def _name_of(self, port):
        """Which of named() dials; None: a worker."""
        pids = {process.process.pid: name for name, process in self.named() if process.process}
        return pids.get(pid_of_dialler(port, pids))

    @contextlib.contextmanager
    def split_off(self, number):
        """This node and the first HTTP front reach each other and the storage, and no other node,
        nor ZooKeeper."""
        others = [link for other, link in enumerate(self.links) if other != number]
        self.ways_to_zookeeper[number].cut()
        for other, link in enumerate(self.links):
            if link in others:
                self.links[number].cut(f"node {other}")
                link.cut(f"node {number}")
                link.cut("http 0")
        try:
            yield [node for other, node in enumerate(self.nodes) if other != number]
        finally:
            for link in (*self.links, self.ways_to_zookeeper[number]):
                link.mend()

    def _share_certificate(self, started):
        """Of the first front end with all others: they have one name."""
        if started is self.xmpp[0]:
            for front in (*self.xmpp[1:], *self.http):
                shutil.copytree(started.data / "tls", front.data / "tls")

    def _let_in(self, stack):
        self.doors = [Door(self, preferred) for preferred in range(2)]
        self.app = self.command("app", "create", "--package", "org.example.streams")
        self.names_app = self.command("app", "create", "--package", "org.example.names")
        everybody = [Device(self.doors[n % 2], self.app, str(n), alias=[f"a{n}"],
                            account=[f"u{n}@work"], topic=["news"], timeout=86400,
                            reconnect_max=4) for n in range(DEVICES + 1)]
        for device in everybody:
            stack.enter_context(device)
        self.reg_ids = [device.wait_registered()["regId"] for device in everybody]
        self.accepted = {number: [] for number in range(DEVICES + 1)}
        *self.devices, self.late = everybody
        self.late.stop()
        names = ("ann", "bob", "cid", "dan")
        for name in names:
            self.command("user", "add", name, "--password", f"{name}-secret")
        self.chats = stack.enter_context(Chats(self.doors, names))
        self.chats.wait_connected(CONNECT_SECONDS_MAX)

    def log(self):
        """The end of what each logged of trouble."""
        told = []
        for name, process in self.named():
            lines = process.log.read_text(errors="replace").splitlines()
            trouble = [line for line in lines if " warn " in line or " error " in line
                       or any(word in line for word in FATAL)]
            told += [f"--- {name}", *trouble[-15:]]
        return "\n".join(told)

    # ---- processes

    def named(self):
        return [(f"{kind} {number}", process)
                for kind, processes in (("node", self.nodes), ("xmpp", self.xmpp),
                                        ("http", self.http))
                for number, process in enumerate(processes)]

    def everybody(self):
        return [process for _, process in self.named()]

    @staticmethod
    def alive(processes):
        return [process for process in processes if process.process is not None]

    def touch(self, process):
        """Its clients may miss answers, or lose connections."""
        self.touched |= {kind for kind in ("xmpp", "http") if process in getattr(self, kind)}

    def kill(self, *processes):
        """With kill -9, at once."""
        for process in processes:
            self.touch(process)
            process.process.kill()
            self.kills += 1
        for process in processes:
            process.kill()

    def start(self, *processes):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda process: process.start(), processes))

    def stop(self, process):
        self.touch(process)
        process.stop()

    def kill_worker(self, front, number):
        victim = next(one for one in front.command("workers") if one["worker"] == number)
        self.touch(front)
        os.kill(victim["pid"], signal.SIGKILL)
        self.kills += 1
        wait_until(lambda: any(one["worker"] == number and one["state"] == "serving"
                               and one["pid"] != victim["pid"]
                               for one in front.command("workers")),
                   CONNECT_SECONDS_MAX, f"worker {number} to be there again")

    def kill_services(self, *names):
        self.services.kill(*names)
        self.kills += len(names)

    def storage_processes(self):
        return [process["name"] for name in self.services.services
                for process in self.services.status(name)["processes"]]

    def recover(self):
        for link in (*self.links, *self.ways_to_zookeeper):
            link.mend()
        for process in self.alive(self.everybody()):
            process.process.send_signal(signal.SIGCONT)
        self.services.up()
        self.start(*(process for process in self.everybody() if process.process is None))
        for door in self.doors:
            door.end_left()

    def command(self, *arguments):
        return self.alive(self.http)[0].command(*arguments)

    def wait_owned(self, seconds=OWNED_SECONDS_MAX, nodes=None):
        """All partitions are served, and none by two of those that live."""
        wait_until(lambda: sum(node.owned() for node in nodes or self.alive(self.nodes))
                   == PARTITIONS, seconds, "an owner of each partition")

    # ---- checks

    def wait_connected(self):
        def last(device):
            return next((event["event"] for event in reversed(device.poll())
                         if event.get("event") in ("connected", "disconnected")), None)

        begun = time.monotonic()
        wait_until(lambda: all(last(device) == "connected" for device in self.devices),
                   CONNECT_SECONDS_MAX, "a connection of each device")
        self.chats.wait_connected(CONNECT_SECONDS_MAX)
        return time.monotonic() - begun

    def disconnects(self):
        return [sum(event.get("event") == "disconnected" for event in device.poll())
                for device in self.devices]

    def _check_messages(self, number, device):
        wanted = set(self.accepted[number])
        with contextlib.suppress(AssertionError):  # the checker says what is missing
            wait_until(lambda: wanted <= set(device.payloads()), DELIVERY_SECONDS_MAX, "all")
        check_exactly_once(device.messages(), self.accepted[number], self.uncertain)
        check_order(device.messages())

    def check_stored(self, reread):
        """A device that was away has all that was sent meanwhile. `reread`: from nodes that were
        not there when it was written."""
        if reread:
            self.kill(*self.nodes)
            self.start(*self.nodes)
            self.wait_owned()
        self.late.start()
        self._check_messages(DEVICES, self.late)
        self.late.stop()

    def check_deliveries(self, before):
        """`before`: the devices' events and disconnects at the trial's begin."""
        for number, device in enumerate(self.devices):
            self._check_messages(number, device)
            events, (since, disconnects) = device.poll(), before[number]
            check_wire([event for at, event in enumerate(events)
                        if at >= since or event.get("event") == "message"],
                       may_repeat=self.disconnects()[number] > disconnects)

    def check_carriers(self):
        """Every partition tells its devices, and the index of topics comes to what they say."""
        shown = [self.command("device", "show", device)
                 for device in self.command("device", "list")]
        carried = sorted(topic for device in shown for registration in device["registrations"]
                         for topic in registration["topics"])
        client_file, = self.services.status("mariadb")["address"]["client_files"]
        apps = ", ".join(f"'{app['appId']}'" for app in (self.app, self.names_app))
        query = ("SELECT tag FROM longwire.topic_carriers "
                 f"WHERE until_number IS NULL AND app IN ({apps})")

        def indexed():
            return sorted(subprocess.run(
                ["mariadb", f"--defaults-file={client_file}", "-BN", "-e", query], text=True,
                stdout=subprocess.PIPE, check=True).stdout.split())

        wait_until(lambda: indexed() == carried, DELIVERY_SECONDS_MAX,
                   f"the index of {len(carried)} topics to be right")

    def check_lives(self):
        """Nobody ended unasked, and the logs tell of nothing that must not be."""
        for name, process in self.named():
            code = process.process.poll() if process.process else "nothing"
            assert code is None, f"{name} ended with {code}"
            with open(process.log, errors="replace") as log:
                log.seek(self._read.get(name, 0))
                text = log.read()
                self._read[name] = log.tell()
            fatal = [line for line in text.splitlines() if any(word in line for word in FATAL)]
            assert not fatal, f"{name}: {fatal[:3]}"

    def resident(self):
        """By process and life."""
        pids = {(name, process.process.pid) for name, process in self.named()}
        for number, front in enumerate(self.xmpp):
            pids |= {(f"worker {one['worker']} of xmpp {number}", one["pid"])
                     for one in front.command("workers")}
        return {key: resident_bytes(key[1]) for key in pids}

    def check_memory(self):
        """The most that one has grown by since it was first seen."""
        grown = {key: now - self._resident.setdefault(key, now)
                 for key, now in self.resident().items()}
        worst = max(grown, key=grown.get)
        assert grown[worst] <= GROWTH_BYTES_MAX, f"{worst} grew by {grown[worst] >> 20} MiB"
        return grown[worst]


def resident_bytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines()
                if line.startswith("VmRSS:")) * 1024


class TiersTrial:
    """What runs while one fault acts, from `with` to `finish`."""

    def __init__(self, world, name):
        world.count += 1
        self.world = world
        self.prefix = f"{name}-{world.count}"
        self.namer = Namer(world.doors[world.count % 2], world.names_app, self.prefix)
        targets = [("regid", {"registration_id": world.reg_ids[0]}, [0]),
                   ("alias", {"alias": "a1"}, [1]), ("account", {"user_account": "u2@work"}, [2]),
                   ("alias", {"alias": "a3"}, [3]), ("alias", {"alias": f"a{DEVICES}"}, [DEVICES]),
                   ("topic", {"topic": "news"}, range(DEVICES + 1)),
                   ("all", {}, range(DEVICES + 1))]
        self._getters = [devices for *_, devices in targets]
        self.streams = Streams(
            [Sender(world.doors[number % 2], world.app, f"{self.prefix}/{number}-{target}", target,
                    parameters, timeout=ANSWER_SECONDS_MAX, pause=SEND_PAUSE_SECONDS)
             for number, (target, parameters, _) in enumerate(targets)], self.namer)

    def __enter__(self):
        world = self.world
        world.touched = set()
        world.check_memory()
        self._kills, self._chats_lost = world.kills, self._lost()
        self._before = [(len(device.poll()), lost)
                        for device, lost in zip(world.devices, world.disconnects())]
        try:
            self.streams.start()
            world.chats.begin()
            world.chats.go_on(CONNECT_SECONDS_MAX)
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.streams.stop()

    def _lost(self):
        return sum(user.lost for user in self.world.chats.users)

    # ---- afterwards

    def goes_on(self):
        self.connected_after = self.world.wait_connected()
        self.streams.go_on()
        self.world.chats.go_on(CONNECT_SECONDS_MAX * 2)

    def recovers(self):
        self.world.wait_owned()

    def finish(self, reread):
        world = self.world
        self.streams.stop()
        for devices, sender in zip(self._getters, self.streams.senders):
            for number in devices:
                world.accepted[number] += sender.accepted
        world.uncertain += self.streams.all_of("uncertain")
        world.check_lives()
        self.streams.check_answers(may_be_silent="http" in world.touched)
        world.check_deliveries(self._before)
        world.check_stored(reread)
        world.chats.finish()
        self._check_connections()
        self.namer.check(CHECK_SECONDS_MAX)
        world.check_carriers()
        self.grown = world.check_memory()

    def _check_connections(self):
        now = sum(self.world.disconnects()) + self._lost() + self.namer.lost
        self.lost = now - sum(lost for _, lost in self._before) - self._chats_lost
        assert "xmpp" in self.world.touched or not self.lost, f"{self.lost} connections were lost"
        assert "xmpp" in self.world.touched or not self.namer.unanswered, (
            "nobody answered a change of names")

    def story(self):
        return (f"{self.streams.story()}, {sum(self.world.chats.total())} chat messages so far, "
                f"{self.world.kills - self._kills} kills ({self.world.kills} so far), {self.lost} "
                f"connections lost, all again after {self.connected_after:.1f} s, at most "
                f"{self.grown / (1 << 20):.0f} MiB more")
