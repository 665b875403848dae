"""A device that speaks docs/PROTOCOL.md byte by byte, and may break its rules.

    async with WireDevice(server, app) as device:      # account, TLS, SCRAM, bind, positions
        registration = await device.register()
        await device.wait_pushes(1)

Nothing of the product is in it: XML, SCRAM, Thrift and the second encryption are Python's own
library and this folder's. One asyncio loop; every wait has a deadline.
"""

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import http.client
import json
import os
import socket
import ssl
import xml.etree.ElementTree as ElementTree

import compact
import sealed
from compact import I32

SECONDS = 20
REQUEST_SECONDS = 30  # by docs/PROTOCOL.md a device repeats then
# Of a device that will stop reading: the server is to notice soon. Far more than one segment of the
# loopback (64 KiB): a window below half of the largest that the sender has seen makes it wait for
# the persist timer before each piece (RFC 1122, 4.2.3.4), also when all is read again.
SMALL_RECEIVE_BUFFER = 256 << 10
CHANNEL = "urn:longwire:channel:1"
CLIENT = "{jabber:client}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
ALIAS, ACCOUNT, TOPIC = 1, 2, 3


class Refused(Exception):
    """An iq of type error; the text is its condition, as `item-not-found`."""


@dataclasses.dataclass
class Registration:
    reg_id: str
    secret: bytes
    incarnation: str

    @property
    def inbox(self):
        return f"inbox:{self.reg_id}"


def create_account(server, app):
    context = ssl.create_default_context(cafile=server.ca)
    connection = http.client.HTTPSConnection("localhost", server.ports["https"], context=context,
                                             timeout=SECONDS)
    body = json.dumps({"appId": app["appId"], "appKey": app["appKey"]})
    connection.request("POST", "/v1/devices", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    assert response.status == 201, answer
    connection.close()
    return answer


async def within(awaitable, what, seconds=SECONDS):
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what}") from None


