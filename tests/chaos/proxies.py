"""TCP proxies of ours that misbehave: links between tiers, and a balancer before front ends.

    with Proxies() as proxies:
        link = proxies.link(port)              # of a middle node
        link.slow(); link.mend()
        balancer = proxies.balancer([port, port])
        balancer.prefer(1)

All run on one asyncio loop in a thread of its own; every method may be called from any thread.
"""

import asyncio
import contextlib
import pathlib
import socket
import struct
import threading

ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST
PIECE_BYTES = 16384
PIECES_MAX = 32  # on the way through a slow link, in each direction
SLOW_SECONDS = 0.05
SLOW_BYTES_PER_SECOND = 1_000_000 / 8
CALL_SECONDS_MAX = 10


class Proxies:
    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def do(self, function, *arguments):
        """Called on the loop; its result."""
        async def done():
            result = function(*arguments)
            return await result if asyncio.iscoroutine(result) else result

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(CALL_SECONDS_MAX)

    def link(self, target, name_of=lambda port: None):
        return Link(self, target, name_of)

    def balancer(self, targets):
        return Balancer(self, targets)


class Link:
    """Forwards to 127.0.0.1:target as long as it is sound.

    `name_of`: who dials from a port of ours, for cut(name)."""

    def __init__(self, proxies, target, name_of):
        self._proxies, self._target, self._name_of = proxies, target, name_of
        self._ways = {}  # pairs of sockets' writers, and who dialled
        self._cut = set()  # names; None: everybody
        self._open = None  # an event: not set while the link is stalled
        self._slow = False
        self._free_at = {}  # by direction: when a slow link is done with what it was given
        self.port = proxies.do(self._begin)

    async def _begin(self):
        self._open = asyncio.Event()
        self._open.set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    def cut(self, name=None):
        """All connections end, of that dialler or of all, and no other comes about until mend()."""
        self._proxies.do(self._do_cut, name)

    def stall(self):
        """What is sent stays on the way until mend()."""
        self._proxies.do(lambda: self._open.clear())

    def slow(self):
        """SLOW_SECONDS each way, SLOW_BYTES_PER_SECOND for all connections together."""
        self._proxies.do(lambda: setattr(self, "_slow", True))

    def mend(self):
        self._proxies.do(self._do_mend)

    def diallers(self):
        return self._proxies.do(lambda: sorted(str(name) for name in self._ways.values()))

    def _do_cut(self, name):
        self._cut.add(name)
        for writers, dialler in list(self._ways.items()):
            if name in (None, dialler):
                _abort(*writers)

    def _do_mend(self):
        self._cut.clear()
        self._open.set()
        self._slow = False

    async def _accept(self, reader, writer):
        dialler = self._name_of(writer.get_extra_info("peername")[1])
        if self._cut & {None, dialler}:
            return _abort(writer)
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return _abort(writer)
        writers = (writer, there[1])
        self._ways[writers] = dialler
        directions = [asyncio.ensure_future(self._carry("in", reader, there[1])),
                      asyncio.ensure_future(self._carry("out", there[0], writer))]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        del self._ways[writers]
        _abort(*writers)
        await asyncio.wait(directions)

    async def _carry(self, direction, reader, writer):
        pieces = asyncio.Queue(PIECES_MAX)
        putting = asyncio.ensure_future(self._put(direction, pieces, writer))
        try:
            while data := await reader.read(PIECE_BYTES):
                await pieces.put((asyncio.get_running_loop().time(), data))
        except OSError:
            pass
        await pieces.put((0, None))
        await putting

    async def _put(self, direction, pieces, writer):
        loop = asyncio.get_running_loop()
        while True:
            came, data = await pieces.get()
            await self._open.wait()
            if data is None:
                return
            if self._slow:
                begun = max(came, self._free_at.get(direction, 0))
                self._free_at[direction] = begun + len(data) / SLOW_BYTES_PER_SECOND
                until = self._free_at[direction] + SLOW_SECONDS
                await asyncio.sleep(max(0, until - loop.time()))
            with contextlib.suppress(OSError):
                writer.write(data)
                await writer.drain()


class Balancer:
    """Connections go to the preferred of `targets`, or to another one where it does not accept."""

    def __init__(self, proxies, targets):
        self._proxies, self._targets = proxies, targets
        self._preferred = 0
        self._ways = set()
        self._left = set()  # writers to front ends whose client went without a word
        self.port = proxies.do(self._begin)

    async def _begin(self):
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return server.sockets[0].getsockname()[1]

    def prefer(self, index):
        self._preferred = index

    def move(self):
        """Clients lose their connections and come to the next; the one before hears nothing of it,
        as when a phone changes its network."""
        self._preferred = (self._preferred + 1) % len(self._targets)
        self._proxies.do(self._leave_all)

    def end_left(self):
        """Those that hear nothing do so now."""
        self._proxies.do(lambda: _abort(*self._left))

    def _leave_all(self):
        for client, server in list(self._ways):
            self._left.add(server)
            _abort(client)

    async def _accept(self, reader, writer):
        there = await self._connect()
        if there is None:
            return _abort(writer)
        way = (writer, there[1])
        self._ways.add(way)
        directions = [asyncio.ensure_future(_copy(reader, there[1])),
                      asyncio.ensure_future(_copy(there[0], writer))]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        if there[1] in self._left:
            await asyncio.wait(directions)  # until the front end closes it
            self._left.discard(there[1])
        self._ways.discard(way)
        _abort(*way)
        await asyncio.wait(directions)

    async def _connect(self):
        for turn in range(len(self._targets)):
            port = self._targets[(self._preferred + turn) % len(self._targets)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None


async def _copy(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(PIECE_BYTES):
            if not writer.is_closing():
                writer.write(data)
                await writer.drain()


def _abort(*writers):
    for writer in writers:
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        writer.transport.abort()


def pid_of_dialler(port, pids):
    """Which of `pids` has the socket that is bound to 127.0.0.1:port; None: none of them."""
    wanted = f"0100007F:{port:04X}"
    inode = next((fields[9] for fields in map(str.split, pathlib.Path("/proc/net/tcp")
                                              .read_text().splitlines()) if fields[1] == wanted),
                 None)
    for pid in pids:
        with contextlib.suppress(OSError):
            for file in pathlib.Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(file.readlink()) == f"socket:[{inode}]":
                        return pid
    return None
