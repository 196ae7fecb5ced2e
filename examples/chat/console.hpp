#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

namespace chat {

namespace asio = boost::asio;

/// Where lines are typed and printed: a terminal, or the two ends of a script.
class Console {
public:
    /// Chooses. `prompt` stands before what is typed in a terminal.
    static std::unique_ptr<Console> open(const asio::any_io_executor& executor, std::string prompt);

    virtual ~Console() = default;

    /// The next line, without its end; nothing at the end of the input.
    virtual asio::awaitable<std::optional<std::string>> read_line() = 0;

    /// Prints a line. A half-typed one stays where it is, below.
    virtual void print(const std::string& line) = 0;

    /// Prints what became of a line that read_line returned, in its place.
    virtual void print_own(const std::string& line) = 0;
};

}  // namespace chat
