"""The client that was written from protocol.txt alone, against a real clacksd over TLS.

    client_test.py BUILD-DIRECTORY
"""

import os
import pathlib
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import unittest

from clacks_client import Client, LoginFailed, Refused, encode

PATIENCE = 30  # seconds for anything that takes a moment
USER, PASSWORD = "clacks", "semaphore=7:ü"
CONFIG = """
name: python-test
listen: ["tls://127.0.0.1:{port}"]
tls: {{certificate: certificates/server.crt, key: certificates/server.key}}
users:
  - {{name: "{user}", password: "{password}"}}
  - {{name: reader, password: r, permissions: [read]}}
timeouts: {{ping: {ping}}}
"""


class Node:
    """A clacksd with certificates of its own, in a directory that goes away with it."""

    def __init__(self, ping="180s"):
        self._directory = tempfile.TemporaryDirectory(prefix="clacks-python.")
        path = pathlib.Path(self._directory.name)
        self.ca = path / "certificates/ca.crt"
        subprocess.run([BUILD / "clacks", "certificate", "--out", path / "certificates"],
                       check=True, capture_output=True)
        while not self._start(path, ping):
            pass

    def _start(self, path, ping):
        """False: somebody else has the port. It lies below those that the kernel gives away."""
        self.address = ("127.0.0.1", random.randrange(20000, 32000))
        config = path / "node.yaml"
        config.write_text(CONFIG.format(port=self.address[1], user=USER, password=PASSWORD,
                                        ping=ping))
        self._process = subprocess.Popen([BUILD / "clacksd", "--config", config],
                                         stderr=subprocess.PIPE, text=True)
        log = ""
        for line in self._process.stderr:
            log += line
            if " ready" in line:
                return True
        self._process.stderr.close()
        if self._process.wait(PATIENCE) == 0 or "Address already in use" not in log:
            raise RuntimeError(log)
        return False

    def log_in(self, user=USER, password=PASSWORD, **options):
        return Client(self.address, user, password, os.fspath(self.ca), **options)

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.stderr.read()
        self._process.stderr.close()
        status = self._process.wait(PATIENCE)
        self._directory.cleanup()
        assert status == 0, status


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.stop)

    def client(self, *user, **options):
        client = self.node.log_in(*user, **options)
        self.addCleanup(client.close)
        return client

    def test_logs_in_only_with_the_right_password_and_a_trusted_node(self):
        self.client()
        with self.assertRaises(LoginFailed):
            self.node.log_in(USER, "guess")
        with self.assertRaises(ssl.SSLCertVerificationError):
            Client(self.node.address, USER, PASSWORD, None)

    def test_finds_out_what_the_node_offers(self):
        self.assertLessEqual({"patterns", "keylist_pages", "monitor_filter"},
                             set(self.client().ask("FEATURES")[0].split()))

    def test_hears_what_it_listens_to_by_name_and_by_pattern_once(self):
        listener, sender = self.client(), self.client()
        for name in "door", "sensor::*", "sensor::**":
            listener.ask(f"LISTEN {name}")
        sender.ask("NOTIFY door")
        sender.ask("NOTIFY window")
        sender.ask("SET sensor::1=" + encode("21 = warm\nand dry"))
        sender.ask("SET sensor::1::max=Grüße ✓")
        self.assertEqual(listener.event(PATIENCE), ("NOTIFY", "door", ""))
        self.assertEqual(listener.event(PATIENCE), ("SET", "sensor::1", "21 = warm\nand dry"))
        self.assertEqual(listener.event(PATIENCE), ("SET", "sensor::1::max", "Grüße ✓"))
        self.assertIsNone(listener.event(0))

    def test_watches_a_value_and_what_becomes_of_it(self):
        watcher, sender = self.client(), self.client()
        self.assertIsNone(watcher.watch("light"))
        sender.ask("SETANDSTORE light=" + encode("on\nand warm"))
        self.assertEqual(watcher.event(PATIENCE), ("SET", "light", "on\nand warm"))
        self.assertEqual(self.client().watch("light"), "on\nand warm")

    def test_stores_retrieves_removes_and_increments(self):
        one, other = self.client(), self.client()
        values = ["", " = ", "two\nlines", "PAGECAMELCLACKSB64:eA==", "nul\0", "x" * 200_000]
        for value in values:
            with self.subTest(value=value[:30]):
                one.store("value", value)
                self.assertEqual(other.retrieve("value"), value)
        one.ask("REMOVE value")
        self.assertIsNone(other.retrieve("value"))
        one.ask("INCREMENT visits")
        other.ask("INCREMENT visits=-2.5")
        self.assertEqual(one.retrieve("visits"), "-1.5")

    def test_sends_no_line_within_a_name(self):
        client = self.client()
        with self.assertRaises(ValueError):
            client.store("a\r\nREMOVE b", "1")

    def test_lists_keys_in_pages(self):
        client = self.client()
        names = {f"page::{number}" for number in range(95)}
        for name in names:
            client.store(name, "x")
        listed, after = [], ""
        while after is not None:
            *keys, end = client.ask(f"KEYLIST page::* limit=10{after}")
            self.assertLessEqual(len(keys), 11)
            listed += [line[len("KEY "):] for line in keys if line.startswith("KEY ")]
            after = end[len("KEYLISTEND"):] or None
        self.assertEqual(len(listed), len(names))
        self.assertEqual(set(listed), names)

    def test_watches_with_a_monitor(self):
        watcher, sender = self.client(), self.client()
        watcher.ask("MONITOR command=STORE name=watched::**")
        sender.store("watched::a", "1")
        sender.store("other", "1")
        sender.retrieve("watched::a")
        sender.store("watched::b", "2")
        lines = [watcher.event(PATIENCE)[2] for _ in range(2)]
        self.assertEqual(lines, ["STORE watched::a=1", "STORE watched::b=2"])

    def test_is_told_what_it_may_not(self):
        reader = self.client("reader", "r")
        with self.assertRaisesRegex(Refused, "^permission_denied"):
            reader.store("a", "1")
        with self.assertRaisesRegex(Refused, "^pattern_too_complex"):
            reader.ask("LISTEN *::*::*::*::*")
        self.assertIsNone(reader.retrieve("a"))

    def test_stays_where_others_time_out_because_it_sends_ping(self):
        node = Node(ping="2s")
        self.addCleanup(node.stop)
        pinging = node.log_in(ping_every=0.2)
        silent = node.log_in()  # later, so the other one is due before it
        self.addCleanup(silent.close)
        with self.assertRaisesRegex(ConnectionError, "TIMEOUT"):
            while True:
                silent.event(0.1)
                pinging.event(0)
        pinging.store("still", "here")
        self.assertEqual(pinging.retrieve("still"), "here")
        pinging.close()


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop()).resolve()
    unittest.main(verbosity=2)
