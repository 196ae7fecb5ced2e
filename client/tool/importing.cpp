#include "client/tool/importing.hpp"

#include <utility>

#include "clacks/client.hpp"
#include "client/arguments.hpp"
#include "client/tool/text.hpp"

namespace clacks::tool {
namespace {

/// The rest are counted.
constexpr std::uint64_t most_faults_said = 10;

/// A flush goes out behind so much, and so many of them are on their way.
constexpr std::uint64_t part_entries = 2000;
constexpr std::size_t part_bytes = 512U << 10U;
constexpr std::size_t most_parts = 4;

/// `STOREFOR 253402300799.999999 ` at most.
constexpr std::size_t verb_bytes = 32;

/// Why no node can take it; empty: it can.
std::string fault_of(const CarriedEntry& entry, std::size_t line_bytes) {
    if (!detail::is_name(entry.key))
        return "key '" + escape(entry.key) +
               "': a key is not empty, and holds no blank, no '=' and no line break";
    if (entry.key.size() + entry.value.size() + verb_bytes > line_bytes)
        return "key '" + escape(entry.key) + "': its line would be longer than " +
               std::to_string(line_bytes) + " bytes";
    return "";
}

bool is_refusal(const error_code& error) {
    return error == Errc::refused || error == Errc::permission_denied;
}

}  // namespace

void EntryCheck::entry(std::size_t line, const CarriedEntry& entry) {
    if (const auto why = fault_of(entry, line_bytes_); !why.empty()) return fault(line, why);
    ++entries_;
    if (!entry.expires) return;
    ++ending_;
    if (*entry.expires <= now_) ++expired_;
}

void EntryCheck::fault(std::size_t line, const std::string& why) {
    if (++faults_ <= most_faults_said) output_.say(name_ + ':' + std::to_string(line) + ": " + why);
}

void EntryStore::entry(std::size_t line, const CarriedEntry& entry) {
    if (!fault_of(entry, line_bytes_).empty()) return;
    if (!send(entry)) {
        ++expired_;
        return;
    }
    part_.push_back({line, entry});
    part_bytes_ += entry.key.size() + entry.value.size();
    if (part_.size() >= part_entries || part_bytes_ >= part_bytes) flush();
}

/// Returns false if it has expired.
bool EntryStore::send(const CarriedEntry& entry) {
    std::chrono::microseconds left{};
    if (entry.expires) {
        left = *entry.expires - clock_.now();
        if (left.count() <= 0) return false;
    }
    if (entry.flags != 0) {
        node_.store_with_flags(entry.key, entry.value, entry.flags, left);
    } else if (entry.expires) {
        node_.store_for(entry.key, entry.value, left);
    } else {
        node_.store(entry.key, entry.value);
    }
    return true;
}

void EntryStore::flush() {
    std::promise<error_code> promise;
    parts_.push_back({std::exchange(part_, {}), promise.get_future()});
    node_.client().async_flush(
        [promise = std::move(promise)](error_code error) mutable { promise.set_value(error); });
    part_bytes_ = 0;
    while (parts_.size() > most_parts) confirm_first();
}

void EntryStore::confirm_first() {
    Part part = std::move(parts_.front());
    parts_.pop_front();
    const error_code error = part.executed.get();
    if (is_refusal(error)) {
        // Whose refusal it was only the next flush says: nothing else may be on its way.
        for (const Part& other : parts_) other.executed.wait();
        store_again(part.entries);
    } else if (error) {
        throw Error(error);
    } else {
        confirmed_ += part.entries.size();
    }
    progress_.at(confirmed_ + expired_);
}

/// A node does not say what it refuses: halves, and halves of these, until it is one entry.
void EntryStore::store_again(std::span<const Sent> entries) {
    std::uint64_t expired = 0;
    for (const Sent& sent : entries) expired += send(sent.entry) ? 0 : 1;
    try {
        node_.flush();
        confirmed_ += entries.size() - expired;
        expired_ += expired;
    } catch (const Error& error) {
        if (!is_refusal(error.code())) throw;
        if (entries.size() == 1)
            throw EntryRefused(error.code(), entries[0].line, entries[0].entry.key);
        const std::size_t half = entries.size() / 2;
        store_again(entries.first(half));
        store_again(entries.subspan(half));
    }
}

void EntryStore::finish() {
    flush();
    while (!parts_.empty()) confirm_first();
}

}  // namespace clacks::tool
