#include "plain_console.hpp"

#include <unistd.h>

#include <iostream>
#include <utility>

namespace chat {
namespace {

/// A longer line is cut into several: what never ends must not fill the memory.
constexpr std::size_t line_bytes = std::size_t{64} * 1024;

}  // namespace

asio::awaitable<std::optional<std::string>> PlainConsole::read_line() {
    for (;;) {
        if (auto line = take_line()) co_return line;
        if (ended_) co_return std::nullopt;
        co_await input_.ready();
        char chunk[4096];
        const ssize_t got = ::read(STDIN_FILENO, chunk, sizeof chunk);
        ended_ = got <= 0;
        if (got > 0) read_.append(chunk, static_cast<std::size_t>(got));
    }
}

std::optional<std::string> PlainConsole::take_line() {
    const auto end = read_.find('\n');
    if (end != read_.npos) {
        std::string line = read_.substr(0, end);
        read_.erase(0, end + 1);
        return line;
    }
    if (read_.size() >= line_bytes || (ended_ && !read_.empty())) return std::exchange(read_, {});
    return std::nullopt;
}

void PlainConsole::print(const std::string& line) { std::cout << line << std::endl; }

}  // namespace chat
