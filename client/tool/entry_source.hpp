#pragma once

#include <istream>

#include "client/tool/entry_sink.hpp"

namespace clacks::tool {

/// Reads a file of `export`, or a persistence file of Net::Clacks: its content says which. Throws
/// Failure (usage), without the file's name, when it is neither, or a file of Net::Clacks that is
/// not whole; a malformed line of `export` is a fault.
void read_entries(std::istream& input, EntrySink& sink);

}  // namespace clacks::tool
