#include "client/tool/output.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

/// To its beginning, and nothing in it.
const std::string clear_line = "\r\x1b[K";

}  // namespace

void Output::bytes(std::string_view data) {
    errno = 0;
    data_.write(data.data(), static_cast<std::streamsize>(data.size()));
    data_.flush();
    if (data_) return;
    throw Failure(ExitCode::negative,
                  std::string("cannot write to standard output: ") + std::strerror(errno));
}

void Output::line(std::string_view text) {
    std::string line(text);
    line += '\n';
    bytes(line);
}

void Output::say(std::string_view sentence) {
    std::string line = "clacks: ";
    line += sentence;
    line += '\n';
    if (!status_.empty()) line = clear_line + line + status_;
    talk_ << line << std::flush;
}

void Output::status(std::string_view text) {
    if (!on_terminal_ || text == status_) return;
    status_ = text;
    talk_ << clear_line << status_ << std::flush;
}

}  // namespace clacks::tool
