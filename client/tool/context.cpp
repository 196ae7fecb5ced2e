#include "client/tool/context.hpp"

#include <iterator>

#include "client/tool/text.hpp"

namespace clacks::tool {

std::string Context::value(const std::string& argument) {
    if (argument != "-") return argument;
    std::string bytes(std::istreambuf_iterator<char>(input_), {});
    if (input_.bad()) throw Failure(ExitCode::usage, "cannot read standard input");
    return bytes;
}

void Context::print_done(const std::string& name) {
    if (!output_.json()) return;
    const Field done{.name = "done", .value = "true", .bare = true};
    output_.line(name.empty() ? json_line({done}) : json_line({{"name", name}, done}));
}

const Options& Context::options() {
    if (!options_) options_ = find_options_();
    return *options_;
}

}  // namespace clacks::tool
