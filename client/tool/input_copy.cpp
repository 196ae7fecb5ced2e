#include "client/tool/input_copy.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/tool/failure.hpp"

namespace clacks::tool {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_to_read(const std::string& name) {
    throw Failure(ExitCode::usage, "cannot read " + name + ": " + std::strerror(errno));
}

}  // namespace

InputCopy::InputCopy(const std::string& file, std::istream& standard_input) : name_(file) {
    if (file == "-") {
        name_ = "standard input";
        copy(standard_input);
        return;
    }
    std::error_code error;
    const auto kind = fs::status(file, error).type();
    errno = kind == fs::file_type::directory ? EISDIR : ENOENT;
    if (kind == fs::file_type::directory || kind == fs::file_type::not_found) fail_to_read(file);
    if (kind != fs::file_type::regular) {
        std::ifstream original(file, std::ios::binary);
        if (!original) fail_to_read(file);
        copy(original);
        return;
    }
    stream_.open(file, std::ios::binary | std::ios::in);
    if (!stream_) fail_to_read(file);
    bytes_ = fs::file_size(file);
}

void InputCopy::copy(std::istream& original) {
    std::string path = (fs::temp_directory_path() / "clacks-XXXXXX").string();
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor >= 0) stream_.open(path, std::ios::binary | std::ios::in | std::ios::out);
    const int why = errno;
    if (descriptor >= 0) {
        ::close(descriptor);
        ::unlink(path.c_str());
    }
    errno = why;
    if (descriptor >= 0 && stream_ && original.peek() != std::istream::traits_type::eof())
        stream_ << original.rdbuf();
    if (descriptor < 0 || !stream_.flush())
        throw Failure(ExitCode::negative, "cannot keep " + name_ + " in " +
                                              fs::temp_directory_path().string() + ": " +
                                              std::strerror(errno));
    if (original.bad()) fail_to_read(name_);
    bytes_ = static_cast<std::uint64_t>(stream_.tellp());
}

std::istream& InputCopy::begin() {
    stream_.clear();
    stream_.seekg(0);
    return stream_;
}

}  // namespace clacks::tool
