#!/usr/bin/python3
"""A handler that answers in capitals, on one of Thrift's servers as it comes.

    upper_handler.py simple|pool|nonblocking PORT      with Thrift's code on PYTHONPATH
"""

import sys

from channel_handler import ChannelHandler
from channel_handler.ttypes import Reply
from thrift.protocol.TCompactProtocol import TCompactProtocolFactory
from thrift.server.TNonblockingServer import TNonblockingServer
from thrift.server.TServer import TSimpleServer, TThreadPoolServer
from thrift.transport import TSocket, TTransport


class Upper:
    def welcome(self, welcome):
        pass

    def handle(self, request):
        if request.payload == b"fail":
            raise ValueError("an exception that Thrift knows nothing of")
        return Reply(request.payload.upper())

    def connected(self, session):
        pass

    disconnected = connected


def main():
    kind, port = sys.argv[1], int(sys.argv[2])
    processor = ChannelHandler.Processor(Upper())
    listener = TSocket.TServerSocket("127.0.0.1", port)
    frames, protocol = TTransport.TFramedTransportFactory(), TCompactProtocolFactory()
    if kind == "nonblocking":
        server = TNonblockingServer(processor, listener, protocol, protocol, threads=4)
    else:
        make = {"simple": TSimpleServer, "pool": TThreadPoolServer}[kind]
        server = make(processor, listener, frames, frames, protocol, protocol)
    server.serve()


if __name__ == "__main__":
    main()
