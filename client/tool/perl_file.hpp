#pragma once

#include <istream>
#include <string>
#include <string_view>

#include "client/tool/entry_sink.hpp"

// Persistence files of Net::Clacks. Values stand in them as on the protocol's line; change and
// access times are left behind. All throw Failure (usage) for a file that is not whole.
namespace clacks::tool {

/// Since its version 24: YAML between two marks, the first of which begins with a NUL.
void read_perl_file(std::istream& input, EntrySink& sink);

/// Before: lines of Base64. Whether this can be the first of them.
bool is_old_perl_line(std::string_view first);
/// `first` has been read already.
void read_old_perl_file(const std::string& first, std::istream& input, EntrySink& sink);

}  // namespace clacks::tool
