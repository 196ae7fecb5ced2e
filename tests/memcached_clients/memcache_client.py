"""The older python-memcached against a node: client.py HOST PORT PATH"""
import sys

import memcache


def check(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


host, port, path = sys.argv[1], sys.argv[2], sys.argv[3]
for address in (f"{host}:{port}", f"unix:{path}"):
    client = memcache.Client([address], socket_timeout=20, cache_cas=True)
    check(client.set("old", "text"), True)
    check(client.get("old"), "text")
    check(client.set("old-number", 41), True)
    check(client.incr("old-number"), 42)
    check(client.get("old-number"), 42)  # the flags have stayed
    check(client.set("old-object", {"a": [1, "\r\n"]}, time=100), True)
    check(client.get("old-object"), {"a": [1, "\r\n"]})
    check(client.set("old-long", "x" * 100000, min_compress_len=1000), True)
    check(client.get("old-long"), "x" * 100000)
    check(client.set_multi({"1": "a", "2": "b"}, key_prefix="old-"), [])
    check(client.get_multi(["1", "2", "3"], key_prefix="old-"), {"1": "a", "2": "b"})
    check(client.add("old", "other"), 0)
    check(client.append("old", "er") != 0, True)
    check(client.gets("old"), "texter")
    check(client.cas("old", "seen"), True)
    check(client.touch("old", 100), 1)
    check(client.delete("old"), 1)
    check(client.get("old"), None)
    check(int(client.get_stats()[0][1]["curr_items"]) > 0, True)
    client.flush_all()
    check(client.get("old-object"), None)
