#include "client/tool/store_reader.hpp"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "clacks/client.hpp"
#include "client/arguments.hpp"

namespace clacks::tool {
namespace {

/// On their way at a time: one is being written, one being answered, one being asked.
constexpr std::size_t batches_on_the_way = 3;
/// A batch grows and shrinks such that its values take about so much.
constexpr std::size_t batch_bytes = 256U << 10U;
constexpr std::size_t smallest_batch = 1;
constexpr std::size_t first_batch = 16;
constexpr std::size_t largest_batch = 500;
/// The question is a line, and lines have a limit at the node.
constexpr std::size_t names_bytes = 16U << 10U;

bool has(const BlockingClient& node, std::string_view feature) {
    return node.features().contains(feature);
}

/// Features are known when the first answer is there.
BlockingClient& connected(BlockingClient& node) {
    node.flush();
    return node;
}

}  // namespace

/// Some entries that have been asked for. Filled on the client's thread, until `answered`.
struct StoreReader::Batch {
    std::vector<std::string> names;
    std::vector<std::optional<std::string>> values;
    std::vector<std::optional<WallTime>> ends;
    std::vector<std::uint32_t> flags;
    std::vector<bool> gone;  ///< between one question and the other
    std::size_t unanswered = 0;
    error_code error;
    std::promise<void> answered;

    void heard(const error_code& failure) {
        if (failure && !error) error = failure;
        if (--unanswered == 0) answered.set_value();
    }
};

StoreReader::StoreReader(BlockingClient& node, std::string pattern)
    : node_(connected(node)),
      pattern_(std::move(pattern)),
      clock_(node),
      in_pages_(has(node, "keylist_pages")),
      many_at_once_(has(node, "retrievemany")),
      may_end_(has(node, "expiry")),
      has_flags_(has(node, "flags")),
      batch_size_(first_batch) {}

void StoreReader::read(const Take& take, const LeaveOut& leave_out) {
    if (!in_pages_) {
        read_page(node_.keys(pattern_), take, leave_out);
    } else {
        KeyQuery query{.pattern = pattern_};
        do {
            KeyPage page = node_.key_page(query);
            query.after = std::move(page.after);
            read_page(std::move(page.keys), take, leave_out);
        } while (!query.after.empty());
    }
    while (!batches_.empty()) take_first(take);
}

void StoreReader::read_page(std::vector<std::string> keys, const Take& take,
                            const LeaveOut& leave_out) {
    std::vector<std::string> names;
    std::size_t bytes = 0;
    const auto ask_now = [&] {
        ask(std::exchange(names, {}));
        bytes = 0;
        while (batches_.size() >= batches_on_the_way) take_first(take);
    };
    for (std::string& key : keys) {
        if (!detail::is_name(key)) {
            leave_out(key);
            continue;
        }
        bytes += key.size() + 1;
        names.push_back(std::move(key));
        if (names.size() >= batch_size_ || bytes >= names_bytes) ask_now();
    }
    if (!names.empty()) ask_now();
}

void StoreReader::ask(std::vector<std::string> names) {
    const auto batch = std::make_shared<Batch>();
    const std::size_t count = names.size();
    batch->names = std::move(names);
    batch->values.resize(count);
    batch->ends.resize(count);
    batch->flags.resize(count);
    batch->gone.resize(count);
    batch->unanswered = (many_at_once_ ? 1 : count) + (may_end_ ? 1 : 0) + (has_flags_ ? 1 : 0);
    batches_.push_back(batch);
    ask_values(batch);
    if (may_end_) ask_ends(batch);
    if (has_flags_) ask_flags(batch);
}

void StoreReader::ask_values(const std::shared_ptr<Batch>& batch) {
    if (many_at_once_) {
        node_.client().async_retrieve_many(
            batch->names,
            [batch](error_code error, std::vector<std::optional<std::string>> values) {
                if (!error) batch->values = std::move(values);
                batch->heard(error);
            });
        return;
    }
    for (std::size_t i = 0; i < batch->names.size(); ++i)
        node_.client().async_retrieve(
            batch->names[i], [batch, i](error_code error, std::optional<std::string> value) {
                batch->values[i] = std::move(value);
                batch->heard(error);
            });
}

void StoreReader::ask_ends(const std::shared_ptr<Batch>& batch) {
    node_.client().async_time_to_live_many(
        batch->names, [batch, clock = clock_](error_code error,
                                              const std::vector<std::optional<Lifetime>>& answer) {
            const auto now = clock.now();
            for (std::size_t i = 0; i < answer.size(); ++i) {
                batch->gone[i] = !answer[i];
                if (answer[i] && answer[i]->left) batch->ends[i] = now + *answer[i]->left;
            }
            batch->heard(error);
        });
}

void StoreReader::ask_flags(const std::shared_ptr<Batch>& batch) {
    node_.client().async_flags_many(
        batch->names,
        [batch](error_code error, const std::vector<std::optional<std::uint32_t>>& answer) {
            for (std::size_t i = 0; i < answer.size(); ++i) batch->flags[i] = answer[i].value_or(0);
            batch->heard(error);
        });
}

void StoreReader::take_first(const Take& take) {
    const auto batch = batches_.front();
    batches_.pop_front();
    batch->answered.get_future().get();
    if (batch->error) throw Error(batch->error);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < batch->names.size(); ++i) {
        if (!batch->values[i] || batch->gone[i]) continue;
        bytes += batch->values[i]->size();
        take({.key = std::move(batch->names[i]),
              .value = *std::move(batch->values[i]),
              .expires = batch->ends[i],
              .flags = batch->flags[i]});
    }
    const std::size_t average = bytes / batch->names.size() + 1;
    batch_size_ =
        std::clamp(batch_bytes / average, smallest_batch, std::min(2 * batch_size_, largest_batch));
}

}  // namespace clacks::tool
