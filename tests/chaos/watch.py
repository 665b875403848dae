"""Looks at a server's admin listener without pause, and remembers the extremes."""

import http.client
import threading
import time

PAUSE_SECONDS = 0.1
ANSWER_SECONDS_MAX = 5


class Watch(threading.Thread):
    """`silences` are the times /healthz gave no good answer; while `may_be_away` is set none are
    counted. `slowest` is the longest wait for one."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.silences = []
        self.slowest = 0
        self.may_be_away = threading.Event()
        self._stopping = threading.Event()
        self._lowest, self._highest, self._last = {}, {}, {}

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
        begun = time.monotonic()
        status, _ = self._get("/healthz")
        self.slowest = max(self.slowest, time.monotonic() - begun)
        assert status == 200, status
        for line in self._get("/metrics")[1].splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                self._note(name, float(value))

    def _note(self, name, value):
        self._lowest[name] = min(value, self._lowest.get(name, value))
        self._highest[name] = max(value, self._highest.get(name, value))
        self._last[name] = value

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
        """Of a metric, or of all its labels added up: the value last seen."""
        return _sum(self._last, name)

    def highest(self, name):
        return _sum(self._highest, name)

    def lowest(self, name):
        return _sum(self._lowest, name)


def _sum(values, name):
    return sum(value for key, value in dict(values).items()
               if name in (key, key.partition("{")[0]))
