#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "memcached/expiry.hpp"

namespace clacks::memcached {

/// What meta commands remember of an item beside the entry. It belongs to one version of it: any
/// write, whoever made it, ends it.
struct Mark {
    WallTime version{};
    bool stale = false;
    bool token_sent = false;
    std::optional<std::uint64_t> cas{};  ///< in place of the version, if a client chose it (E)

    bool is_any() const { return stale || token_sent || cas; }
};

/// The marks of the few items that have any. Local: they do not travel. Not safe from several
/// threads.
class Marks {
public:
    explicit Marks(std::size_t most) : most_(most) {}

    /// Those of that version; none are all false.
    Mark find(std::string_view name, WallTime version) const {
        if (marks_.empty()) return {.version = version};
        return find_in_table(name, version);
    }

    /// What is too much goes: an item counts as fresh, or its token is given out once more.
    void set(std::string_view name, const Mark& mark);

    std::size_t size() const { return marks_.size(); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };

    Mark find_in_table(std::string_view name, WallTime version) const;

    std::size_t most_;
    std::unordered_map<std::string, Mark, Hash, std::equal_to<>> marks_;
};

}  // namespace clacks::memcached
