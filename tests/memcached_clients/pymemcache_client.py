"""pymemcache against a node: client.py HOST PORT PATH"""
import sys

from pymemcache.client.base import Client, PooledClient
from pymemcache.client.hash import HashClient
from pymemcache import serde
from pymemcache.exceptions import MemcacheIllegalInputError


def check(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def whole_face(client):
    every_byte = bytes(range(256)) * 10
    check(client.set("py", b"value"), True)
    check(client.get("py"), b"value")
    check(client.set("py-bytes", every_byte), True)
    check(client.get("py-bytes"), every_byte)
    check(client.add("py", b"other"), False)
    check(client.replace("py", b"new"), True)
    check(client.append("py", b"er"), True)
    check(client.prepend("py", b"re"), True)
    check(client.get_many(["py", "py-missing"]), {"py": b"renewer"})
    value, unique = client.gets("py")
    check(client.cas("py", b"seen", unique), True)
    check(client.cas("py", b"late", unique), False)
    check(client.cas("py-missing", b"late", unique), None)
    check(client.set_many({"py-a": b"1", "py-b": b"2"}), [])
    check(client.incr("py-a", 5), 6)
    check(client.decr("py-b", 5), 0)
    check(client.touch("py-a", 100), True)
    check(client.delete("py-a", noreply=False), True)
    check(client.delete("py-a", noreply=False), False)
    check(client.delete_many(["py-b", "py-bytes"]), True)
    check(client.get("py-b"), None)


host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
for address in ((host, port), f"unix:{path}"):
    client = Client(address, default_noreply=False, timeout=20)
    whole_face(client)
    check(client.version().startswith(b"1.6."), True)
    check(client.stats()[b"curr_items"] > 0, True)
    try:
        client.get("with a blank")
    except MemcacheIllegalInputError:
        pass
    client.set("py", b"last")
    client.close()
    check(client.get("py"), b"last")  # connects again

whole_face(PooledClient((host, port), default_noreply=False, timeout=20))
whole_face(HashClient([(host, port), f"unix:{path}"], default_noreply=False, timeout=20))

objects = Client((host, port), serde=serde.pickle_serde, timeout=20)
objects.set("py-object", {"list": [1, 2.5, None, "\n"]}, expire=100)
check(objects.get("py-object"), {"list": [1, 2.5, None, "\n"]})

client = Client((host, port), default_noreply=False, timeout=20)
check(client.flush_all(), True)
check(client.get("py-object"), None)
