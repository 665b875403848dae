#!/usr/bin/python3
"""A channel that a program outside serves: clients ask how an order stands, and hear of changes.

    handler.py [--port 9600] ORDER=STATE…      then lines "ORDER STATE" on its standard input

Everything but the class OrderStatus is Thrift's own: generated code, and its server as it comes.
"""

import argparse
import sys
import threading

from thrift.protocol.TCompactProtocol import TCompactProtocolAcceleratedFactory, TCompactProtocol
from thrift.server.TServer import TThreadedServer
from thrift.transport import TSocket, TTransport
from thrift.TSerialization import deserialize, serialize

from channel_handler import ChannelHandler, ChannelPush
from channel_handler.ttypes import Refusal, Refused, Reply
from order_status.ttypes import Ask, Status

COMPACT = TCompactProtocolAcceleratedFactory()


class OrderStatus:
    """Implements ChannelHandler.Iface. Called by many threads: one a connection."""

    def __init__(self, orders):
        self.lock = threading.Lock()
        self.orders = orders
        self.watchers = {}  # order: accounts that asked for it
        self.online = set()  # (account, resource) of who has opened the channel
        self.doors = {}  # push address: (key, client) of each server that welcomed us

    # What Longwire calls.

    def welcome(self, welcome):
        with self.lock:
            if welcome.push_address:
                self.doors[welcome.push_address] = (welcome.push_key, None)
        say(f"welcomed to {welcome.channel}.{welcome.domain}")

    def handle(self, request):
        try:
            ask = deserialize(Ask(), request.payload, COMPACT)
        except Exception:  # whatever a client may send
            raise Refused(Refusal.BAD_REQUEST, "this is no Ask") from None
        with self.lock:
            state = self.orders.get(ask.order)
            if state is None:
                raise Refused(Refusal.NOT_FOUND, "there is no such order")
            self.watchers.setdefault(ask.order, set()).add(request.session.account)
        return Reply(serialize(Status(ask.order, state), COMPACT))

    def connected(self, session):
        with self.lock:
            self.online.add((session.account, session.resource))
        say(f"connected {session.account}/{session.resource}")

    def disconnected(self, session):
        with self.lock:
            self.online.discard((session.account, session.resource))
        say(f"disconnected {session.account}/{session.resource}")

    # What the shop calls.

    def change(self, order, state):
        with self.lock:
            self.orders[order] = state
            accounts = sorted(self.watchers.get(order, ()))
            payload = serialize(Status(order, state), COMPACT)
            told = sum(self._push(account, payload) for account in accounts)
        say(f"{order} is {state}: told {told}")

    def _push(self, account, payload):
        """To how many sessions of the account, on all servers."""
        sessions = 0
        for address, (key, client) in list(self.doors.items()):
            try:
                client = client or connect(address)
                self.doors[address] = (key, client)
                sessions += client.push(key, account, "", payload)
            except Refused as refused:
                say(f"{address} refuses: {refused.text}")
            except (TTransport.TTransportException, OSError) as error:
                self.doors[address] = (key, None)  # the next change connects again
                say(f"{address}: {error}")
        return sessions


def connect(address):
    host, _, port = address.rpartition(":")
    transport = TTransport.TFramedTransport(TSocket.TSocket(host.strip("[]"), int(port)))
    transport.open()
    return ChannelPush.Client(TCompactProtocol(transport))


def say(line):
    print(line, flush=True)


def read_changes(handler):
    for line in sys.stdin:
        order, _, state = line.strip().partition(" ")
        if state:
            handler.change(order, state)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9600)
    parser.add_argument("orders", nargs="*", metavar="ORDER=STATE")
    options = parser.parse_args()
    handler = OrderStatus(dict(order.split("=", 1) for order in options.orders))
    threading.Thread(target=read_changes, args=(handler,), daemon=True).start()
    server = TThreadedServer(
        ChannelHandler.Processor(handler), TSocket.TServerSocket("127.0.0.1", options.port),
        TTransport.TFramedTransportFactory(), COMPACT, daemon=True)
    say(f"serving on port {options.port}")
    server.serve()


if __name__ == "__main__":
    main()
