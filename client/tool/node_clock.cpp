#include "client/tool/node_clock.hpp"

#include <chrono>

namespace clacks::tool {
namespace {

WallTime our_time() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

NodeClock::NodeClock(BlockingClient& node) {
    const WallTime asked = our_time();
    try {
        const Fields status = node.status();
        const WallTime told = our_time();
        if (const auto time = protocol::parse_time(field(status, "time")))
            ahead_ = *time - (asked + (told - asked) / 2);
    } catch (const Error& error) {
        if (error.code() != Errc::not_supported && error.code() != Errc::permission_denied) throw;
    }
}

WallTime NodeClock::now() const { return our_time() + ahead_; }

}  // namespace clacks::tool
