#include "client/tool/saving.hpp"

#include <chrono>
#include <thread>

#include "client/tool/text.hpp"
#include "protocol/time.hpp"

namespace clacks::tool {
namespace {

constexpr std::chrono::milliseconds poll_interval{50};

bool is_saved(const Fields& status, const std::string& wanted) {
    const auto saved = protocol::parse_time(field(status, "persistence_saved_at"));
    const auto since = protocol::parse_time(wanted);
    return saved && since && *saved >= *since;
}

Failure not_in_time(const std::string& why, const Options& options) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count();
    return {ExitCode::negative,
            "the node has not saved its store within " + std::to_string(seconds) + " seconds" +
                (why.empty() ? "" : ": " + escape(why)) + " (--timeout SECONDS waits longer)"};
}

/// The time of its store up to which it is saved. `failures`: how often that had failed before.
std::string await_saved(BlockingClient& node, const std::string& failures, const Options& options) {
    const std::string since = node.save();
    const auto deadline = std::chrono::steady_clock::now() + options.connect_timeout;
    for (;;) {
        const Fields status = node.status();
        if (is_saved(status, since)) return std::string(field(status, "persistence_saved_at"));
        const std::string why(field(status, "persistence_error"));
        if (!why.empty() && field(status, "persistence_failures") != failures)
            throw Failure(ExitCode::negative, "the node cannot save its store: " + escape(why) +
                                                  " (it goes on trying)");
        if (std::chrono::steady_clock::now() > deadline) throw not_in_time(why, options);
        std::this_thread::sleep_for(poll_interval);
    }
}

}  // namespace

SavedDatabase save_node(Context& context) {
    SavedDatabase saved;
    context.ask([&](BlockingClient& node) {
        const Fields status = node.status();
        saved.file = field(status, "persistence_file");
        saved.id = field(status, "id");
        if (saved.file.empty())
            throw Failure(ExitCode::refused,
                          "the node has no database: persistence.file in its configuration gives "
                          "it one (clacks export works without)");
        saved.time = await_saved(node, std::string(field(status, "persistence_failures")),
                                 context.options());
    });
    return saved;
}

}  // namespace clacks::tool
