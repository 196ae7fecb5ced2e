#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "memcached/handlers.hpp"
#include "memcached/operations.hpp"

namespace clacks::memcached {

/// All operations, made of a few handlers. Keeps flags, expiry, cas unique and what meta commands
/// need for every key that was stored; other keys are not there. Operations on one key wait for
/// each other, so each is done as a whole however slow the handlers are.
///
/// For one thread. No handler may answer any more once this is gone.
class Derived final : public Operations {
public:
    struct Options {
        /// Keeps nothing beside the values: flags are 0, nothing expires, any cas unique is right,
        /// and whatever the handlers find is there. For keys that nobody has stored.
        bool raw = false;
        std::size_t item_bytes = 1U << 20U;  ///< the largest value, for append and prepend
    };

    Derived(Handlers handlers, Options options);

    void begin(Receiver& to) override;
    void fetch(const Fetch& fetch, WallTime now, Receiver& to) override;
    void store(const Store& store, WallTime now, Receiver& to) override;
    void remove(const Remove& remove, WallTime now, Receiver& to) override;
    void change(const Arithmetic& arithmetic, WallTime now, Receiver& to) override;
    void flush_all(WallTime at, WallTime now, Receiver& to) override;
    void forget(Receiver& to) noexcept override;

private:
    /// What is kept of a key beside its value.
    struct State {
        std::uint32_t flags = 0;
        WallTime expires = never;
        std::uint64_t cas = 0;
        WallTime accessed{};
        bool fetched = false;
        bool stale = false;
        bool token_sent = false;
    };
    struct Connection {
        Client client;
        Receiver* receiver = nullptr;
        bool begun = false;
    };
    /// An operation under way, with what it needs of the question. The views in `what` are those of
    /// the question and not to be looked at any more, but for the value of Store.
    struct Job {
        std::shared_ptr<Connection> connection;
        std::string key;
        std::string value;
        std::variant<Fetch, Store, Remove, Arithmetic> what;
        WallTime now{};
        bool expired = false;  ///< the key was there until it expired
    };
    using JobPointer = std::shared_ptr<Job>;
    using Value = std::optional<std::string>;

    template <class Operation>
    void submit(const Operation& operation, std::string_view value, WallTime now, Receiver& to);
    void start(const JobPointer& job);
    void run(const JobPointer& job);
    void finish(const JobPointer& job, const Result& result);
    void finish(const JobPointer& job, Outcome outcome) { finish(job, Result{.outcome = outcome}); }
    void flush(const std::shared_ptr<Connection>& connection, std::function<void(Verdict)> then);

    void perform(const JobPointer& job, const Fetch& fetch);
    void found(const JobPointer& job, const Fetch& fetch, const Value& value);
    void vivify(const JobPointer& job, const Fetch& fetch);
    void perform(const JobPointer& job, const Store& store);
    void store_over(const JobPointer& job, const Store& store, const Value& old);
    void perform(const JobPointer& job, const Remove& remove);
    void remove_key(const JobPointer& job);
    void empty_key(const JobPointer& job, const Remove& remove);
    void perform(const JobPointer& job, const Arithmetic& arithmetic);
    void change_value(const JobPointer& job, const Arithmetic& arithmetic, const Value& old);

    bool may_be_there(std::string_view key) const;
    /// nullptr: nothing is.
    State* kept(const std::string& key);
    Item item(const std::string& key, std::string_view value) const;
    Result missing(const Job& job) const;
    void get(const JobPointer& job, std::function<void(Value)> then);
    void find(const JobPointer& job, std::function<void(bool)> then);
    /// Answers the job if that fails.
    void set(const JobPointer& job, const NewValue& value, std::function<void()> then);

    const Handlers handlers_;
    const Options options_;
    std::unordered_map<Receiver*, std::shared_ptr<Connection>> connections_;
    std::unordered_map<std::string, State> states_;
    /// Keys with a job under way, and those that wait for it.
    std::unordered_map<std::string, std::deque<JobPointer>> busy_;
    std::uint64_t last_cas_ = 0;
    WallTime flush_at_ = never;
};

}  // namespace clacks::memcached
