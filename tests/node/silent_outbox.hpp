#pragma once

#include <string>

#include "server/node/outbox.hpp"

namespace clacks::node {

/// Does nothing and takes everything: what a test wants to see it overrides.
struct SilentOutbox : Outbox {
    void send(Peer&, std::string_view) override {}
    bool offer(Peer& to, std::string_view lines, std::size_t) override {
        send(to, lines);
        return true;
    }
    void close(Peer&, CloseReason) override {}
    void work(Peer&) override {}
    bool check_password(Peer&, std::string, std::string) override { return false; }
    std::size_t waiting_bytes() const override { return 0; }
    void shut_down(std::chrono::seconds) override {}
};

}  // namespace clacks::node
