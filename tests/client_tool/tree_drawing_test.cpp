#include "client/tool/tree_drawing.hpp"

#include <doctest/doctest.h>

using clacks::Fields;
using clacks::tool::draw_tree;

namespace {

Fields node(std::string id, std::string up, std::string name) {
    return {{"id", std::move(id)},   {"up", std::move(up)}, {"name", std::move(name)},
            {"software", "clacksd"}, {"clients", "1"},      {"keys", "2"}};
}

Fields with(Fields row, std::string key, std::string value) {
    row.emplace_back(std::move(key), std::move(value));
    return row;
}

}  // namespace

TEST_CASE("tree: every node stands below its master, whatever the order of the rows") {
    CHECK(draw_tree({with(node("3", "1", "slave2"), "self", "1"), node("4", "2", "leaf1"),
                     node("1", "", "master"), node("5", "2", "leaf2"), node("2", "1", "slave1"),
                     node("6", "3", "leaf3")}) ==
          "master: clacksd, 1 client, 2 keys\n"
          "├─ slave2 (this node): clacksd, 1 client, 2 keys\n"
          "│  └─ leaf3: clacksd, 1 client, 2 keys\n"
          "└─ slave1: clacksd, 1 client, 2 keys\n"
          "   ├─ leaf1: clacksd, 1 client, 2 keys\n"
          "   └─ leaf2: clacksd, 1 client, 2 keys\n");
}

TEST_CASE("tree: what a node says of its state stands behind its name") {
    const Fields busy =
        with(with(node("1", "", "a"), "link_bytes_waiting", "10"), "heard_ms", "12999");
    CHECK(draw_tree({busy}) ==
          "a: clacksd, 1 client, 2 keys, 10 bytes waiting, not heard for 12 s\n");
    CHECK(draw_tree({with(with(node("1", "", "a"), "link_bytes_waiting", "0"), "heard_ms",
                          "4999")}) == "a: clacksd, 1 client, 2 keys\n");
}

TEST_CASE("tree: a link says which node is at its other end, as soon as that is heard of") {
    const Fields link = {{"link", "x:1"},
                         {"with", "clacksd_0.1.0_in_interclacks_client_mode"},
                         {"role", "slave"},
                         {"synced", "1"}};
    CHECK(draw_tree({node("1", "", "a"), node("2", "1", "b"), with(link, "node", "2"),
                     with(link, "node", "3"), with(link, "node", "")}) ==
          "a: clacksd, 1 client, 2 keys\n"
          "└─ b: clacksd, 1 client, 2 keys\n"
          "\n"
          "links of this node:\n"
          "  b, a slave, at x:1: clacksd 0.1.0, in sync\n"
          "  a slave at x:1: clacksd 0.1.0, in sync\n"
          "  a slave at x:1: clacksd 0.1.0, in sync\n");
}

TEST_CASE("tree: links stand below, plain nodes are seen only there") {
    CHECK(draw_tree({node("1", "", "a"),
                     {{"link", "x:1"},
                      {"with", "PageCamel_36"},
                      {"role", "slave"},
                      {"synced", "1"},
                      {"waiting", "0"}},
                     {{"link", "x:2"},
                      {"with", "clacksd"},
                      {"role", "master"},
                      {"synced", "0"},
                      {"waiting", "7"}}}) ==
          "a: clacksd, 1 client, 2 keys\n"
          "\n"
          "links of this node:\n"
          "  a slave at x:1: PageCamel 36, in sync\n"
          "  the master at x:2: clacksd, not in sync yet, 7 bytes waiting\n");
}

TEST_CASE("tree: a master that is not known, a ring and escape sequences are drawn all the same") {
    CHECK(draw_tree({node("1", "unknown", "a")}) == "a: clacksd, 1 client, 2 keys\n");
    CHECK(draw_tree({node("1", "2", "a"), node("2", "1", "b")}) ==
          "a: clacksd, 1 client, 2 keys\n└─ b: clacksd, 1 client, 2 keys\n");
    CHECK(draw_tree({node("1", "1", "a")}) == "a: clacksd, 1 client, 2 keys\n");
    CHECK(draw_tree({node("1", "", "\x1b[31m")}) == "\\x1b[31m: clacksd, 1 client, 2 keys\n");
    CHECK(draw_tree({}) == "");
}
