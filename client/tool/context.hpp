#pragma once

#include <functional>
#include <future>
#include <istream>
#include <optional>
#include <string>

#include "clacks/blocking.hpp"
#include "client/tool/explain.hpp"
#include "client/tool/failure.hpp"
#include "client/tool/output.hpp"

namespace clacks::tool {

/// What a verb works with: its streams, and the node it talks to. Lives as long as the verb runs.
class Context {
public:
    /// `options` is asked once, at the first need: a verb that stays off the network needs no user.
    Context(Output& output, std::istream& input, std::function<Options()> options)
        : output_(output), input_(input), find_options_(std::move(options)) {}

    Output& output() { return output_; }
    std::istream& input() { return input_; }

    /// What VALUE means: "-" is standard input to its end, anything else itself.
    std::string value(const std::string& argument);

    const Options& options();

    /// Calls `work(BlockingClient&)`, which waits for answers itself, and connects meanwhile: what
    /// is asked first goes out with the login. Throws Failure as explain has it.
    template <class Work>
    ExitCode ask(Work work) {
        return ask(options(), std::move(work));
    }
    /// The same with other options than those that were given.
    template <class Work>
    ExitCode ask(Options once, Work work);
    /// The same for work that asks nothing: waits until the node has executed everything, and with
    /// --json says so of `name`, empty for what has none.
    template <class Work>
    ExitCode tell(const std::string& name, Work work);

private:
    void print_done(const std::string& name);

    Output& output_;
    std::istream& input_;
    std::function<Options()> find_options_;
    std::optional<Options> options_;
};

/// Begins to connect. The first flight takes along what is asked before it leaves.
std::future<error_code> start_connecting(BlockingClient& node);

/// Why the work at `node` ended with `error`: without a connection, because of that.
Failure explain_work(const Error& error, BlockingClient& node, std::future<error_code>& connected,
                     const Options& options, const std::string& about = {});

template <class Work>
ExitCode Context::ask(Options once, Work work) {
    once.reconnect = false;  // a lost connection is an answer, too
    BlockingClient node(once);
    auto connected = start_connecting(node);
    try {
        work(node);
    } catch (const Error& error) {
        throw explain_work(error, node, connected, once);
    }
    return ExitCode::done;
}

template <class Work>
ExitCode Context::tell(const std::string& name, Work work) {
    ask([&](BlockingClient& node) {
        work(node);
        node.flush();
    });
    print_done(name);
    return ExitCode::done;
}

}  // namespace clacks::tool
