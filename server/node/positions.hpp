#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "cache/change_list.hpp"

namespace clacks::node {

/// Up to which of its changes we have what each of our neighbours has told us: where its next link
/// to us may begin. Safe from any thread. Source: protocol.txt, "Between our nodes".
class Positions {
public:
    /// Those that were heard of least recently are forgotten; they begin anew, with everything.
    static constexpr std::size_t most_nodes = 10'000;

    using Map = std::map<std::string, cache::Sequence, std::less<>>;

    Positions() = default;
    explicit Positions(const Map& known);
    Map all() const;

    /// 0: nothing is known.
    cache::Sequence of(std::string_view node) const;
    void set(std::string_view node, cache::Sequence sequence);
    void forget(std::string_view node);
    void forget_all();

private:
    struct Position {
        cache::Sequence sequence;
        std::uint64_t heard;  ///< the how manieth word that was
    };
    mutable std::mutex mutex_;
    std::map<std::string, Position, std::less<>> nodes_;
    std::uint64_t heard_ = 0;
};

}  // namespace clacks::node
