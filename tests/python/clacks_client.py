"""A client of Clacks, written from protocol.txt alone and with nothing but Python's own library.

Section numbers are those of protocol.txt. Values are str; bytes that are no UTF-8 survive as
surrogate escapes.
"""

import base64
import binascii
import collections
import re
import select
import socket
import ssl
import time

PATIENCE = 15  # seconds for a reply; 4.2
BASE64 = "PAGECAMELCLACKSB64:"
YAML = "PAGECAMELCLACKSYAMLB64:"


class Refused(Exception):
    """The node answered OVERHEAD E; the text begins with one of the codes of section 14."""


class LoginFailed(Exception):
    """Wrong user or password: trying again is of no use."""


def encode(value):
    """A value as a line can hold it; 3."""
    if not re.search("[\r\n\0]", value) and not value.startswith((BASE64[:-1], YAML[:-1])):
        return value
    return BASE64 + base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()


def decode(value):
    """The other way round."""
    for prefix in BASE64, YAML:
        if value.startswith(prefix):
            text = value[len(prefix) :].replace(" ", "").rstrip("=")
            try:
                raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            except binascii.Error:
                return value
            return raw.decode("utf-8", "surrogateescape")
    return value


def checked(name):
    if not name or re.search("[ =\r\n]", name):
        raise ValueError(f"not a name: {name!r}")
    return name


class Client:
    """One connection that has logged in. Signals and DEBUG lines come out of event()."""

    def __init__(self, address, user, password, ca, name="python", ping_every=60):
        stream = socket.create_connection(address, PATIENCE)
        context = ssl.create_default_context(cafile=ca)  # verifies chain and host
        self._stream = context.wrap_socket(stream, server_hostname=address[0])
        self._stream.setblocking(False)
        self._received, self._waiting, self._events = b"", b"", collections.deque()
        self._flushes, self._ping_every, self._pinged = 0, ping_every, time.monotonic()
        token = ":".join(base64.b64encode(word.encode()).decode() for word in (user, password))
        self._say(f"CLACKS {name}")
        self._say(f"OVERHEAD A {token}")
        try:
            if not (self._line(PATIENCE) or "").startswith("CLACKS "):
                raise ConnectionError("that is no Clacks node")
            self._ask("NOP")  # has its end when the login has its answer
        except Exception:
            self._stream.close()
            raise

    def features(self):
        """The words of 19.2; none at a plain node."""
        try:
            return set(self._ask("FEATURES")[0].split()[1:])
        except Refused:
            return set()

    def listen(self, name):
        """To a name, or a pattern (19.1)."""
        self._ask(f"LISTEN {checked(name)}")

    def monitor(self, conditions=""):
        self._ask(f"MONITOR {conditions}".rstrip())

    def notify(self, name):
        self._ask(f"NOTIFY {checked(name)}")

    def set(self, name, value):
        self._ask(f"SET {checked(name)}={encode(value)}")

    def store(self, name, value):
        self._ask(f"STORE {checked(name)}={encode(value)}")

    def remove(self, name):
        self._ask(f"REMOVE {checked(name)}")

    def increment(self, name, step=1):
        self._ask(f"INCREMENT {checked(name)}={step}")

    def retrieve(self, name):
        """The value, or None."""
        (reply,) = self._ask(f"RETRIEVE {checked(name)}")
        return decode(reply.split("=", 1)[1]) if reply.startswith("RETRIEVED ") else None

    def keys(self, pattern="**", page=1000):
        """Yields all keys that the pattern stands for, asking for `page` at a time (19.13)."""
        after = ""
        while True:
            replies = self._ask(f"KEYLIST {checked(pattern)} limit={page}{after}")
            yield from (line[len("KEY ") :] for line in replies if line.startswith("KEY "))
            after = replies[-1][len("KEYLISTEND") :]
            if not after:
                return

    def event(self, timeout):
        """The next (verb, name, value) of a NOTIFY, SET or DEBUG, or None after `timeout` s."""
        deadline = time.monotonic() + timeout
        while not self._events:
            line = self._line(deadline - time.monotonic())
            if line is None:
                return None
            self._sort(line)
        return self._events.popleft()

    def close(self):
        """Says QUIT and waits for the end of the connection."""
        self._say("QUIT")
        try:
            while self._line(PATIENCE):
                pass
        except OSError:
            pass  # as it should
        self._stream.close()

    def _ask(self, line):
        """The lines that answer it. With FLUSH behind it every command has an end (7.8)."""
        self._flushes += 1
        self._say(line)
        self._say(f"FLUSH {self._flushes}")
        replies, refusal = [], None
        while (line := self._line(PATIENCE)) != f"FLUSHED {self._flushes}":
            if line is None:
                raise TimeoutError("no reply")
            verb, _, rest = line.partition(" ")
            flags, _, text = rest.partition(" ")
            if verb == "OVERHEAD" and "E" in flags and "G" not in flags:
                refusal = refusal or Refused(text)
            elif not self._sort(line):
                replies.append(line)
        if refusal:
            raise refusal
        return replies

    def _sort(self, line):
        """Keeps what is no reply for event(), or ignores it. False: it is a reply."""
        verb, _, rest = line.partition(" ")
        if verb in ("QUIT", "TIMEOUT"):
            raise ConnectionError(f"the node said {verb}")
        if verb == "OVERHEAD" and "F" in rest.split()[0] and "G" not in rest.split()[0]:
            raise LoginFailed(rest)
        if verb in ("NOTIFY", "SET", "DEBUG"):
            name, _, value = rest.partition("=")
            self._events.append((verb, name, value if verb == "DEBUG" else decode(value)))
        return verb in ("NOTIFY", "SET", "DEBUG", "OVERHEAD", "NOP", "CLACKS")

    def _say(self, line):
        self._waiting += line.encode("utf-8", "surrogateescape") + b"\r\n"

    def _line(self, timeout):
        """The next line that is not empty, or None after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            line, end, rest = self._received.partition(b"\n")
            if not end:
                left = deadline - time.monotonic()
                self._turn(max(0, left))
                if left <= 0 and b"\n" not in self._received:
                    return None
                continue
            self._received = rest
            if line := line.replace(b"\r", b""):
                return line.decode("utf-8", "surrogateescape")

    def _turn(self, timeout):
        """Sends what can be sent and reads what has come, or waits for a chance to."""
        now = time.monotonic()
        if now >= self._pinged + self._ping_every:
            self._pinged = now
            self._say("PING")
        sent, chunk = 0, None
        try:
            sent = self._stream.send(self._waiting) if self._waiting else 0
            self._waiting = self._waiting[sent:]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            chunk = self._stream.recv(65536)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            until_ping = self._pinged + self._ping_every - now
            wait = 0 if sent else max(0, min(timeout, until_ping))
            select.select([self._stream], [self._stream] if self._waiting else [], [], wait)
            return
        if not chunk:
            raise ConnectionError("the node has closed")
        self._received += chunk
