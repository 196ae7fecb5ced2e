#pragma once

#include <stdexcept>

namespace clacks::net {

/// Why a node cannot start: one line that says what, where, and what to do. main() prints it and
/// exits 1.
class StartError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace clacks::net
