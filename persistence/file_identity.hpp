#pragma once

#include <optional>
#include <string>

namespace clacks::persistence {

/// What tells a file from a copy of it, on this machine or another: the machine's id and the file's
/// number on its disk. Nothing if there is no such file. (Not the device's number: that may change
/// from start to start.)
std::optional<std::string> identity_of(const std::string& path);

}  // namespace clacks::persistence
