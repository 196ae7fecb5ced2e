#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace clacks::node {

/// A value that every worker reads on every message and somebody changes once in a while: each
/// worker has a copy of its own behind a lock of its own, so readers never share a cache line.
/// Changing it visits every copy; when change() returns, nobody still sees the old value.
template <class Value>
class PerWorker {
public:
    explicit PerWorker(std::size_t worker_count)
        : slots_(std::make_unique<Slot[]>(worker_count)), worker_count_(worker_count) {}

    /// Calls `use(const Value&)` with the copy of `worker`.
    template <class Use>
    void read(std::size_t worker, Use&& use) const {
        const std::lock_guard lock(slots_[worker].mutex);
        std::forward<Use>(use)(std::as_const(slots_[worker].value));
    }

    /// Calls `change(Value&)` with each copy in turn.
    template <class Change>
    void change(Change&& change) {
        const std::lock_guard order(changing_);
        for (std::size_t worker = 0; worker < worker_count_; ++worker) {
            const std::lock_guard lock(slots_[worker].mutex);
            change(slots_[worker].value);
        }
    }

private:
    struct alignas(64) Slot {
        mutable std::mutex mutex;
        Value value;
    };
    std::unique_ptr<Slot[]> slots_;
    std::size_t worker_count_;
    std::mutex changing_;
};

}  // namespace clacks::node
