#pragma once

#include <string>

namespace clacks::tool {

/// Asks for a new password on the terminal, twice, and shows nothing of what is typed. A signal
/// that ends us meanwhile finds the terminal in order again. Throws Failure (usage) when the two
/// differ or are empty.
std::string ask_new_password();

}  // namespace clacks::tool
