#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/dialect.hpp"
#include "bench/measurement.hpp"
#include "bench/process.hpp"
#include "bench/socket.hpp"

namespace clacks::bench {

enum class Transport : std::uint8_t { unix_socket, tcp, tls };

/// A server that takes part, and how it is run.
struct Contender {
    enum class Kind : std::uint8_t { redis, memcached, clacksd, clacksd_cache };
    Kind kind;
    std::string program;
    unsigned threads;           ///< workers of clacksd, 0: one per core
    std::string interval = {};  ///< of clacksd's snapshots; empty: it has no database
    bool goes_on = false;       ///< with the database that is there

    std::string label() const;
};

/// A running server, fresh for each measurement, and the way to it. Its files are in `directory`,
/// which holds server.crt, server.key and ca.crt. Of one kind only one that
/// saves and one that does not at the same time.
class Target {
public:
    /// Starts the server and waits until it answers.
    Target(const Contender& contender, const Dialect& dialect, Transport transport,
           const std::string& directory);

    /// A new connection, logged in.
    Connection connect() const;
    const Dialect& dialect() const { return dialect_; }
    const Process& process() const { return process_; }

    /// Does what only this server can make fail; errors say that it was this one.
    template <class Measure>
    auto blame(Measure&& measure) const {
        try {
            return measure();
        } catch (const Violation& violation) {
            throw Violation(label_ + ": " + violation.what());
        } catch (const std::exception& error) {
            throw std::runtime_error(label_ + ": " + error.what());
        }
    }

private:
    void wait_until_it_answers();

    const std::string label_;
    const Dialect& dialect_;
    TlsClient tls_;
    std::uint16_t port_ = free_port();
    Endpoint endpoint_;
    std::string log_;
    Process process_;
};

/// That run at the same time.
using Targets = std::vector<std::unique_ptr<Target>>;

}  // namespace clacks::bench
