#pragma once

#include <string>

#include "clacks/error.hpp"
#include "clacks/options.hpp"
#include "client/tool/failure.hpp"

namespace clacks::tool {

/// Something the library reported.
struct Trouble {
    error_code code;
    std::string diagnostic;  ///< Client::diagnostic(); may be empty
    bool connected = false;  ///< the login had succeeded before
    std::string about = {};  ///< what was asked when it happened, as in "listening to 'a'"
};

/// The same as a sentence for people: what happened, where, what to do; with its exit code.
Failure explain(const Trouble& trouble, const Options& options);

}  // namespace clacks::tool
