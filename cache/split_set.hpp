#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "cache/footprint.hpp"

namespace clacks::cache {

/// A set of which nobody waits for the growth, however large it is: it is made of tables of a
/// thousand elements or so, and one that is full becomes two. (A table of one piece has to take the
/// hash of everything in it when it doubles. Where that stands elsewhere each is a miss of the
/// processor's caches: 40 ms for a shard of 300,000 entries.)
///
/// Which table an element is in the bits at the top of its hash say: a directory has a place for
/// each value of as many bits as the fullest parts of the set need; where fewer do, several places
/// have the same table. Source: Fagin and others, "Extendible hashing", 1979.
///
/// `Hash` gives 32 bits that nobody can foresee, `Prefetch` asks for what they are taken from. An
/// element may not change what it is found by. References to elements are valid until the next
/// insert() or shrink().
template <class Element, class Hash, class Equal, class Prefetch>
class SplitSet {
    using Table = boost::unordered_flat_set<Element, Hash, Equal>;

public:
    /// Where an element is, or nowhere: valid until the set changes.
    class Place {
    public:
        explicit operator bool() const { return found_; }
        const Element& operator*() const { return *at_; }
        const Element* operator->() const { return &*at_; }

    private:
        friend class SplitSet;
        Place(const Table& table, typename Table::const_iterator at)
            : at_(at), found_(at != table.end()) {}

        typename Table::const_iterator at_;
        bool found_;
    };

    SplitSet() { begin(0, 0); }
    SplitSet(const SplitSet&) = delete;
    SplitSet& operator=(const SplitSet&) = delete;

    template <class Key>
    Place find(const Key& key) const {
        const Table& table = directory_[place_of(hash_of(key))]->table;
        return {table, table.find(key)};
    }

    /// Of which none is there yet.
    const Element& insert(Element element) {
        const std::uint32_t hash = hash_of(element);
        Part* part = directory_[place_of(hash)];
        while (part->table.size() >= most_in_part && may_split(*part)) {
            split(*part, hash);
            part = directory_[place_of(hash)];
        }
        const std::size_t before = bytes_of(*part);
        const auto at = part->table.insert(std::move(element)).first;
        footprint_ += bytes_of(*part) - before;
        ++size_;
        return *at;
    }

    /// Where find() has just found it.
    void erase(const Place& place) {
        directory_[place_of(hash_of(*place))]->table.erase(place.at_);
        --size_;
    }

    std::size_t size() const { return size_; }
    /// The memory that the tables take.
    std::size_t footprint() const { return footprint_ + directory_footprint(); }

    /// Makes room for about so many, if there is nothing in it yet.
    void reserve(std::size_t count) {
        if (size_ > 0) return;
        unsigned bits = 0;
        while (bits < most_bits_reserved && (count >> bits) > most_in_part * 9 / 10) ++bits;
        begin(bits, bits == 0 ? count : most_in_part);
    }

    /// Gives room back if one of the tables has far too much, another one each time; or all but
    /// one of them, when they are far too many. Whether it was so.
    bool shrink() {
        constexpr std::size_t too_much = 8;  // times what would do; tables double as they grow
        constexpr std::size_t small = 128;
        constexpr std::size_t few = 8;  // an empty table takes some hundred bytes
        if (parts_.size() > 1 && size_ < few * parts_.size()) {
            gather();
            return true;
        }
        shrink_next_ = (shrink_next_ + 1) % parts_.size();
        Part& part = *parts_[shrink_next_];
        if (part.table.bucket_count() < too_much * part.table.size() + small) return false;
        const std::size_t before = bytes_of(part);
        part.table.rehash(0);
        footprint_ += bytes_of(part) - before;
        return true;
    }

    /// `visit(const Element&)`, of each.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& part : parts_) for_each_in(part->table, visit);
    }

private:
    static constexpr unsigned hash_bits = 32;
    static constexpr unsigned most_bits_reserved = 20;
    /// 128 groups of 15 slots have room for 1,680.
    static constexpr std::size_t most_in_part = 1600;

    struct Part {
        Table table{};
        unsigned bits = 0;  ///< at the top of the hash, which all that is in it have in common
    };
    using Parts = std::vector<std::unique_ptr<Part>>;

