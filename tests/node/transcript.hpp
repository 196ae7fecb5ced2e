#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/node/test_node.hpp"

namespace clacks::node {

/// Plays a recorded dialogue against a TestNode and checks every line that arrives.
///
///     X> line      X says it; `(bytes) b'…'` for bytes that are no lines
///     X< line      it must be the next that has arrived at X; `(empty line)` for an empty one
///     # …          X connects · M is connected to · X is closed by the server · N s pass ·
///                  the node stops; anything else is a comment
///
/// {X}, {X.host}, {X.port} stand for the client id of X and its parts, {now}, {now-2},
/// {now+1+1us} for a time on the node's clock. Consecutive KEYSYNC lines may arrive in any order.
/// At the end nothing may be left unread.
class Transcript {
public:
    /// Reads the file. Throws if there is none.
    explicit Transcript(std::string path);

    void play();

private:
    void says(TestPeer& peer, std::string text);
    void hears(TestPeer& peer, std::size_t& at);
    void happens(std::string_view what);
    std::string expand(std::string_view text) const;
    std::string value_of(std::string_view placeholder) const;
    TestPeer& peer(std::string_view letter) const;

    std::string path_;
    std::vector<std::string> lines_;
    TestNode node_;
    std::map<std::string, TestPeer*, std::less<>> peers_;
};

}  // namespace clacks::node
