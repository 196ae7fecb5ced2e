#pragma once

#include <string>

#include "clacks/error.hpp"

namespace clacks::detail {

/// What went wrong, for programs and for people. Empty: nothing did.
struct Failure {
    error_code error = {};
    std::string text = {};

    explicit operator bool() const { return error.failed(); }
};

}  // namespace clacks::detail
