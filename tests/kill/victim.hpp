#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "tests/client_tool/temporary_directory.hpp"
#include "tests/processes/line_client.hpp"
#include "tests/processes/process.hpp"

namespace clacks::kill {

/// A clacksd with a database, which is killed and started again. Errors are std::runtime_error.
class Victim {
public:
    /// `interval`: of its snapshots.
    explicit Victim(std::chrono::milliseconds interval);

    /// Returns while it still starts.
    void start();
    void wait_until_ready() const { process_->wait_for(" ready "); }
    /// Kills it; whether it was ready or not. It must still be alive, and must not have complained
    /// of anything but of a busy machine.
    void kill();
    /// What those that were killed have logged since the last call.
    std::string take_log() { return std::exchange(log_, {}); }

    test::LineClient log_in() const;

private:
    TemporaryDirectory directory_;
    std::optional<test::Process> process_;
    std::string log_;
};

/// What STATUS says of `key`.
std::string status(test::LineClient& client, const std::string& key);

}  // namespace clacks::kill
