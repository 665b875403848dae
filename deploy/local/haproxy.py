"""HAProxy with deploy/haproxy.cfg, on this machine: other addresses, nothing else."""

import pathlib
import re

import common

SAMPLE = pathlib.Path(__file__).resolve().parents[1] / "haproxy.cfg"
CONNECTIONS_MAX = 2000  # descriptors are few here


def configuration(listen, servers):
    """The sample's text. `listen`: {"xmpp": port, "xmpps": …, "https": …}; `servers`:
    {"front-1": {"xmpp": port, "xmpps": …, "admin": …}, …}, those that the sample names; one that
    is not there is left out."""
    text = SAMPLE.read_text(encoding="utf-8")
    for name, port in listen.items():
        text = re.sub(rf"(frontend {name}\n    bind ):\d+", rf"\g<1>{common.HOST}:{port}", text)
    lines, backend = [], None
    for line in text.splitlines():
        if line.startswith("backend "):
            backend = line.split()[1]
        if line.startswith("    server "):
            name = line.split()[1]
            if name not in servers:
                continue
            line = (f"    server {name} {common.HOST}:{servers[name][backend]} send-proxy-v2"
                    f" check port {servers[name]['admin']}")
        lines.append(line)
    return re.sub(r"maxconn \d+", f"maxconn {CONNECTIONS_MAX}", "\n".join(lines) + "\n")


def command(file):
    return [common.find_program("haproxy"), "-db", "-f", file]
