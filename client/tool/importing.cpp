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

}  // namespace

void EntryCheck::entry(std::size_t line, const CarriedEntry& entry) {
    if (const auto why = fault_of(entry, line_bytes_); !why.empty()) return fault(line, why);
    ++entries_;
    if (entry.expires) ++ending_;
}

void EntryCheck::fault(std::size_t line, const std::string& why) {
    if (++faults_ <= most_faults_said) output_.say(name_ + ':' + std::to_string(line) + ": " + why);
}

void EntryStore::entry(std::size_t, const CarriedEntry& entry) {
    if (!fault_of(entry, line_bytes_).empty()) return;
    if (entry.expires) {
        const auto left = *entry.expires - clock_.now();
        if (left.count() <= 0) {
            ++expired_;
            return;
        }
        node_.store_for(entry.key, entry.value, left);
    } else {
        node_.store(entry.key, entry.value);
    }
    ++part_entries_;
    part_bytes_ += entry.key.size() + entry.value.size();
    if (part_entries_ >= part_entries || part_bytes_ >= part_bytes) flush();
}

void EntryStore::flush() {
    std::promise<error_code> promise;
    parts_.push_back({part_entries_, promise.get_future()});
    node_.client().async_flush(
        [promise = std::move(promise)](error_code error) mutable { promise.set_value(error); });
    part_entries_ = 0;
    part_bytes_ = 0;
    while (parts_.size() > most_parts) confirm_first();
}

void EntryStore::confirm_first() {
    Part part = std::move(parts_.front());
    parts_.pop_front();
    if (const error_code error = part.executed.get()) throw Error(error);
    confirmed_ += part.entries;
    progress_.at(confirmed_ + expired_);
}

void EntryStore::finish() {
    flush();
    while (!parts_.empty()) confirm_first();
}

}  // namespace clacks::tool
