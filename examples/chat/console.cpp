#include "console.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "line_editor.hpp"
#include "plain_console.hpp"

namespace chat {
namespace {

bool is_terminal() {
    const char* type = std::getenv("TERM");
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0 && type &&
           std::string_view(type) != "dumb";
}

}  // namespace

std::unique_ptr<Console> Console::open(const asio::any_io_executor& executor, std::string prompt) {
    if (is_terminal()) return std::make_unique<LineEditor>(executor, std::move(prompt));
    return std::make_unique<PlainConsole>(executor);
}

}  // namespace chat
