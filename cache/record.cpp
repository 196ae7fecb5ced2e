#include "cache/record.hpp"

#include <malloc.h>

#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>
#include <type_traits>

namespace clacks::cache {
namespace {

// malloc hands out blocks of 16n + 8 bytes (glibc); what the last step adds costs nothing.
constexpr std::size_t whole_block(std::size_t bytes) { return (bytes + 7) / 16 * 16 + 8; }
static_assert(whole_block(40) == 40 && whole_block(41) == 56 && whole_block(56) == 56);

}  // namespace

void Record::Free::operator()(Record* record) const noexcept {
    static_assert(std::is_trivially_destructible_v<Record>);
    ::operator delete(record);
}

Record::Pointer Record::make(std::string_view key, std::uint32_t hash, std::size_t capacity,
                             bool extended) {
    if (key.size() > max_key_bytes) throw std::length_error("cache: key too long");
    if (capacity > max_bytes - 16) throw std::length_error("cache: value too long");
    const std::size_t before_value = sizeof(Record) + (extended ? extras_bytes : 0) + key.size();
    void* const memory = ::operator new(whole_block(before_value + capacity));
    auto* const record =
        new (memory) Record(hash, static_cast<std::uint32_t>(key.size()), extended);
    record->set_extras({});
    key.copy(record->bytes(), key.size());
    return Pointer(record);
}

Record::Pointer Record::emptied(std::size_t capacity, bool extended) const {
    Pointer record = make(key(), hash_, capacity, extended);
    record->changed = changed;
    record->origin = origin;
    record->writer = writer;
    record->unused_seconds_ = unused_seconds_;
    record->deleted_ = deleted_;
    record->counted_ = counted_;
    record->in_main_ = in_main_;
    record->fetched_ = fetched_;
    record->uses_ = uses_;
    record->copied_ = copied_;
    return record;
}

std::size_t Record::block_bytes() const { return ::malloc_usable_size(const_cast<Record*>(this)); }

void Record::set_extras(const Extras& extras) {
    if (extended_ == 0) return;
    char* const to = reinterpret_cast<char*>(this + 1);
    std::memcpy(to, &extras.expires, sizeof extras.expires);
    std::memcpy(to + sizeof extras.expires, &extras.flags, sizeof extras.flags);
}

void Record::set_accessed(WallTime time) {
    using Seconds = std::chrono::duration<std::uint32_t>;
    const auto after = time > changed ? time - changed : WallTime::duration{};
    unused_seconds_ = after < Seconds::max() ? std::chrono::floor<Seconds>(after).count()
                                             : Seconds::max().count();
}

void Record::set_value(std::string_view value) {
    if (!value.empty()) std::memmove(bytes() + key_bytes_, value.data(), value.size());
    value_bytes_ = static_cast<std::uint32_t>(value.size()) & max_bytes;
}

}  // namespace clacks::cache