class WireDevice:
    def __init__(self, server, app, account=None, small_buffer=False):
        self.server, self.app = server, app
        self.account = account or create_account(server, app)
        self.small_buffer = small_buffer  # see SMALL_RECEIVE_BUFFER
        self.registration = None
        self.pushes = []  # decoded Push structs of all connections, as they came
        self.frames = []  # all other frames without request
        self.numbers = {}  # feed: last number received
        self.closed = None  # an asyncio.Event a connection
        self._answers = {}
        self._came = asyncio.Event()
        self._last_id = 0
        self._reading = None

    async def __aenter__(self):
        await self.connect()
        return self

    async def __aexit__(self, kind, error, trace):
        await self.cut()

    # ---- the connection

    async def connect(self):
        """Logs in and sends positions: all that came up to now is said to be had."""
        plain = socket.create_connection(("127.0.0.1", self.server.ports["xmpps"]))
        if self.small_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_RECEIVE_BUFFER)
        plain.setblocking(False)
        context = ssl.create_default_context(cafile=self.server.ca)
        self.reader, self.writer = await within(
            asyncio.open_connection(sock=plain, ssl=context, server_hostname="localhost"), "TLS")
        self.closed = asyncio.Event()
        await within(self._log_in(), "login")
        self._reading = asyncio.create_task(self._read())
        self.bound()

    def bound(self):
        """What it says first."""
        self.send_positions()

    async def _log_in(self):
        await self._open_stream()
        user, password = self.account["device"], self.account["password"]
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n={user},r={nonce}"
        challenge = await self._sasl(
            f"<auth xmlns='{SASL[1:-1]}' mechanism='SCRAM-SHA-256'>"
            f"{base64_of('n,,' + bare)}</auth>", "challenge")
        final, server_signature = scram_final(bare, challenge, password)
        success = await self._sasl(
            f"<response xmlns='{SASL[1:-1]}'>{base64_of(final)}</response>", "success")
        assert success == "v=" + base64.b64encode(server_signature).decode(), success
        await self._open_stream()
        self._write("<iq type='set' id='bind'>"
                    "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        bound = await self._element()
        assert bound.get("type") == "result", ElementTree.tostring(bound)

    async def _open_stream(self):
        self.parser = ElementTree.XMLPullParser(("start", "end"))
        self._depth, self._root, self._elements = 0, None, []
        self._write(f"<stream:stream to='{self.account['domain']}' version='1.0' "
                    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        return await self._element()  # its features

    async def _sasl(self, text, expected):
        self._write(text)
        answer = await self._element()
        assert answer.tag == SASL + expected, ElementTree.tostring(answer)
        return base64.b64decode(answer.text).decode()

    async def _element(self):
        while not self._elements:
            data = await self.reader.read(65536)
            if not data:
                raise ConnectionError("the server closed the stream")
            self._feed(data)
        return self._elements.pop(0)

    def _feed(self, data):
        self.parser.feed(data)
        for event, element in self.parser.read_events():
            self._depth += 1 if event == "start" else -1
            if event == "start" and self._depth == 1:
                self._root = element
            elif event == "end" and self._depth == 1:
                self._elements.append(element)
                self._root.clear()

    async def _read(self):
        try:
            while True:
                self._take(await self._element())
        except (OSError, ElementTree.ParseError):
            pass
        finally:
            self.closed.set()
            self._came.set()

    async def cut(self):
        """As a phone that loses its network: no word to the server."""
        if self._reading is None:
            return
        self.resume_reading()
        self.writer.transport.abort()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._reading = None

    def stop_reading(self):
        """What arrives stays in the system's buffers, then in the server's."""
        self.writer.transport.pause_reading()

    def resume_reading(self):
        if not self.writer.transport.is_closing():
            self.writer.transport.resume_reading()

    # ---- frames

    def _take(self, element):
        if element.tag == CLIENT + "iq" and element.get("type") in ("result", "error"):
            waiting = self._answers.pop(element.get("id"), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(element)
        elif element.tag == CLIENT + "iq":
            self._write(f"<iq type='result' id='{element.get('id')}'/>")
        elif element.tag == CLIENT + "message":
            self._take_frame(decode_frame(element))

    def _take_frame(self, frame):
        ((member, value),) = frame.items()
        if member == 1:
            self.pushes.append(value)
            feed = value[2].decode()
            self.numbers[feed] = max(value[3], self.numbers.get(feed, 0))
        else:
            self.frames.append((member, value))
        self._came.set()

    async def request(self, frame):
        self._last_id += 1
        identifier = f"r{self._last_id}"
        self._answers[identifier] = asyncio.get_running_loop().create_future()
        self._write(f"<iq type='set' id='{identifier}' to='push.{self.account['domain']}'>"
                    f"{xml_frame(frame)}</iq>")
        answer = await within(self._answers[identifier], f"the answer to {frame}", REQUEST_SECONDS)
        if answer.get("type") == "error":
            raise Refused(answer.find(CLIENT + "error")[0].tag.partition("}")[2])
        return decode_frame(answer)

    def say(self, frame):
        self._write(f"<message type='headline' to='push.{self.account['domain']}'>"
                    f"{xml_frame(frame)}</message>")

    def _write(self, text):
        self.writer.write(text.encode())

    # ---- the push channel

    def send_positions(self):
        registrations = []
        if self.registration is not None:
            feeds = [{1: feed, 2: number} for feed, number in self.numbers.items()]
            registrations = [{1: self.registration.reg_id, 2: self.registration.incarnation,
                              3: feeds}]
        self.say({2: {1: registrations}})

    async def register(self):
        answer = await self.request({3: {1: self.app["appId"], 2: self.app["appKey"],
                                         3: self.app["package"]}})
        registered = answer[4]
        self.registration = Registration(registered[1].decode(), registered[2],
                                         registered[3].decode())
        return self.registration

    async def set_name(self, kind, name, reg_id=None, carried=True):
        return await self.request({5: {1: reg_id or self.registration.reg_id, 2: I32(kind),
                                       3: name, 4: carried}})

    def acknowledge(self, feed, number, reg_id=None):
        self.say({1: {1: [{1: reg_id or self.registration.reg_id, 2: feed, 3: number}]}})

    def acknowledge_all(self):
        items = [{1: self.registration.reg_id, 2: feed, 3: number}
                 for feed, number in self.numbers.items()]
        if items:
            self.say({1: {1: items}})

    async def wait_until(self, condition, what, seconds=SECONDS):
        async def seen():
            while not condition():
                self._came.clear()
                await self._came.wait()

        await within(seen(), what, seconds)

    async def wait_pushes(self, count, seconds=SECONDS):
        try:
            await self.wait_until(lambda: len(self.pushes) >= count, f"{count} pushes", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}, only {len(self.pushes)} came") from None
        return self.pushes

    def payloads(self):
        """Opened; a push that does not open is None."""
        bodies = [sealed.open_push(push, self.registration) for push in self.pushes]
        return [None if body is None else body[3].decode() for body in bodies]


def xml_frame(frame):
    data = base64.b64encode(compact.encode(frame)).decode()
    return f"<frame xmlns='{CHANNEL}'>{data}</frame>"


def decode_frame(stanza):
    return compact.decode(base64.b64decode(stanza.find(f"{{{CHANNEL}}}frame").text))


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def scram_final(first_bare, challenge, password):
    """RFC 5802 with SHA-256: the client's last message, and the signature the server must show."""
    said = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(said["s"]),
                                 int(said["i"]))
    without_proof = f"c=biws,r={said['r']}"
    signed = f"{first_bare},{challenge},{without_proof}".encode()
    client_key = hmac.digest(salted, b"Client Key", hashlib.sha256)
    signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, hashlib.sha256)
    proof = bytes(a ^ b for a, b in zip(client_key, signature))
    server_key = hmac.digest(salted, b"Server Key", hashlib.sha256)
    return (f"{without_proof},p={base64.b64encode(proof).decode()}",
            hmac.digest(server_key, signed, hashlib.sha256))
