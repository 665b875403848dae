"""A TCP proxy of ours between a client and the server that can misbehave."""

import socket
import struct
import threading

ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST


class Proxy:
    """Forwards bytes between those who connect and 127.0.0.1:target. One thread a direction.

    reset() ends all connections with RST on both sides; drop() lets all connections of now stay
    open without forwarding another byte, as a network that swallows packets does.
    """

    def __init__(self, target):
        self.target = target
        self.connections = 0  # ever
        self._lock = threading.Lock()
        self._pairs = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind, error, trace):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.reset()

    def reset(self):
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.abort()

    def drop(self):
        with self._lock:
            for pair in self._pairs:
                pair.silent = True

    def cut_after(self, count):
        """Resets those of now in the middle of what the server sends, `count` bytes on."""
        with self._lock:
            for pair in self._pairs:
                pair.bytes_left = count

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            pair = Pair(client, server)
            with self._lock:
                self._pairs.append(pair)
                self.connections += 1
            pair.start()


class Pair:
    def __init__(self, client, server):
        self.client, self.server = client, server
        self.silent = False
        self.bytes_left = None

    def start(self):
        for source, sink in ((self.client, self.server), (self.server, self.client)):
            threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source, sink):
        try:
            while data := source.recv(16384):
                if self.silent:
                    continue
                if source is self.server and self.bytes_left is not None:
                    sink.sendall(data[:self.bytes_left])
                    self.bytes_left -= len(data)
                    if self.bytes_left <= 0:
                        return self.abort()
                    continue
                sink.sendall(data)
        except OSError:
            pass
        if not self.silent:
            self.abort()

    def abort(self):
        for side in (self.client, self.server):
            try:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                side.shutdown(socket.SHUT_RD)  # wakes the thread that reads
            except OSError:
                pass
            side.close()
