"""A server that accepts and never answers."""

import contextlib
import socket
import threading

import common


class Mute:
    """On 127.0.0.1:port, from now to the end of the `with`. `accepted` counts connections."""

    def __init__(self, port):
        self.port = port
        self.accepted = 0
        self._connections = []

    def __enter__(self):
        # Threads of the one killed before may keep the port for a moment.
        assert common.wait_for(self._listen, common.PORT_SECONDS_MAX), f"{self.port} is taken"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _listen(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        return True

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self.accepted += 1
            threading.Thread(target=_swallow, args=(connection,), daemon=True).start()

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def _swallow(connection):
    with contextlib.suppress(OSError):
        while connection.recv(65536):
            pass
