#!/usr/bin/python3
"""Several front-end processes on one port: killed, replaced, and their supervisor with them."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading

from checker import check_exactly_once, check_order, check_wire
from harness import Programs, Server, run_tests, wait_until
from senders import Sender

MIDDLE = ["tier.roles=middle", "tier.listen=127.0.0.1:0"]
DEVICES = 6
DEADLINE = 30


class Front(Server):
    """The XMPP front end of a middle tier and an HTTP front end in processes of their own."""

    def __init__(self, middle, http, workers, settings=()):
        super().__init__(["tier.roles=xmpp", f"tier.middle=127.0.0.1:{middle.ports['tier']}",
                          f"xmpp.workers={workers}", "threads.xmpp=1", *settings])
        self.http = http

    def start(self, ports=None):
        super().start(ports)
        # A device makes its account by HTTPS and connects by XMPP: two processes' certificates.
        self.ports["https"] = self.http.ports["https"]
        trusted = self.data / "trusted.pem"
        trusted.write_text(pathlib.Path(self.data / "tls/cert.pem").read_text()
                           + pathlib.Path(self.http.ca).read_text())

    @property
    def ca(self):
        return str(self.data / "trusted.pem")

    def workers(self):
        return self.command("workers")

    def pids(self):
        return [worker["pid"] for worker in self.workers()]

    def wait_all_serve(self):
        """All workers, once each of them serves and none is left that is to go."""
        def all_serve():
            workers = self.workers()
            numbers = [worker["worker"] for worker in workers]
            return (len(set(numbers)) == len(numbers) == self.count
                    and all(worker["state"] == "serving" for worker in workers) and workers)

        return wait_until(all_serve, DEADLINE, "all workers serve")

    @property
    def count(self):
        return next(int(setting.partition("=")[2]) for setting in self.settings
                    if setting.startswith("xmpp.workers="))


@contextlib.contextmanager
def tiers(workers, settings=()):
    with Server(MIDDLE) as middle:
        at = f"tier.middle=127.0.0.1:{middle.ports['tier']}"
        with Server(["tier.roles=http", at]) as http, \
                Front(middle, http, workers, settings) as front:
            yield middle, http, front


class Prober(threading.Thread):
    """Connects without pause. `refused`: nobody listened; `cut`: ended before its first answer."""

    HEADER = (b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
              b"xmlns:stream='http://etherx.jabber.org/streams'>")

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.answered, self.cut, self.refused, self.late = 0, 0, 0, 0
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as probe:
                    self._ask(probe)
            except ConnectionRefusedError:
                self.refused += 1
            self.stopping.wait(0.002)

    def _ask(self, probe):
        came = b""
        try:
            probe.sendall(self.HEADER)
            while b"</stream:features>" not in came:
                part = probe.recv(4096)
                if not part:
                    break
                came += part
        except TimeoutError:
            self.late += 1
            return
        except OSError:
            pass
        if b"</stream:features>" in came:
            self.answered += 1
        else:
            self.cut += 1

    def stop(self):
        self.stopping.set()
        self.join(DEADLINE + 5)
        assert self.answered > 20, self.answered
        assert not self.refused and not self.late, (self.refused, self.late)


class Load:
    """Devices on all workers, each with an alias and all with a topic; two senders; a prober."""

    def __init__(self, middle, http, front):
        self.app = middle.create_app()
        self.front = front
        self.devices = [front.device(self.app, f"d{n}", alias=[f"a{n}"], topic=["news"])
                        for n in range(DEVICES)]
        self.senders = [Sender(http, self.app, "news", "topic", {"topic": "news"}, pause=0.01)]
        self.senders += [Sender(http, self.app, f"a{n}", "alias", {"alias": f"a{n}"}, pause=0.05)
                         for n in range(DEVICES)]
        self.prober = Prober(front.ports["xmpp"])

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for device in self.devices:
                stack.enter_context(device)
            for device in self.devices:
                device.wait_registered()
            self.stack = stack.pop_all()
        for thread in [*self.senders, self.prober]:
            thread.start()
        self.wait_more()
        return self

    def __exit__(self, kind, error, trace):
        for thread in [*self.senders, self.prober]:
            thread.stopping.set()
        self.stack.__exit__(kind, error, trace)

    def wait_more(self, count=20):
        """Each device gets so many more."""
        before = [len(device.messages()) for device in self.devices]
        for had, device in zip(before, self.devices):
            device.wait_messages(had + count, DEADLINE)

    def finish(self, may_repeat):
        """Every message once at each app, in order; nobody was refused."""
        for sender in self.senders:
            sender.stop()
        self.prober.stop()
        for number, device in enumerate(self.devices):
            ours = [self.senders[0], self.senders[1 + number]]
            accepted = [payload for sender in ours for payload in sender.accepted]
            uncertain = [payload for sender in ours for payload in sender.uncertain]
            wait_until(lambda: set(accepted) <= set(device.payloads()), DEADLINE,
                       f"all of {len(accepted)} messages at device {number}")
            check_exactly_once(device.messages(), accepted, uncertain)
            check_order(device.messages())
            check_wire(device.events, may_repeat)
        assert all(not sender.refused for sender in self.senders)
        return sum(len(sender.accepted) for sender in self.senders)


def is_gone(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"  # nobody may be there to reap it


def killed_workers_cost_nobody_a_message():
    with tiers(4) as (middle, http, front), Load(middle, http, front) as load:
        wait_until(lambda: sum(one["sessions"] for one in front.workers()) == DEVICES, DEADLINE,
                   "a session of each device")
        for number in range(4):
            victim = next(one for one in front.wait_all_serve() if one["worker"] == number)
            os.kill(victim["pid"], signal.SIGKILL)
            wait_until(lambda: any(one["worker"] == number and one["state"] == "serving"
                                   and one["pid"] != victim["pid"] for one in front.workers()),
                       5, f"worker {number} is there again")
            load.wait_more()
        sent = load.finish(may_repeat=True)
        assert [one["restarts"] for one in front.wait_all_serve()] == [1] * 4, front.workers()
        page = front.metrics()
        assert all(f'longwire_worker_restarts_total{{worker="{n}"}} 1' in page for n in range(4))
        wait_until(lambda: sum(int(line.split()[1]) for line in front.metrics().splitlines()
                               if line.startswith("longwire_xmpp_sessions{")) >= DEVICES,
                   DEADLINE, "the workers' sessions in the supervisor's metrics")
        print(f"{sent} messages, {load.prober.answered} probes answered, {load.prober.cut} cut")


def drained_workers_are_replaced_and_nobody_is_refused_or_cut():
    with tiers(3) as (middle, http, front), Load(middle, http, front) as load:
        before = {one["pid"] for one in front.wait_all_serve()}
        for command in (["drain", "--spread", "2"], ["drain", "--worker", "1", "--spread", "0"]):
            drained = subprocess.Popen([Programs.path("longwire"), *command, "--data",
                                        str(front.data)], stdout=subprocess.PIPE)
            wait_until(lambda: drained.poll() is not None, DEADLINE, f"the end of {command}")
            assert drained.returncode == 0, drained
            load.wait_more()
        after = front.wait_all_serve()
        assert not before & {one["pid"] for one in after}, (before, after)
        assert all(one["restarts"] == 0 for one in after), after
        sent = load.finish(may_repeat=False)
        assert load.prober.cut == 0, load.prober.cut
        log = front.log.read_text()
        assert log.count("worker_ended") == log.count('how="exit 0"') == 4, log
        print(f"{sent} messages, {load.prober.answered} probes answered")


def new_program_is_taken_by_the_workers_that_come():
    with Server(MIDDLE) as middle, \
            Server(["tier.roles=http", f"tier.middle=127.0.0.1:{middle.ports['tier']}"]) as http:
        front = Front(middle, http, 2)
        bin_folder = front.data / "bin"
        bin_folder.mkdir()
        for version in ("v1", "v2"):
            shutil.copy(Programs.path("longwire"), bin_folder / version)
        (bin_folder / "longwire").symlink_to("v1")
        front.program = str(bin_folder / "longwire")

        def programs():
            return {os.path.basename(os.readlink(f"/proc/{pid}/exe")) for pid in front.pids()}

        with front:
            front.wait_all_serve()
            assert programs() == {"v1"}, programs()
            (bin_folder / "next").symlink_to("v2")
            (bin_folder / "next").rename(bin_folder / "longwire")
            front.command("drain", "--spread", "0")
            assert programs() == {"v2"}, programs()


def answers(front, number):
    """Bytes that a worker has sent, by the supervisor's page."""
    name = f'longwire_xmpp_bytes_out_total{{worker="{number}"}} '
    return next((int(line.removeprefix(name)) for line in front.metrics().splitlines()
                 if line.startswith(name)), 0)


