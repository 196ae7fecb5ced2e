#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "tests/node/test_node.hpp"
#include "tests/protocol_document/dialogue.hpp"

namespace clacks::protocol_document {

/// A node in memory, and the connections of one dialogue. Stricter than the dialogue's reader:
/// whatever arrives must be shown before anything else happens.
class Stage {
public:
    Stage();

    /// Executes the dialogue. Returns "", or `123: what was wrong` with the document's line.
    std::string run(const Dialogue& dialogue);

private:
    struct Actor {
        node::TestPeer* peer = nullptr;
        std::deque<std::string> heard;  ///< arrived, and not yet shown
        bool end_shown = false;
    };

    void introduce(const Dialogue& dialogue);
    void execute(const Step& step);
    void enter(char letter, node::TestPeer& peer);
    Actor& actor(char letter);

    void say(const Step& step);
    void say_collected();
    void hear(const Step& step);
    void leave(char letter);
    void expect_end(char letter);
    void expect_stop(std::chrono::seconds after);
    void expect_nothing_more();
    void collect_heard();

    node::TestNode node_;
    std::map<char, Actor> actors_;
    char speaker_ = 0;    ///< who is sending a packet: 0 for nobody
    std::string packet_;  ///< what it holds so far
};

}  // namespace clacks::protocol_document
