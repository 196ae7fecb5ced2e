"""A client of Clacks in 100 lines, from protocol.txt alone: the numbers are its sections."""

import base64
import re
import socket
import ssl
import time

PATIENCE = 15  # seconds for a reply; 4.2
BASE64 = re.compile("PAGECAMELCLACKS(?:YAML)?B64: ?([A-Za-z0-9+/]*)=*")  # 3


class Refused(Exception):
    """The node answered OVERHEAD E; the text begins with one of the codes of 14."""


class LoginFailed(Exception):
    """Wrong user or password: trying again is of no use."""


def encode(value):
    if not re.search("[\r\n\0]|^PAGECAMELCLACKS(YAML)?B64", value):
        return value
    raw = value.encode("utf-8", "surrogateescape")
    return "PAGECAMELCLACKSB64:" + base64.b64encode(raw).decode()


def decode(value):
    encoded = BASE64.fullmatch(value)
    if not encoded or len(encoded[1]) % 4 == 1:
        return value
    return base64.b64decode(encoded[1] + "===").decode("utf-8", "surrogateescape")


class Client:
    """One connection that has logged in. What it listens to comes out of event()."""

    def __init__(self, address, user, password, ca, ping_every=60):
        context = ssl.create_default_context(cafile=ca)  # verifies chain and host
        connection = socket.create_connection(address, PATIENCE)
        self._stream = context.wrap_socket(connection, server_hostname=address[0])
        self._received, self._events, self._flushes = b"", [], 0
        self._ping_every, self._ping_at = ping_every, time.monotonic() + ping_every
        token = ":".join(base64.b64encode(word.encode()).decode() for word in (user, password))
        self._say(f"CLACKS python\r\nOVERHEAD A {token}")
        if not (self._line(PATIENCE) or "").startswith("CLACKS "):
            raise ConnectionError("that is no Clacks node")
        self.ask("NOP")  # has its end when the login has its answer

    def store(self, name, value):
        self.ask(f"STORE {name}={encode(value)}")

    def retrieve(self, name, verb="RETRIEVE"):
        (reply,) = self.ask(f"{verb} {name}")
        return decode(reply.split("=", 1)[1]) if reply.startswith("RETRIEVED ") else None

    def watch(self, name):
        """As retrieve(), and what SETANDSTORE makes of it comes as events. 19.3"""
        return self.retrieve(name, "LISTENANDRETRIEVE")

    def event(self, timeout):
        """The next (verb, name, value) of a NOTIFY, SET or DEBUG, or None after `timeout` s."""
        deadline = time.monotonic() + timeout
        while not self._events and (line := self._line(deadline - time.monotonic())) is not None:
            self._sort(line)
        return self._events.pop(0) if self._events else None

    def close(self):
        self._stream.close()

    def ask(self, line):
        """The lines that answer it. With FLUSH behind it every command has an end (7.8)."""
        if re.search("[\r\n]", line):
            raise ValueError(f"more than a line: {line!r}")
        self._flushes += 1
        self._say(f"{line}\r\nFLUSH {self._flushes}")
        replies, refusal = [], None
        while (reply := self._line(PATIENCE)) != f"FLUSHED {self._flushes}":
            if reply is None:
                raise TimeoutError("no reply")
            if reply.startswith("OVERHEAD E "):
                refusal = refusal or Refused(reply[len("OVERHEAD E "):])
            elif not self._sort(reply):
                replies.append(reply)
        if refusal:
            raise refusal
        return replies

    def _sort(self, line):
        """Keeps what is no reply for event(), or ignores it. False: it is a reply."""
        verb, _, rest = line.partition(" ")
        if line.startswith("OVERHEAD F "):
            raise LoginFailed(rest)
        if verb in ("QUIT", "TIMEOUT"):
            raise ConnectionError(f"the node said {line}")
        if verb in ("NOTIFY", "SET", "DEBUG"):
            name, _, value = rest.partition("=")
            self._events.append((verb, name, value if verb == "DEBUG" else decode(value)))
        return verb in ("NOTIFY", "SET", "DEBUG", "OVERHEAD", "NOP", "")

    def _say(self, lines):
        self._stream.settimeout(PATIENCE)
        self._stream.sendall(lines.encode("utf-8", "surrogateescape") + b"\r\n")

    def _line(self, timeout):
        """The next line, or None after `timeout` seconds. Says PING when it is due."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._received:
            if time.monotonic() >= self._ping_at:
                self._say("PING")
                self._ping_at = time.monotonic() + self._ping_every
            self._stream.settimeout(max(min(deadline, self._ping_at) - time.monotonic(), 0.001))
            try:
                chunk = self._stream.recv(65536)
            except TimeoutError:
                if time.monotonic() >= deadline:
                    return None
                continue
            if not chunk:
                raise ConnectionError("the node has closed")
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        return line.replace(b"\r", b"").decode("utf-8", "surrogateescape")
