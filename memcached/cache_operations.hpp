#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/cache.hpp"
#include "memcached/marks.hpp"
#include "memcached/operations.hpp"

namespace clacks::memcached {

/// Hears of what is changed through CacheOperations, while the shard is locked: so whoever passes
/// it on keeps the order of the changes of a key.
///
/// Values are as they stand in the store (see ValueForm).
class Changes {
public:
    virtual void stored(unsigned shard, const cache::EntryView& entry) = 0;
    /// `value`: the sum.
    virtual void added(unsigned shard, std::string_view name, std::uint64_t step, bool subtract,
                       std::string_view value) = 0;
    virtual void removed(unsigned shard, std::string_view name) = 0;
    /// It expires then, or is another version of the same.
    virtual void touched(unsigned shard, std::string_view name, WallTime expires) = 0;
    /// Everything that is there is to be removed, by Cache::clear(). No shard is locked.
    virtual void clear(WallTime now) = 0;

protected:
    ~Changes() = default;
};

/// How values stand in the store, if others who read it there cannot carry every byte.
class ValueForm {
public:
    /// What stands there for `value`: itself, or what this makes in `made`.
    virtual std::string_view stored(std::string_view value, std::string& made) const = 0;
    /// The inverse.
    virtual std::string_view given(std::string_view stored, std::string& made) const = 0;

protected:
    ~ValueForm() = default;
};

/// Every value is stored as it is.
const ValueForm& same_form();

/// The operations over our store, each under the lock of one shard, and answered at once. Safe from
/// any thread; all workers share one.
///
/// The cas unique of an item is its version: the time of its last change, whoever made it, here or
/// elsewhere in the tree. That of touch and gat is one, too. What meta commands remember beside it
/// is in Marks.
///
/// incr and decr of what is an integer without blanks or leading zeros add to the entry as
/// INCREMENT does, so they merge with what other nodes add. What memcached says of 0 and 2^64 is a
/// new value. A counter that has been merged, or counted by others, to below 0 is 0 here, and incr
/// makes a new value of it.
class CacheOperations final : public Operations {
public:
    /// `item_bytes`: the largest value, for append and prepend.
    CacheOperations(cache::Cache& cache, std::size_t item_bytes,
                    const ValueForm& form = same_form());

    /// The largest value from now on. While nobody does anything.
    void set_item_bytes(std::size_t bytes) { item_bytes_ = bytes; }

    /// Who hears of changes from now on; nullptr: nobody. Before the first operation.
    void set_changes(Changes* changes) { changes_ = changes; }

    void fetch(const Fetch& fetch, WallTime now, Receiver& to) override;
    void store(const Store& store, WallTime now, Receiver& to) override;
    void remove(const Remove& remove, WallTime now, Receiver& to) override;
    void change(const Arithmetic& arithmetic, WallTime now, Receiver& to) override;
    void flush_all(WallTime at, WallTime now, Receiver& to) override;
    void forget(Receiver&) noexcept override {}

    /// Removes everything if a flush_all that had a delay is due. Every operation does so; to be
    /// called now and then, too, for the clients of other protocols.
    void flush_if_due(WallTime now) {
        if (now < flush_at_.load(std::memory_order_relaxed)) return;
        flush_now(now);
    }

private:
    static constexpr std::size_t most_marks = 4096;  ///< of a shard

    /// A locked entry, and what is remembered beside it.
    struct Place {
        Place(cache::Cache& cache, std::string_view key, WallTime time)
            : name(key), shard(cache.lock(key)), now(time) {}
        /// With the entry, made in its place: copies of it were a tenth of the time of a get.
        Place(cache::Cache& cache, const Fetch& fetch, std::string_view key, WallTime time)
            : name(key),
              shard(cache.lock(key)),
              now(time),
              entry(fetch.counts_as_access ? shard.read(key, time) : shard.find_living(key, time)) {
        }

        std::string_view name;
        cache::Cache::Shard shard;
        WallTime now;
        std::optional<cache::EntryView> entry;  ///< if it lives
        Mark mark{};
        std::string given{};   ///< its value, if it stands there in another form
        std::string stored{};  ///< and the form of the value that is written
    };

    Place lock(std::string_view name, WallTime now) { return {cache_, name, now}; }
    void find(Place& place);
    Marks& marks(const Place& place) { return marks_[place.shard.index()]; }
    void set_mark(Place& place, Mark mark);
    void touch(Place& place, WallTime expires);
    std::string_view value_of(Place& place) const;
    void write(Place& place, std::string_view value, std::uint32_t flags, WallTime expires,
               const Mark& mark);
    void write_stored(Place& place, std::string_view stored, std::uint32_t flags, WallTime expires,
                      const Mark& mark);
    void flush_now(WallTime now);

    static std::uint64_t cas_of(const Place& place);
    Item item_of(Place& place) const;
    void describe(Place& place, Item& item) const;
    static Result missing(const Place& place);

    void recache(const Fetch& fetch, Place& place, Item& item);
    void fetch_place(const Fetch& fetch, Place& place, Receiver& to);
    std::size_t room_for(const Store& store, std::string_view name, std::size_t stored_bytes,
                         WallTime now) const;
    Outcome store_place(const Store& store, std::string_view stored, Place& place);
    Outcome change_place(const Arithmetic& arithmetic, Place& place, Item& item);
    void change_value(const Arithmetic& arithmetic, std::uint64_t number, Place& place);

    cache::Cache& cache_;
    std::size_t item_bytes_;
    const ValueForm& form_;
    Changes* changes_ = nullptr;
    std::atomic<WallTime> flush_at_{never};
    /// Guarded by the locks of the shards.
    std::array<Marks, cache::Cache::shard_count> marks_;
};

}  // namespace clacks::memcached
