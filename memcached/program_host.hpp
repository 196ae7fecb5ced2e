#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "memcached/auth_file.hpp"
#include "memcached/host.hpp"

namespace clacks::memcached {

class Connections;

/// What `stats` says of a program that has handlers, and who may log in there.
class ProgramHost final : public Host {
public:
    /// Throws std::runtime_error: the file cannot be read, or is none. Empty: there is none.
    explicit ProgramHost(const std::string& password_file);

    /// Whose connections it tells of; before the first of them.
    void set_connections(const Connections& connections) { connections_ = &connections; }

    LoginAnswer log_in(const LoginTry& login) override;
    Totals totals() const override;
    void reset_stats() override;
    bool next_connections(ConnectionTour& tour,
                          const std::function<void(const ConnectionInfo&)>& visit) const override;
    bool set_memory_limit(std::uint64_t) override { return false; }

private:
    AuthFile users_;
    const Connections* connections_ = nullptr;
    Counts base_;  ///< at the last `stats reset`
    WallTime started_;
};

}  // namespace clacks::memcached
