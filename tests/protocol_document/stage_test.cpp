#include "tests/protocol_document/stage.hpp"

#include <doctest/doctest.h>

#include "tests/protocol_document/document.hpp"

using namespace clacks::protocol_document;

namespace {

/// Runs the only dialogue in `lines`, which begin with its indentation.
std::string run(const std::vector<std::string>& lines) {
    const auto found = dialogues(lines);
    REQUIRE(found.not_understood.empty());
    REQUIRE(found.all.size() == 1);
    return Stage().run(found.all.front());
}

}  // namespace

TEST_CASE("protocol document: every dialogue happens as it is written") {
    const auto found = dialogues(document());
    CHECK(found.not_understood == std::vector<std::string>());
    CHECK(found.all.size() > 40);
    for (const Dialogue& dialogue : found.all) CHECK(Stage().run(dialogue) == "");
}

TEST_CASE("protocol document: a dialogue that does not happen is found wrong") {
    CHECK(run({"    A> RETRIEVE a", "    A< NOTRETRIEVED a"}) == "");
    CHECK(run({"    A> RETRIEVE a", "    A< RETRIEVED a=1"}) ==
          "2: what arrives at A is: NOTRETRIEVED a");
    CHECK(run({"    A> RETRIEVE a"}) == "1: before that, there arrives at A: NOTRETRIEVED a");
    CHECK(run({"    A> NOP", "    A< NOP"}) == "2: nothing more arrives at A");
    CHECK(run({"    A> RETRIEVE a", "    # 1 s pass", "    A< NOTRETRIEVED a"}) ==
          "2: before that, there arrives at A: NOTRETRIEVED a");
    CHECK(run({"    A> PING", "    # 1 s pass", "    A> RETRIEVE a", "    # 1 s pass"}) ==
          "4: before that, there arrives at A: NOTRETRIEVED a");
    CHECK(run({"    A> QUIT"}) == "1: A is closed");
    CHECK(run({"    A> QUIT", "    # A is closed", "    A> PING"}) == "3: A has been closed");
    CHECK(run({"    A> PING", "    # A is closed"}) == "2: A is not closed");
    CHECK(run({"    A> CLIENTDISCONNECT 127.0.0.1:50001:2", "    # B is closed"}) ==
          "2: before that, there arrives at B: (empty line)");
    CHECK(run({"    A> OVERHEAD S 5", "    # the node stops in 6 s"}) ==
          "2: the node does not stop then");
    CHECK(run({"    A> OVERHEAD S 5"}) == "1: the node stops");
    CHECK(run({"    # A connects", "    A< CLACKS clacksd 1"}) ==
          "2: before that, there arrives at A: OVERHEAD M Authentication required");
    CHECK(run({"    Q> PING"}) == "1: Q is not connected");
}
