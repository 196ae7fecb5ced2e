#pragma once

#include <chrono>
#include <optional>
#include <string>

// What a node tells of a stored value besides the value.
namespace clacks {

/// A value and its version: an opaque word, good at the node that gave it for as long as that runs.
struct Versioned {
    std::string value;
    std::string version;
    bool operator==(const Versioned&) const = default;
};

/// How long a value is still there.
struct Lifetime {
    std::optional<std::chrono::microseconds> left = {};  ///< nothing: until it is removed
    bool operator==(const Lifetime&) const = default;
};

}  // namespace clacks
