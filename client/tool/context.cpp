#include "client/tool/context.hpp"

#include <iterator>
#include <utility>

#include "clacks/client.hpp"
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

std::future<error_code> start_connecting(BlockingClient& node) {
    std::promise<error_code> promise;
    auto connected = promise.get_future();
    node.client().async_connect(
        [promise = std::move(promise)](error_code error) mutable { promise.set_value(error); });
    return connected;
}

Failure explain_work(const Error& error, BlockingClient& node, std::future<error_code>& connected,
                     const Options& options, const std::string& about) {
    const error_code unconnected = connected.get();
    if (unconnected) return explain({unconnected, node.diagnostic(), false}, options);
    return explain({error.code(), node.diagnostic(), true, about}, options);
}

const Options& Context::options() {
    if (!options_) options_ = find_options_();
    return *options_;
}

}  // namespace clacks::tool