def worker_that_cannot_start_does_not_spin_and_is_replaced_by_nobody():
    with tiers(2) as (_, _, front):
        first, second = front.wait_all_serve()
        configuration = front.data / "longwire.toml"
        configuration.write_text("[xmpp]\nno_such_key = 1\n")
        os.kill(first["pid"], signal.SIGKILL)
        wait_until(lambda: front.log.read_text().count('how="exit 1"') >= 4, DEADLINE,
                   "four tries to start it again")
        # 0, 0.2, 0.4, 0.8 s …: a time stamp a line.
        ended = [float(line[17:23]) for line in front.log.read_text().splitlines()
                 if 'how="exit 1"' in line]
        assert (ended[3] - ended[0]) % 60 >= 1.4, ended
        # What comes now is not kept waiting for it.
        wait_until(lambda: "worker_keeps_ending worker=0" in front.log.read_text(), DEADLINE,
                   "its share is given away")
        prober = Prober(front.ports["xmpp"])
        prober.start()
        wait_until(lambda: prober.answered > 100, DEADLINE, "probes at the other worker")
        prober.stop()
        assert prober.cut == 0, prober.cut
        refused = front.command("drain", "--worker", "1", "--spread", "0", check=False)
        assert refused.returncode == 1 and "successor of worker 1" in refused.stderr, refused
        assert any(one["pid"] == second["pid"] and one["state"] == "serving"
                   for one in front.workers()), front.workers()
        configuration.unlink()
        front.wait_all_serve()
        prober = Prober(front.ports["xmpp"])
        prober.start()
        wait_until(lambda: min(answers(front, n) for n in range(2)) > 0, DEADLINE,
                   "it has its share again")
        prober.stop()


