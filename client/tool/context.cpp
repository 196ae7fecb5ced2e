#include "client/tool/context.hpp"

#include <iterator>

namespace clacks::tool {

std::string Context::value(const std::string& argument) {
    if (argument != "-") return argument;
    std::string bytes(std::istreambuf_iterator<char>(input_), {});
    if (input_.bad()) throw Failure(ExitCode::usage, "cannot read standard input");
    return bytes;
}

const Options& Context::options() {
    if (!options_) options_ = find_options_();
    return *options_;
}

}  // namespace clacks::tool
