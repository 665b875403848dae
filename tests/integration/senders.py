"""Threads that send without pause and remember what became of each send."""

import http.client
import threading
import time

from harness import Api

OUTCOME_UNKNOWN = 10003


class Sender(threading.Thread):
    """Sends "<stream>:0", "<stream>:1", … one after the other until stopped.

    `accepted` are those answered code 0, in order; `refused` pairs of payload and code; `uncertain`
    those without an answer or with code 10003, `unanswered` and `late` those of them without one,
    and that the server held for the time limit. After one without an answer it goes on with the
    next number on a new connection, once a server is there. `pause` follows each answer; `slowest`
    is the longest wait for one.
    """

    def __init__(self, server, app, stream, target, parameters, *, timeout=10, pause=0):
        super().__init__(daemon=True)
        self.server, self.app, self.stream = server, app, stream
        self.target, self.parameters = target, parameters
        self.timeout, self.pause = timeout, pause
        self.accepted, self.uncertain, self.refused = [], [], []
        self.unanswered, self.late = [], []
        self.failure = None  # raised by stop()
        self.slowest = 0
        self.stopping = threading.Event()
        self.may_connect = threading.Event()
        self.may_connect.set()
        self._number = 0

    def run(self):
        try:
            self._send()
        except BaseException as error:
            self.failure = error

    def _send(self):
        while not self.stopping.is_set():
            self.may_connect.wait(1)
            try:
                self._send_on_one_connection()
            except (OSError, http.client.HTTPException):
                self.stopping.wait(0.02)

    def _send_on_one_connection(self):
        with Api(self.server, timeout=self.timeout) as api:
            api.connection.connect()
            while not self.stopping.is_set():
                payload = f"{self.stream}:{self._number}"
                self._number += 1
                begun = time.monotonic()
                try:
                    answer = api.send(self.app, self.target, self.parameters, payload=payload)
                except BaseException as error:
                    self.uncertain.append(payload)
                    self.unanswered.append(payload)
                    if isinstance(error, TimeoutError):
                        self.late.append(payload)
                    raise
                self.slowest = max(self.slowest, time.monotonic() - begun)
                if answer["code"] == 0:
                    self.accepted.append(payload)
                elif answer["code"] == OUTCOME_UNKNOWN:
                    self.uncertain.append(payload)
                else:
                    self.refused.append((payload, answer["code"]))
                    self.stopping.wait(0.01)  # not a load of refusals
                if self.pause:
                    self.stopping.wait(self.pause)

    def stop(self):
        self.stopping.set()
        self.join(self.timeout + 5)
        if self.failure is not None:
            raise self.failure
