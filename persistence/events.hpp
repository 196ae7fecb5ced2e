#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace clacks::persistence {

enum class Severity : std::uint8_t { info, warning, error };

/// Something for the log.
struct Event {
    Severity severity;
    std::string_view name;
    std::string_view file;
    std::string_view why{};       ///< empty: it speaks for itself
    std::string_view what{};      ///< what is done about it; empty: nothing
    std::string_view moved_to{};  ///< the database, out of the way; empty: it was not moved
};

/// Called on the thread on which it happens.
using Tell = std::function<void(const Event&)>;

}  // namespace clacks::persistence
