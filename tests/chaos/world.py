"""A Longwire on real servers with one device that must get everything, and what runs meanwhile.

A World lasts over many faults, a Trial over one: streams of sends to a regId, an alias, an account,
a topic and to all, a Namer, and a Watch.
"""

import contextlib
import pathlib
import re
import subprocess

import redis_servers
from checker import check_exactly_once, check_order, check_wire
from harness import ROOT, Server, wait_until
from names import Namer
from senders import Sender
from streams import ANSWER_SECONDS_MAX, SEND_PAUSE_SECONDS, TELL_SECONDS_MAX, Streams
from watch import Watch

DELIVERY_SECONDS_MAX = 60
CHECK_SECONDS_MAX = 120
# Shorter than a halt: else it would only be waited for.
PATIENCE = ("hbase.call_timeout=3s", "mysql.lock_timeout=2s", "mysql.read_timeout=3s",
            "mysql.write_timeout=3s")


class World:
    """On `services`, which run, and hold nothing yet."""

    def __init__(self, services):
        self.services, self.names = services, services.services
        self.server = Server([*services.settings(), *PATIENCE, "hbase.regions=1"])
        self.accepted, self.uncertain = [], []  # of all trials
        self.count = 0

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.server)
            self.app = self.server.create_app("org.example.streams")
            self.names_app = self.server.create_app("org.example.names")
            self.device = stack.enter_context(self.server.device(
                self.app, "one", alias=["bob"], account=["bob@work"], topic=["news"],
                timeout=86400))
            self.reg_id = self.device.wait_registered()["regId"]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *reason):
        return self._stack.__exit__(*reason)

    def log(self):
        """The end of what Longwire logged of trouble."""
        lines = self.server.log.read_text(errors="replace").splitlines()
        trouble = [line for line in lines if " warn " in line or " error " in line]
        return "\n".join(["--- warnings and errors of the server's log", *trouble[-40:]])

    # ---- the servers

    def processes(self):
        return [process["name"] for name in self.names
                for process in self.services.status(name)["processes"]]

    def port_of_gateway(self):
        """The first of the two."""
        address, = self.services.status("hbase")["address"]["gateways"]
        return int(address.rpartition(":")[2])

    def redis(self, *words):
        address, = self.services.status("redis")["address"]["nodes"]
        return redis_servers.ask(int(address.rpartition(":")[2]), *words)

    def redis_refusals(self):
        """Writes that did not find memory, since Redis started."""
        found = re.search(r"errorstat_OOM:count=(\d+)", self.redis("INFO", "errorstats"))
        return int(found[1]) if found else 0

    def master_written_to(self, watch):
        """The process's name."""
        nodes = self.services.status("mariadb-pair")["address"]["nodes"]
        holder, = [number for number, node in enumerate(nodes, 1)
                   if watch.last(f'longwire_mysql_pair_written_to{{server="{node}"}}') == 1]
        return f"mariadb-pair-{holder}"

    # ---- what is sent

    def targets(self):
        return {"regid": {"registration_id": self.reg_id}, "alias": {"alias": "bob"},
                "account": {"user_account": "bob@work"}, "topic": {"topic": "news"}, "all": {}}

    def recover(self):
        self.services.up()
        if self.server.process is None:
            self.server.start()

    def demands_of_refill(self):
        """How often the log asked for what only an operator may do; see docs/OPERATIONS.md."""
        return self.server.log.read_text(errors="replace").count("and must be filled anew")

    def refill_former_master(self, watch):
        """It has transactions that nobody was told of: as an operator would, with the script."""
        holder = self.master_written_to(watch)
        files = {pathlib.Path(file).stem: file
                 for file in self.services.status("mariadb-pair")["address"]["client_files"]}
        former, = files.keys() - {holder}
        subprocess.run([ROOT / "deploy/mariadb_refill.py", "--from", files[holder],
                        "--to", files[former]], stdout=subprocess.DEVNULL, check=True)

    def events(self):
        """How many the device has told."""
        return len(self.device.poll())

    def disconnects(self):
        return sum(event.get("event") == "disconnected" for event in self.device.poll())

    def check_deliveries(self, since, restarted):
        """All that was ever accepted is with the device, once and in order; nothing else is. After
        the first `since` events nothing came twice over the wire."""
        wanted = set(self.accepted)
        with contextlib.suppress(AssertionError):  # the checker says what is missing
            wait_until(lambda: wanted <= set(self.device.payloads()), DELIVERY_SECONDS_MAX, "all")
        check_exactly_once(self.device.messages(), self.accepted, self.uncertain)
        check_order(self.device.messages())
        events = self.device.poll()
        check_wire([event for at, event in enumerate(events)
                    if at >= since or event.get("event") == "message"], may_repeat=restarted)

    def check_carriers(self):
        """The index of topics in MariaDB comes to what the registrations say."""
        device_ids = self.server.command("device", "list")
        shown = [self.server.command("device", "show", device) for device in device_ids]
        carried = sorted(topic for device in shown for registration in device["registrations"]
                         for topic in registration["topics"])
        query = "SELECT tag FROM longwire.topic_carriers WHERE until_number IS NULL AND app IN ({})"
        wait_until(lambda: sorted(self.sql(query)) == carried,
                   DELIVERY_SECONDS_MAX, f"the index of {len(carried)} topics to be right")

    def sql(self, text):
        service = next(name for name in self.names if name.startswith("mariadb"))
        address = self.services.status(service)["address"]
        apps = ", ".join(f"'{app['appId']}'" for app in (self.app, self.names_app))
        return subprocess.run(["mariadb", f"--defaults-file={address['client_files'][0]}", "-BN",
                               "-e", text.format(apps)],
                              text=True, stdout=subprocess.PIPE, check=True).stdout.split()


