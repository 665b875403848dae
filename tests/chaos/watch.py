"""Looks at a server's admin listener without pause."""

import http.client
import threading

from harness import wait_until

PAUSE_SECONDS = 0.1
ANSWER_SECONDS_MAX = 5


class Watch(threading.Thread):
    """`silences`: the times it gave no good answer, but for those while `may_be_away` is set."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.silences = []
        self.may_be_away = threading.Event()
        self._stopping = threading.Event()
        self._last = {}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self.join()

    def run(self):
        while not self._stopping.wait(PAUSE_SECONDS):
            try:
                self._look()
            except (OSError, http.client.HTTPException, AssertionError) as error:
                if not self.may_be_away.is_set():
                    self.silences.append(repr(error))

    def _look(self):
        status, _ = self._get("/healthz")
        assert status == 200, status
        lines = [line for line in self._get("/metrics")[1].splitlines() if not line.startswith("#")]
        self._last.update((name, float(value)) for name, _, value in
                          (line.rpartition(" ") for line in lines))

    def begin_again(self):
        """The server is there again, and has to answer: nothing that was seen before counts."""
        self._last = {}
        wait_until(lambda: self._last, ANSWER_SECONDS_MAX, "an answer on the admin listener")
        self.may_be_away.clear()

    def _get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.ports["admin"],
                                                timeout=ANSWER_SECONDS_MAX)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def last(self, name):
        """The value last seen of a metric; without its labels, of all of them added up."""
        return sum(value for key, value in dict(self._last).items()
                   if name in (key, key.partition("{")[0]))
