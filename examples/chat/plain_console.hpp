#pragma once

#include <string>

#include "console.hpp"
#include "input.hpp"

namespace chat {

/// Lines in, lines out, for scripts and pipes.
class PlainConsole : public Console {
public:
    explicit PlainConsole(const asio::any_io_executor& executor) : input_(executor) {}

    asio::awaitable<std::optional<std::string>> read_line() override;
    void print(const std::string& line) override;
    /// Nothing: whoever feeds us knows what he said.
    void print_own(const std::string&) override {}

private:
    std::optional<std::string> take_line();

    Input input_;
    std::string read_;  ///< and not yet given out
    bool ended_ = false;
};

}  // namespace chat
