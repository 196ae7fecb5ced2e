#include "interclacks/versioned_keysync.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/base64.hpp"

namespace clacks::interclacks {

using cache::Contribution;
using cache::Counter;
using cache::EntryView;
using protocol::Command;

namespace {

constexpr char updated = 'U';
constexpr char deleted = 'D';
constexpr std::string_view nothing = "-";

void append_number(std::string& out, std::uint64_t number, int base = 10) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
    out.append(digits, end);
}

/// One before 1970 becomes that, as in protocol::format_time.
void append_time(std::string& out, WallTime time) {
    const auto count = std::max(time, WallTime{}).time_since_epoch().count();
    append_number(out, static_cast<std::uint64_t>(count));
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return number;
}

std::optional<WallTime> parse_time(std::string_view text) {
    const auto count = parse_number<std::int64_t>(text);
    if (!count || *count < 0 || *count > protocol::latest_time.time_since_epoch().count()) {
        return std::nullopt;
    }
    return WallTime(std::chrono::microseconds(*count));
}

/// The text up to `separator`, which is taken off `text` with it.
std::string_view take(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

void append_counter(const Counter& counter, std::string& mode) {
    mode += ",b:";
    if (counter.base_changed == WallTime::min()) {
        mode += nothing;
    } else {
        append_time(mode, counter.base_changed);
        if (counter.base_deleted) mode += deleted;
    }
    if (!counter.base.empty()) {
        std::string base = protocol::base64_encode(counter.base);
        base.erase(base.find_last_not_of('=') + 1);
        mode.append(",v:").append(base);
    }
    if (counter.expires_set != WallTime::min()) {
        mode += ",s:";
        append_time(mode, counter.expires_set);
    }
    for (const Contribution& one : counter.contributions) {
        mode += ",c:";
        append_number(mode, one.id, 16);
        mode += ':';
        append_time(mode, one.started);
        mode += ':';
        append_time(mode, one.changed);
        mode += ':';
        append_number(mode, one.count);
        mode.append(":").append(one.sum);
    }
}

std::optional<Contribution> parse_contribution(std::string_view text) {
    const auto id = parse_number<std::uint64_t>(take(text, ':'), 16);
    const auto started = parse_time(take(text, ':'));
    const auto changed = parse_time(take(text, ':'));
    const auto count = parse_number<std::uint64_t>(take(text, ':'));
    if (!id || !started || !changed || !count || text.empty()) return std::nullopt;
    return Contribution{*id, *started, *changed, *count, std::string(text)};
}

/// One attribute of the mode. False: it cannot be read.
bool read_attribute(char letter, std::string_view text, EntryView& entry, Counter& counter,
                    bool& counted) {
    switch (letter) {
        case 'w': {
            const auto writer = parse_number<cache::Writer>(text, 16);
            if (writer) entry.writer = *writer;
            return writer.has_value();
        }
        case 'x': {
            const auto expires = parse_time(text);
            if (expires) entry.expires = *expires;
            return expires.has_value();
        }
        case 'f': {
            const auto flags = parse_number<std::uint32_t>(text);
            if (flags && !entry.deleted) entry.flags = *flags;
            return flags.has_value();
        }
        case 'b': {
            counted = true;
            if (text == nothing) return true;
            counter.base_deleted = text.ends_with(deleted);
            if (counter.base_deleted) text.remove_suffix(1);
            const auto changed = parse_time(text);
            if (changed) counter.base_changed = *changed;
            return changed.has_value();
        }
        case 'v': {
            const auto base = protocol::base64_decode(text);
            if (base) counter.set_base(*base);
            return base.has_value();
        }
        case 's': {
            const auto set = parse_time(text);
            if (set) counter.expires_set = *set;
            return set.has_value();
        }
        case 'c': {
            const auto one = parse_contribution(text);
            if (!one) return false;
            counter.contributions.push_back(*one);
            return true;
        }
        default:
            return true;  // a later version says more than we know
    }
}

/// As they are kept: sorted, each once.
bool put_in_order(std::vector<Contribution>& contributions) {
    const auto by_id = [](const Contribution& a, const Contribution& b) { return a.id < b.id; };
    std::sort(contributions.begin(), contributions.end(), by_id);
    return std::adjacent_find(contributions.begin(), contributions.end(),
                              [](const Contribution& a, const Contribution& b) {
                                  return a.id == b.id;
                              }) == contributions.end();
}

}  // namespace

void format_versioned(const EntryView& entry, std::string& out) {
    std::string mode(1, entry.deleted ? deleted : updated);
    mode += ",w:";
    append_number(mode, entry.writer, 16);
    if (entry.expires != cache::never) {
        mode += ",x:";
        append_time(mode, entry.expires);
    }
    if (entry.flags != 0) {
        mode += ",f:";
        append_number(mode, entry.flags);
    }
    if (entry.counter) append_counter(*entry.counter, mode);
    Command command;
    command.verb = protocol::Verb::keysync;
    command.name = entry.key;
    command.value = entry.deleted ? std::string_view("REMOVED") : entry.value;
    command.changed = entry.changed;
    command.accessed = entry.deleted ? WallTime{} : entry.accessed;
    command.mode = mode;
    protocol::format(command, out);
}

void VersionedEntry::shift(std::chrono::microseconds by) {
    cache::shift(entry.changed, by);
    cache::shift(entry.accessed, by);
    cache::shift(entry.expires, by);
    if (counter) counter->shift(by);
}

bool VersionedEntry::has_believable_time() const {
    constexpr auto latest = protocol::latest_time - std::chrono::years(1);
    const auto changed = counter ? std::max(entry.changed, counter->changed()) : entry.changed;
    return changed >= WallTime{} && changed <= latest;
}

bool is_versioned(const Command& keysync) {
    return !keysync.mode.empty() && keysync.mode.substr(1).starts_with(",w:");
}

std::optional<VersionedEntry> parse_versioned(const Command& keysync, cache::Origin origin) {
    if (!is_versioned(keysync)) return std::nullopt;
    std::string_view mode = keysync.mode;
    const auto letter = take(mode, ',');
    VersionedEntry result;
    EntryView& entry = result.entry;
    entry.key = keysync.name;
    entry.deleted = letter.front() == deleted;
    if (!entry.deleted) entry.value = keysync.value;
    entry.changed = keysync.changed;
    entry.accessed = entry.deleted ? entry.changed : keysync.accessed;
    entry.origin = origin;
    bool counted = false;
    Counter counter;
    while (!mode.empty()) {
        std::string_view text = take(mode, ',');
        const auto name = take(text, ':');
        if (name.size() != 1) return std::nullopt;
        if (!read_attribute(name.front(), text, entry, counter, counted)) return std::nullopt;
    }
    if (!counted) return result;
    if (!put_in_order(counter.contributions)) return std::nullopt;
    counter.expires = entry.expires;
    result.counter = std::make_unique<Counter>(std::move(counter));
    entry.counter = result.counter.get();
    return result;
}

}  // namespace clacks::interclacks
