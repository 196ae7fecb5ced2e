#include "server/node/positions.hpp"

#include <doctest/doctest.h>

#include <string>

using clacks::node::Positions;

TEST_CASE("positions: the last one of each node is known") {
    Positions positions;
    CHECK(positions.of("a") == 0);
    positions.set("a", 5);
    positions.set("b", 7);
    positions.set("a", 6);
    CHECK(positions.of("a") == 6);
    CHECK(positions.of("b") == 7);
    positions.forget("a");
    positions.forget("c");
    CHECK(positions.of("a") == 0);
    CHECK(positions.of("b") == 7);
    positions.forget_all();
    CHECK(positions.of("b") == 0);
}

TEST_CASE("positions: of too many nodes the one that was heard of least recently is forgotten") {
    Positions positions;
    for (std::size_t i = 0; i < Positions::most_nodes; ++i) {
        positions.set(std::to_string(i), 1);
    }
    positions.set("0", 2);
    positions.set("new", 3);
    CHECK(positions.of("0") == 2);
    CHECK(positions.of("1") == 0);
    CHECK(positions.of("2") == 1);
    CHECK(positions.of("new") == 3);
}
