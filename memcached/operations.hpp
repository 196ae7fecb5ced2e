#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "memcached/expiry.hpp"

// What commands come down to. Session asks, whoever has the items answers: CacheOperations serves
// our store, Derived what a program gives by a few handlers.
namespace clacks::memcached {

/// get, gat, touch, mg.
struct Fetch {
    std::string_view key{};
    bool counts_as_access = true;
    std::optional<WallTime> expires{};  ///< from now on
    /// mg: tokens that say who is to make the item anew are given out.
    bool recaches = false;
    std::optional<WallTime>
        vivify{};  ///< make an empty item, when there is none, that expires then
    std::optional<WallTime> recache{};  ///< give the token when the item expires before that
    std::optional<std::uint64_t> new_cas{};
};

/// set and its like, ms.
struct Store {
    enum class Mode : std::uint8_t { set, add, replace, append, prepend, cas };

    Mode mode = Mode::set;
    std::string_view key{};
    std::string_view value{};
    std::uint32_t flags = 0;
    WallTime expires = never;
    std::optional<std::uint64_t> compare{};  ///< only on that cas unique
    bool accepts_older = false;        ///< of cas: on a larger one too, but then the item is stale
    std::optional<WallTime> vivify{};  ///< of append, prepend: make the item, that expires then
    std::optional<std::uint64_t> new_cas{};
};

/// delete, md.
struct Remove {
    std::string_view key{};
    std::optional<std::uint64_t> compare{};
    bool invalidate = false;            ///< the item stays, and is stale
    bool remove_value = false;          ///< it stays, and is empty
    std::optional<WallTime> expires{};  ///< of what stays
    std::uint32_t flags = 0;            ///< of what stays empty
    std::optional<std::uint64_t> new_cas{};
};

/// incr, decr, ma.
struct Arithmetic {
    std::string_view key{};
    bool subtract = false;
    std::uint64_t delta = 1;
    std::optional<std::uint64_t> compare{};
    std::optional<WallTime> vivify{};  ///< make the item, with `initial`, that expires then
    std::uint64_t initial = 0;
    std::optional<WallTime> expires{};  ///< from now on
    std::optional<std::uint64_t> new_cas{};
};

enum class Outcome : std::uint8_t {
    done,
    not_found,
    exists,      ///< with another cas unique
    not_stored,  ///< the condition of add, replace, append or prepend does not hold
    non_numeric,
    too_large,
    out_of_memory,
    rejected,  ///< SERVER_ERROR with the message
    failed,    ///< the same, and the connection ends
};

/// An item as it was found, or as it has become.
struct Item {
    std::string_view value{};
    std::uint32_t flags = 0;
    std::uint64_t cas = 0;
    WallTime expired_before = never;  ///< when it would have expired, before the operation
    WallTime expires = never;
    WallTime accessed{};   ///< before
    bool fetched = false;  ///< before, since it was stored
    bool created = false;  ///< by this operation (vivify)
    bool stale = false;
    bool token_sent = false;  ///< to somebody else, earlier
    bool won = false;         ///< the token is given with this answer
};

struct Result {
    Outcome outcome = Outcome::done;
    Item item{};                 ///< if done
    std::string_view message{};  ///< of rejected and failed; one line
    bool expired = false;        ///< of not_found: it was there until it expired
};

/// Takes the answer to an operation.
class Receiver {
public:
    /// Views are valid during the call. Calls no operation.
    virtual void take(const Result& result) = 0;

protected:
    ~Receiver() = default;
};

/// Each operation is done as a whole, and answered once, at once (before the call returns) or
/// later, on the thread of the connection; later with views of its own, since those of the question
/// are only valid during the call. A connection asks the next after the answer.
class Operations {
public:
    virtual ~Operations() = default;

    /// A connection begins: to be answered (done, or failed) before it asks for anything.
    virtual void begin(Receiver& to) { to.take({}); }
    virtual void fetch(const Fetch& fetch, WallTime now, Receiver& to) = 0;
    virtual void store(const Store& store, WallTime now, Receiver& to) = 0;
    virtual void remove(const Remove& remove, WallTime now, Receiver& to) = 0;
    virtual void change(const Arithmetic& arithmetic, WallTime now, Receiver& to) = 0;
    /// Removes all items that are there at `at`, which may lie ahead. Replaces an earlier one that
    /// is still to come.
    virtual void flush_all(WallTime at, WallTime now, Receiver& to) = 0;

    /// The connection ends: it is not answered any more. Also if it has not begun.
    virtual void forget(Receiver& to) noexcept = 0;
};

}  // namespace clacks::memcached
