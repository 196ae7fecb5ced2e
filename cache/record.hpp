#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "cache/change_list.hpp"
#include "cache/entry.hpp"
#include "cache/footprint.hpp"

namespace clacks::cache {

/// An entry as it lies in memory, in one allocation: this header, what few entries have (Extras),
/// the key, the value, and room for the value to grow into. It stays where it is as long as its
/// value fits.
///
///     | header, 56 bytes | extras, 12 bytes or none | key | value | room |
class Record : public ChangeNode {
public:
    struct Free {
        void operator()(Record* record) const noexcept;
    };
    using Pointer = std::unique_ptr<Record, Free>;

    /// What an entry may have beside its value: most expire never and have no flags.
    struct Extras {
        WallTime expires = never;
        std::uint32_t flags = 0;  ///< of memcached's clients

        bool needed() const { return expires != never || flags != 0; }
    };

    /// A record with an empty value and room for `capacity` bytes or a few more; and for extras if
    /// `extended`. Throws std::length_error for a key of 32 MiB or more, or a capacity of 2 GiB or
    /// more.
    static Pointer make(std::string_view key, std::uint32_t hash, std::size_t capacity,
                        bool extended);

    /// The same entry with an empty value and another capacity, without extras; in no ChangeList.
    Pointer emptied(std::size_t capacity, bool extended) const;

    std::string_view key() const { return {bytes(), key_bytes_}; }
    std::uint32_t hash() const { return hash_; }
    std::string_view value() const { return {bytes() + key_bytes_, value_bytes_}; }
    WallTime expires() const { return extras().expires; }
    std::uint32_t flags() const { return extras().flags; }
    bool deleted() const { return deleted_ != 0; }
    /// Its parts are kept as a Counter.
    bool counted() const { return counted_ != 0; }
    /// See EntryView.
    bool fetched() const { return fetched_ != 0; }

    /// Whether a value of `size` bytes belongs here: there is room, and not far too much of it. And
    /// room for extras if they are needed.
    bool suits(std::size_t size, bool extended = false) const {
        const std::size_t room = capacity();
        return size <= room && room <= 2 * size + spare_bytes && (extended_ != 0 || !extended);
    }
    /// Has room for extras.
    bool extended() const { return extended_ != 0; }

    /// The memory it takes.
    std::size_t footprint() const { return cache::footprint(block_bytes()); }
    /// That of one with such a key and capacity.
    static std::size_t footprint(std::size_t key_bytes, std::size_t capacity, bool extended) {
        return cache::footprint(sizeof(Record) + (extended ? extras_bytes : 0) + key_bytes +
                                capacity);
    }

    /// For Eviction: how often it was used lately, up to three times; whether it is in the main
    /// part or on probation.
    unsigned uses() const { return uses_; }
    void use() {
        if (uses_ < 3) ++uses_;
    }
    void unuse() {
        if (uses_ > 0) --uses_;
    }
    bool in_main() const { return in_main_ != 0; }
    /// Begins as one that was not used yet.
    void enter(bool main) {
        uses_ = 0;
        in_main_ = main ? 1 : 0;
    }

    /// Replaces the value, which may be part of the old one. Needs the room.
    void set_value(std::string_view value);
    /// Needs to be extended, if these are needed.
    void set_extras(const Extras& extras);
    void set_deleted(bool deleted) { deleted_ = deleted ? 1 : 0; }
    void set_counted(bool counted) { counted_ = counted ? 1 : 0; }
    /// Somebody keeps a copy (Cursor::Keeping), perhaps of an earlier state.
    bool copied() const { return copied_ != 0; }
    void set_copied() { copied_ = 1; }
    void set_fetched(bool fetched) { fetched_ = fetched ? 1 : 0; }

    /// The last access, to the second: as whole seconds after the last change, in half the room.
    /// That is enough for what it decides, and for 136 years.
    WallTime accessed() const { return changed + std::chrono::seconds(unused_seconds_); }
    /// Counted from `changed`, so that has to be set first. What is before it counts as it.
    void set_accessed(WallTime time);

    WallTime changed{};
    Origin origin = local_origin;
    Writer writer = 0;

private:
    /// So much unused room is never worth an allocation.
    static constexpr std::size_t spare_bytes = 64;

    Record(std::uint32_t hash, std::uint32_t key_bytes, bool extended)
        : hash_(hash),
          value_bytes_(0),
          counted_(0),
          key_bytes_(key_bytes & max_key_bytes),
          deleted_(0),
          in_main_(0),
          fetched_(0),
          extended_(extended ? 1 : 0),
          uses_(0),
          copied_(0) {}

    // As malloc knows it: so it need not be remembered.
    std::size_t block_bytes() const;
    std::size_t capacity() const {
        return block_bytes() - sizeof(Record) - (extended_ != 0 ? extras_bytes : 0) - key_bytes_;
    }
    Extras extras() const {
        Extras extras;
        if (extended_ == 0) return extras;
        const char* const from = reinterpret_cast<const char*>(this + 1);
        std::memcpy(&extras.expires, from, sizeof extras.expires);
        std::memcpy(&extras.flags, from + sizeof extras.expires, sizeof extras.flags);
        return extras;
    }
    char* bytes() {
        return reinterpret_cast<char*>(this + 1) + (extended_ != 0 ? extras_bytes : 0);
    }
    const char* bytes() const {
        return reinterpret_cast<const char*>(this + 1) + (extended_ != 0 ? extras_bytes : 0);
    }

    static constexpr std::size_t extras_bytes = sizeof(WallTime) + sizeof(std::uint32_t);
    static constexpr std::uint32_t max_bytes = 0x7fff'ffff;
    static constexpr std::uint32_t max_key_bytes = 0x01ff'ffff;

    std::uint32_t unused_seconds_ = 0;
    std::uint32_t hash_;
    std::uint32_t value_bytes_ : 31;
    std::uint32_t counted_ : 1;
    std::uint32_t key_bytes_ : 25;
    std::uint32_t deleted_ : 1;
    std::uint32_t in_main_ : 1;
    std::uint32_t fetched_ : 1;
    std::uint32_t extended_ : 1;
    std::uint32_t uses_ : 2;
    std::uint32_t copied_ : 1;
};

static_assert(sizeof(Record) == 56, "every byte counts once per entry");

}  // namespace clacks::cache