def killed_supervisor_takes_its_workers_along_and_starts_again():
    with tiers(3) as (middle, http, front):
        app = middle.create_app()
        with front.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            pids = front.pids()
            front.kill()
            wait_until(lambda: all(is_gone(pid) for pid in pids), 5, "the workers' end")
            http.send(app, "alias", {"alias": "bob"}, payload="a:0")
            front.start()
            device.wait_messages(1, DEADLINE)
            assert not set(pids) & set(front.pids())


def stop_ends_all_in_order():
    with tiers(3) as (middle, http, front):
        app = middle.create_app()
        with front.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            pids = front.pids()
            front.stop()
            assert all(is_gone(pid) for pid in pids)
            device.wait_event("disconnected")
            lines = front.log.read_text().splitlines()
            ended = [number for number, line in enumerate(lines) if "worker_ended" in line]
            assert len(ended) == 3 and all('how="exit 0"' in lines[n] for n in ended), lines
            assert "serve: stopped" in lines[-1] and ended[-1] < len(lines) - 1, lines
            front.start()
            http.send(app, "alias", {"alias": "bob"}, payload="a:0")
            device.wait_messages(1, DEADLINE)


def reload_reaches_all_workers():
    with Server(["xmpp.workers=3"]) as server:
        certificate = server.data / "tls/cert.pem"
        before = certificate.read_text()
        for file in ("cert.pem", "key.pem"):
            (server.data / "tls" / file).unlink()  # others are made
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: server.log.read_text().count(": reloaded") == 4, DEADLINE,
                   "the supervisor's word and that of each worker")
        served = {ssl.get_server_certificate(("127.0.0.1", server.ports["xmpps"]))
                  for _ in range(20)}
        assert served == {certificate.read_text()} != {before}


def one_command_serves_all_roles_with_workers():
    with Server(["xmpp.workers=2"]) as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            victim = wait_until(lambda: next((one for one in server.command("workers")
                                              if one["sessions"]), None), 5, "its worker")
            server.send(app, "alias", {"alias": "bob"}, payload="a:0")
            device.wait_messages(1)
            os.kill(victim["pid"], signal.SIGKILL)
            server.send(app, "alias", {"alias": "bob"}, payload="a:1")
            device.wait_messages(2, DEADLINE)
            assert server.command("drain", "--spread", "0") == {"drained": 2}
            server.send(app, "alias", {"alias": "bob"}, payload="a:2")
            device.wait_messages(3, DEADLINE)
            check_exactly_once(device.messages(), ["a:0", "a:1", "a:2"])


def drained_server_without_workers_lets_its_devices_go_and_ends():
    with Server() as server:
        app = server.create_app()
        with server.device(app, "one", alias=["bob"]) as device:
            device.wait_registered()
            assert server.command("drain", "--spread", "1") == {"drained": 1}
            wait_until(lambda: server.process.poll() is not None, DEADLINE, "the server's end")
            assert server.process.returncode == 0
            server.start()
            server.send(app, "alias", {"alias": "bob"}, payload="a:0")
            device.wait_messages(1, DEADLINE)
            check_wire(device.events, may_repeat=False)


if __name__ == "__main__":
    run_tests([killed_workers_cost_nobody_a_message,
               drained_workers_are_replaced_and_nobody_is_refused_or_cut,
               new_program_is_taken_by_the_workers_that_come,
               worker_that_cannot_start_does_not_spin_and_is_replaced_by_nobody,
               killed_supervisor_takes_its_workers_along_and_starts_again,
               stop_ends_all_in_order,
               reload_reaches_all_workers,
               one_command_serves_all_roles_with_workers,
               drained_server_without_workers_lets_its_devices_go_and_ends])