    template <class Key>
    static std::uint32_t hash_of(const Key& key) {
        return static_cast<std::uint32_t>(Hash{}(key));
    }
    std::size_t place_of(std::uint32_t hash) const {
        return std::uint64_t{hash} >> (hash_bits - bits_);
    }

    static std::size_t bytes_of(const Part& part) {
        return cache::footprint(sizeof(Part)) +
               table_footprint(part.table.bucket_count(), sizeof(Element));
    }
    std::size_t directory_footprint() const {
        return cache::footprint(directory_.capacity() * sizeof(Part*)) +
               cache::footprint(parts_.capacity() * sizeof(std::unique_ptr<Part>));
    }

    /// An element that is about to be destroyed where it is.
    static Element take(const Element& element) { return std::move(const_cast<Element&>(element)); }

    template <class Visit>
    static void for_each_in(const Table& table, Visit&& visit) {
        constexpr int steps_ahead = 16;
        auto ahead = table.begin();
        const auto end = table.end();
        for (int i = 0; i < steps_ahead && ahead != end; ++i) Prefetch{}(*ahead++);
        for (const Element& element : table) {
            if (ahead != end) Prefetch{}(*ahead++);
            visit(element);
        }
    }

    /// Anew, with an empty part for each value of so many bits, each with room for so many; returns
    /// those that there were. Without memory nothing has changed.
    Parts begin(unsigned bits, std::size_t room) {
        const std::size_t count = std::size_t{1} << bits;
        Parts parts;
        std::vector<Part*> directory;
        parts.reserve(count);
        directory.reserve(count);
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < count; ++i) {
            Part& part = *parts.emplace_back(std::make_unique<Part>());
            part.bits = bits;
            part.table.reserve(room);
            bytes += bytes_of(part);
            directory.push_back(&part);
        }
        bits_ = bits;
        directory_ = std::move(directory);
        footprint_ = bytes;
        shrink_next_ = 0;
        return std::exchange(parts_, std::move(parts));
    }

    /// All into one part.
    void gather() {
        const Parts former = begin(0, size_);
        Table& table = parts_.front()->table;
        for (const auto& part : former) {
            for_each_in(part->table, [&](const Element& element) { table.insert(take(element)); });
        }
    }

    /// Not what no bits tell apart, for that would make a directory of any size.
    bool may_split(const Part& part) const {
        constexpr std::size_t places_a_part = 16;  // with hashes that are even it is two or four
        const bool may_double =
            bits_ < hash_bits && directory_.size() < places_a_part * parts_.size();
        return part.bits < bits_ || may_double;
    }

    /// What has a bit more of the hash set goes into a new part. `hash` is that of one of both.
    /// Without memory nothing has changed, but perhaps the directory.
    void split(Part& part, std::uint32_t hash) {
        if (part.bits == bits_) double_directory();
        const std::size_t room = std::max(most_in_part, part.table.size());
        auto other = std::make_unique<Part>();
        other->bits = part.bits + 1;
        other->table.reserve(room);
        Table rest;
        rest.reserve(room);
        parts_.emplace_back();
        // From here on nothing is allocated.
        const std::size_t before = bytes_of(part);
        const unsigned shift = hash_bits - ++part.bits;
        for_each_in(part.table, [&](const Element& element) {
            Table& table = (hash_of(element) >> shift & 1U) != 0 ? other->table : rest;
            table.insert(take(element));
        });
        part.table = std::move(rest);
        footprint_ += bytes_of(part) + bytes_of(*other) - before;
        const std::size_t places = std::size_t{1} << (bits_ - part.bits);
        const std::size_t first = (std::uint64_t{hash} >> shift | 1U) * places;
        std::fill_n(directory_.begin() + static_cast<std::ptrdiff_t>(first), places, other.get());
        parts_.back() = std::move(other);
    }

    void double_directory() {
        std::vector<Part*> larger;
        larger.reserve(directory_.size() * 2);
        for (Part* part : directory_) larger.insert(larger.end(), 2, part);
        directory_ = std::move(larger);
        ++bits_;
    }

    std::vector<Part*> directory_;
    Parts parts_;
    unsigned bits_ = 0;  ///< that the directory distinguishes
    std::size_t size_ = 0;
    std::size_t shrink_next_ = 0;
    std::size_t footprint_ = 0;  ///< of the parts
};

}  // namespace clacks::cache
