#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace clacks::transport {

/// From when until when a certificate is good. In seconds: the usual end of one that is to have
/// none, the year 9999, is none in the nanoseconds of system_clock.
struct Validity {
    std::chrono::sys_seconds begin;
    std::chrono::sys_seconds end;

    bool operator==(const Validity&) const = default;
};

/// That of the first certificate in this file (PEM), the node's own. Nothing: it cannot be read,
/// which TlsContext says better.
std::optional<Validity> validity_of(const std::string& file);

/// What is to be said of it as seen at `now`: it has not begun, has ended, or is about to: the last
/// tenth of its time, at most 30 days, is left. "expired on 2026-11-20 18:22 UTC; …". Empty:
/// nothing.
std::string age_trouble(const Validity& validity, std::chrono::sys_seconds now);

}  // namespace clacks::transport
