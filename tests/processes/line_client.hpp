#pragma once

#include <string>
#include <string_view>

#include "tests/processes/stream.hpp"

namespace clacks::test {

/// A client that speaks the protocol as raw lines and believes nothing. Each call waits for a
/// limited time and throws std::runtime_error if it cannot do what it says, with what came instead.
/// Lines go in and come out without their ends; several are joined by line feeds, one behind each.
class LineClient {
public:
    explicit LineClient(Stream stream) : stream_(std::move(stream)) {}

    /// Bytes as they are.
    void send(std::string_view bytes);
    /// One or more lines, separated by line feeds.
    void say(std::string_view lines);

    std::string line();
    std::string lines(int count);
    /// Up to and with the line `last`.
    std::string lines_until(std::string_view last);
    /// Until the peer closes; then we close, too.
    std::string lines_until_closed();

    /// Says `lines` and returns what came by the time they were all executed.
    std::string ask(std::string_view lines);
    /// What has come by the time the node has executed all we said.
    std::string flush();

    /// Compares what comes, byte by byte, with `expected`, which is lines as they are on the wire.
    /// Returns "" or where it differs.
    std::string difference_from(std::string_view expected);

    /// The CLACKS line and the token of this user.
    static std::string login_lines(std::string_view user, std::string_view password);
    /// Logs in and reads the greeting and the welcome.
    void log_in(std::string_view user, std::string_view password);

    Stream& stream() { return stream_; }

private:
    bool take_line(std::string& line);
    void read_more(std::string_view wanted);

    Stream stream_;
    std::string received_;
    std::size_t taken_ = 0;  ///< so much of received_ was given away
    int flushes_ = 0;
};

}  // namespace clacks::test
