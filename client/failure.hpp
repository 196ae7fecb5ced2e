#pragma once

#include <chrono>
#include <string>

#include "clacks/error.hpp"

namespace clacks::detail {

/// What went wrong, for programs and for people. Empty: nothing did.
struct Failure {
    error_code error = {};
    std::string text = {};
    std::chrono::seconds wait = {};  ///< the node wants to hear nothing before it is over

    explicit operator bool() const { return error.failed(); }
};

}  // namespace clacks::detail
