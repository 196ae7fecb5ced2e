#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace clacks::transport {

/// Why a node cannot start: one line that says what, where, and what to do. main() prints it and
/// exits 1.
class StartError : public std::runtime_error {
public:
    explicit StartError(const std::string& text, std::string key = {})
        : std::runtime_error(text), key_(std::move(key)) {}

    /// The key of the configuration that is at fault, like "tls.key"; empty: none is.
    const std::string& key() const { return key_; }

private:
    std::string key_;
};

}  // namespace clacks::transport
