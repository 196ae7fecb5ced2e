#pragma once

#include <chrono>
#include <string>

namespace clacks::transport {

/// What is to be said of the validity of the first certificate in this file (PEM), the node's own,
/// as seen at `now`: it is not valid yet, has expired, or is about to: the last tenth of its time,
/// at most 30 days, is left. "expired on 2026-11-20 18:22 UTC; …". Empty: nothing, or the file
/// cannot be read, which TlsContext says better.
std::string certificate_age_trouble(const std::string& file, std::chrono::sys_seconds now);

}  // namespace clacks::transport
