#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clacks/blocking.hpp"
#include "client/tool/entry_line.hpp"
#include "client/tool/node_clock.hpp"

namespace clacks::tool {

/// Reads all entries of a node that this user may read and that a pattern stands for, in the node's
/// own order. Keys come in pages and values in batches, some of them on their way at a time, so
/// that it takes little memory however many there are. An entry that changes meanwhile is read as
/// it was or as it is; one that is there all the time is read once.
class StoreReader {
public:
    using Take = std::function<void(const CarriedEntry&)>;
    using LeaveOut = std::function<void(const std::string& key)>;

    /// The node is one with Options::raw_values. A plain one works, too: it has no pages, and
    /// nothing that ends.
    StoreReader(BlockingClient& node, std::string pattern);

    /// `leave_out` is told of the keys that nobody can ask for, as they hold what ends a name:
    /// INCREMENT makes them of `a=`.
    void read(const Take& take, const LeaveOut& leave_out);

private:
    struct Batch;

    void read_page(std::vector<std::string> keys, const Take& take, const LeaveOut& leave_out);
    void ask(std::vector<std::string> names);
    void ask_values(const std::shared_ptr<Batch>& batch);
    void ask_ends(const std::shared_ptr<Batch>& batch);
    void ask_flags(const std::shared_ptr<Batch>& batch);
    void take_first(const Take& take);

    BlockingClient& node_;
    const std::string pattern_;
    const NodeClock clock_;
    const bool in_pages_;
    const bool many_at_once_;
    const bool may_end_;
    const bool has_flags_;
    std::deque<std::shared_ptr<Batch>> batches_;
    std::size_t batch_size_;
};

}  // namespace clacks::tool
