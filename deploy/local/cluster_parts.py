"""The processes of a cluster on one machine: what each is, where it listens, how it is asked."""

import dataclasses
import http.client
import json
import pathlib
import typing

import common

NODES = ("node-1", "node-2", "node-3")
FRONTS = ("front-1", "front-2")
APIS = ("http-1", "http-2")
NAMES = (*NODES, *FRONTS, *APIS)
WORKERS = 2
# Where clients come to, through HAProxy: beside the ports of `./dev run`.
PUBLIC = {"xmpp": 6222, "xmpps": 6223, "https": 6443}


@dataclasses.dataclass
class Part:
    """One process: its program, its ports by name, when it serves."""

    name: str
    directory: pathlib.Path
    command: list
    ports: dict
    ready: typing.Callable

    @property
    def server(self):
        return common.Server(self.directory, self.name)

    def begin(self):
        self.server.begin(self.command, self.ports.values())


def program(build, name):
    found = next((path for path in sorted(build.rglob(name)) if path.is_file()), None)
    if found is None:
        raise common.Failure(f"there is no program {name} in {build}: `./dev build` makes it")
    return found


def make(directory, build, instance, storage):
    """All of them, nodes first. `storage`: the lines of a configuration that name it."""
    def ports(name, *kinds):
        return {kind: instance.port(f"{name}-{kind}") for kind in kinds}

    def part(name, its_ports, text):
        return process(directory, program(build, "longwire"), name, its_ports, text)

    node_ports = {name: ports(name, "tier", "admin") for name in NODES}
    middle = [local(its["tier"]) for its in node_ports.values()]
    return [
        *(part(name, its, storage + node(its)) for name, its in node_ports.items()),
        *(part(name, its, front(its, middle)) for name, its in
          ((name, ports(name, "xmpp", "xmpps", "admin")) for name in FRONTS)),
        *(part(name, its, api(its, middle)) for name, its in
          ((name, ports(name, "https", "admin")) for name in APIS)),
    ]


def groups(parts):
    """What may start at once. The first node alone: it makes the tables and the demo app, and the
    certificate that all have."""
    nodes = [part for part in parts if part.name in NODES]
    fronts = [part for part in parts if part.name in FRONTS + APIS]
    return [group for group in (nodes[:1], nodes[1:], fronts) if group]


def process(directory, longwire, name, ports, settings):
    data = directory / name
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if name != NODES[0]:
        settings += lines({"tls.certificate": str(certificate(directory)),
                           "tls.private_key": str(certificate(directory).with_name("key.pem"))})
    settings += lines({"http.admin_listen": local(ports["admin"])})
    (data / "longwire.toml").write_text(f"# `./dev cluster` wrote this file.\n{settings}",
                                        encoding="utf-8")
    return Part(name, directory, [longwire, "serve", "--data", data], ports,
                lambda: is_ready(ports["admin"]))


def node(ports):
    return lines({"tier.roles": ["middle"], "tier.listen": local(ports["tier"]),
                  "zookeeper.session_timeout": "4s", "hbase.regions": 1})


def front(ports, middle):
    return lines({"tier.roles": ["xmpp"], "tier.middle": middle, "xmpp.workers": WORKERS,
                  "threads.xmpp": 1, "xmpp.listen": local(ports["xmpp"]),
                  "xmpp.listen_tls": local(ports["xmpps"]),
                  "xmpp.proxy_networks": ["127.0.0.0/8"]})


def api(ports, middle):
    return lines({"tier.roles": ["http"], "tier.middle": middle,
                  "http.listen": local(ports["https"]), "http.proxy_networks": ["127.0.0.0/8"]})


def lines(settings):
    """Of these, JSON is TOML."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def local(port):
    return f"{common.HOST}:{port}"


def certificate(directory):
    return directory / NODES[0] / "tls/cert.pem"


def is_ready(admin):
    connection = http.client.HTTPConnection(common.HOST, admin, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def banner(directory, build, listen):
    """What `longwire serve` says, of all of them."""
    demo = json.loads((directory / NODES[0] / "demo.json").read_text(encoding="utf-8"))
    facts = {**demo, "ca": certificate(directory), "directory": directory,
             "device": program(build, "longwire-device"), "xmpp": listen["xmpp"],
             "xmpps": listen["xmpps"], "https": listen["https"]}
    return BANNER.format(**facts)


BANNER = """
Longwire serves, in many processes.

  XMPP, STARTTLS      localhost:{xmpp}     HAProxy, to front-1 and front-2
  XMPP, direct TLS    localhost:{xmpps}     the same
  HTTPS API           https://localhost:{https}     HAProxy, to http-1 and http-2
  certificate         {ca}
  data and logs       {directory}

  demo app            id {appId}  key {appKey}
                      secret {appSecret}  package {package}
  demo user           {user}@localhost  password {password}

Try it, each in a terminal of its own:

1. A device that waits for pushes; one more (--alias you, --state …) comes to the other front end:

{device} --api https://localhost:{https} --server localhost:{xmpp} --ca {ca} \\
  --app-id {appId} --app-key {appKey} --package {package} --alias me --state {directory}/device

2. A push to it:

curl --cacert {ca} -H 'Authorization: key={appSecret}' \\
  https://localhost:{https}/v3/message/alias -d alias=me -d title=Hello \\
  -d description=World -d payload=hi -d restricted_package_name={package}

3. A chat client: account {user}@localhost, password {password},
   host localhost, port {xmpp}; trust the certificate above.

4. Every process, its version, connections, what it owns and what waits:

./dev cluster status --watch

Ctrl-C stops all of it.
"""
