#!/usr/bin/python3
"""A client of the order status channel: asks once, then prints what it is told for S seconds.

    ask.py USER PASSWORD ORDER [--port 5222] [--ca var/tls/cert.pem] [--domain localhost] [--wait S]
"""

import argparse
import asyncio
import base64
import xml.etree.ElementTree as ElementTree

import slixmpp
from thrift.protocol.TCompactProtocol import TCompactProtocolAcceleratedFactory
from thrift.TSerialization import deserialize, serialize

from order_status.ttypes import Ask, Status

COMPACT = TCompactProtocolAcceleratedFactory()
CHANNEL = "urn:longwire:channel:1"


def frame(struct):
    element = ElementTree.Element(f"{{{CHANNEL}}}frame")
    element.text = base64.b64encode(serialize(struct, COMPACT)).decode()
    return element


def print_status(stanza):
    data = base64.b64decode(stanza.xml.find(f"{{{CHANNEL}}}frame").text)
    status = deserialize(Status(), data, COMPACT)
    print(f"{status.order} is {status.state}", flush=True)


async def ask(options):
    client = slixmpp.ClientXMPP(f"{options.user}@{options.domain}", options.password)
    client.ca_certs = options.ca
    client.register_handler(slixmpp.xmlstream.handler.Callback(
        "told", slixmpp.xmlstream.matcher.MatchXPath(
            f"{{jabber:client}}message/{{{CHANNEL}}}frame"), print_status))
    ready = asyncio.Event()
    client.add_event_handler("session_start", lambda event: ready.set())
    client.connect(("127.0.0.1", options.port))
    await asyncio.wait_for(ready.wait(), 20)
    request = client.make_iq_set(ito=f"orders.{options.domain}", sub=frame(Ask(options.order)))
    try:
        print_status(await request.send(timeout=30))
        await asyncio.sleep(options.wait)
    except slixmpp.exceptions.IqError as error:
        print(f"refused: {error.condition} ({error.text})", flush=True)
    await client.disconnect()


def main():
    parser = argparse.ArgumentParser()
    for name in ("user", "password", "order"):
        parser.add_argument(name)
    parser.add_argument("--port", type=int, default=5222)
    parser.add_argument("--ca", default="var/tls/cert.pem")
    parser.add_argument("--domain", default="localhost")
    parser.add_argument("--wait", type=float, default=60)
    asyncio.run(ask(parser.parse_args()))


if __name__ == "__main__":
    main()