class Trial:
    """What runs while one fault acts, from `with` to `finish`."""

    def __init__(self, world, name):
        world.count += 1
        self.world = world
        prefix = f"{name}-{world.count}"
        self.namer = Namer(world.server, world.names_app, prefix)
        self.streams = Streams(
            [Sender(world.server, world.app, f"{prefix}/{target}", target, parameters,
                    timeout=ANSWER_SECONDS_MAX, pause=SEND_PAUSE_SECONDS)
             for target, parameters in world.targets().items()], self.namer)
        self.watch = Watch(world.server)
        self.refilled = False  # a former master, by hand
        self._refills = world.demands_of_refill()

    def __enter__(self):
        self._disconnects, self._events = self.world.disconnects(), self.world.events()
        self.watch.start()
        try:
            self.streams.start()
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.streams.stop()
        finally:
            self.watch.__exit__()

    # ---- during the fault

    def goes_on(self):
        self.streams.go_on()

    def tells(self, metric, is_so):
        wait_until(lambda: is_so(self.watch.last(metric)), TELL_SECONDS_MAX,
                   f"{metric} to tell, it says {self.watch.last(metric)}")

    @contextlib.contextmanager
    def rises(self, metric):
        """During what is done in the `with`, or soon after it."""
        before = self.watch.last(metric)
        yield
        self.tells(metric, lambda now: now > before)

    def until(self, condition, what):
        wait_until(condition, TELL_SECONDS_MAX, what)

    # ---- afterwards

    def recovers(self):
        """What was away is told to be back."""
        if self.watch.may_be_away.is_set():
            self.watch.begin_again()
        self.tells("longwire_hbase_gateways_down", lambda down: down == 0)
        if "mariadb-pair" in self.world.names:
            self._pairs()
        else:
            self.tells("longwire_mysql_up", lambda up: up == 1)

    def _pairs(self):
        """A former master that went on may have more than was promised: it stays out then."""
        def settled():
            paired = self.watch.last("longwire_mysql_pair_alone") == 0
            return paired or self.world.demands_of_refill() > self._refills

        self.until(settled, "the pair to be one again, or to say what it needs")
        if self.watch.last("longwire_mysql_pair_alone") != 0:
            self.world.refill_former_master(self.watch)
            self.refilled = True
        self.tells("longwire_mysql_pair_alone", lambda alone: alone == 0)
        self.tells("longwire_mysql_up", lambda up: up == 2)

    def finish(self, restarted, reread):
        """`restarted`: Longwire itself was killed. `reread`: what names the cache has of them is
        looked at, too: by a server that was not there when they changed."""
        self.streams.stop()
        world = self.world
        world.accepted += self.streams.all_of("accepted")
        world.uncertain += self.streams.all_of("uncertain")
        self.streams.check_answers(may_be_silent=restarted)
        assert restarted or not self.namer.unanswered, "nobody answered a change of names"
        world.check_deliveries(self._events, restarted)
        self._check_connections(restarted)
        if reread:
            self.watch.may_be_away.set()
            world.server.kill()
            world.server.start()
        self.namer.check(CHECK_SECONDS_MAX)
        world.check_carriers()
        assert not self.watch.silences, f"/healthz: {self.watch.silences[:3]}"

    def _check_connections(self, restarted):
        lost = self.world.disconnects() - self._disconnects + self.namer.lost
        assert restarted or lost == 0, f"devices lost their connection {lost} times"

    def story(self):
        refilled = ", a former master filled anew" if self.refilled else ""
        return f"{self.streams.story()}{refilled}"
