#include "server/config_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "client/password.hpp"

namespace clacks::server {
namespace {

// How many characters to insert, delete or replace to get from one to the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replace = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replace});
        }
    }
    return row.back();
}

// The allowed key that was probably meant, or an empty view.
std::string_view closest(std::string_view key, std::initializer_list<std::string_view> allowed) {
    std::string_view best;
    std::size_t best_distance = 3;  // two slips are a typing mistake, three are another word
    for (const std::string_view candidate : allowed) {
        const std::size_t distance = edit_distance(key, candidate);
        if (distance < best_distance && distance < candidate.size()) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace

Section::Section(Document& document, const Value& map, std::initializer_list<std::string_view> keys)
    : document_(document), name_(map.name), line_(map.line) {
    if (!map.node || map.node.IsNull()) return;
    if (!map.node.IsMap()) {
        document_.error(line_, fmt::format("'{}' must be a map of {}", name_, joined(keys)));
        return;
    }
    for (const auto& pair : map.node) take(pair.first, pair.second, keys);
}

void Section::take(const YAML::Node& key, const YAML::Node& node,
                   std::initializer_list<std::string_view> allowed) {
    const int key_line = line_of(key.Mark());
    const std::string where = name_.empty() ? "" : fmt::format(" in '{}'", name_);
    if (!key.IsScalar()) {
        document_.error(key_line, fmt::format("a key{} must be a single word", where));
        return;
    }
    const std::string& word = key.Scalar();
    if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
        const std::string_view meant = closest(word, allowed);
        const std::string hint =
            meant.empty() ? std::string() : fmt::format("did you mean '{}'? ", meant);
        document_.error(key_line, fmt::format("unknown key {}{}; {}allowed: {}", in_quotes(word),
                                              where, hint, joined(allowed)));
        return;
    }
    // The mark of a null stands behind whatever follows it; that of an alias at its anchor.
    const int line = node.IsNull() ? key_line : std::max(line_of(node.Mark()), key_line);
    const auto [entry, fresh] = values_.try_emplace(word, Value{node, line, full_name(word)});
    if (!fresh) {
        document_.error(key_line, fmt::format("'{}' stands here twice; first in line {}",
                                              full_name(word), entry->second.line));
    }
}

const Value* Section::find(std::string_view key) const {
    const auto entry = values_.find(key);
    if (entry == values_.end() || entry->second.node.IsNull()) return nullptr;
    return &entry->second;
}

std::string Section::full_name(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

int Section::line(std::string_view key) const {
    const auto entry = values_.find(key);
    return entry == values_.end() ? line_ : entry->second.line;
}

Value Section::value(std::string_view key) const {
    const Value* found = find(key);
    return found != nullptr ? *found : Value{YAML::Node(), line(key), full_name(key)};
}

std::vector<Value> Section::items(std::string_view key) const {
    const Value* found = find(key);
    if (found == nullptr) return {};
    if (!found->node.IsSequence()) return {*found};
    std::vector<Value> items;
    for (const auto& item : found->node) {
        const int line = item.IsNull() ? found->line : std::max(line_of(item.Mark()), found->line);
        items.push_back({item, line, found->name});
    }
    return items;
}

void Section::complain(std::string_view key, const std::string& what) {
    document_.error(line(key), fmt::format("'{}' {}", full_name(key), what));
}

std::optional<std::string> Section::read_text(std::string_view key) {
    const Value* found = find(key);
    if (found == nullptr) return std::nullopt;
    return text_of(document_, *found);
}

void Section::name(std::string_view key, std::string& target) {
    auto text = read_text(key);
    if (!text) return;
    if (text->empty() || std::any_of(text->begin(), text->end(), is_control)) {
        complain(key,
                 "must be text of at least one character, without line breaks and other "
                 "control characters");
        return;
    }
    target = std::move(*text);
}

void Section::password(std::string_view key, std::string& target, PasswordUse use) {
    auto text = read_text(key);
    if (!text) return;
    if (text->empty()) {
        complain(key, "is empty; a password has at least one character");
        return;
    }
    const bool hashed = is_password_hash(*text);
    if (hashed && use == PasswordUse::log_in) {
        complain(key,
                 "is a hash, with which this node cannot log in at its master; allowed: plain "
                 "text, best as ${NAME} from the environment");
        return;
    }
    if (hashed) {
        if (const auto fault = password_hash_fault(*text)) return complain(key, *fault);
    } else if (*text == value(key).node.Scalar()) {
        document_.holds_password(line(key));
    }
    target = std::move(*text);
}

void Section::file(std::string_view key, std::string& target) {
    const auto text = read_text(key);
    if (!text) return;
    if (text->empty() || text->find('\0') != std::string::npos) {
        complain(key, "must be the path of a file");
        return;
    }
    target = document_.absolute(*text);
}

void Section::duration(std::string_view key, milliseconds& target) {
    microseconds exact = target;
    duration(key, exact, milliseconds(1), std::chrono::hours(24) * 3650);
    target = std::chrono::round<milliseconds>(exact);
}

void Section::duration(std::string_view key, microseconds& target, microseconds min,
                       microseconds max) {
    const auto text = read_text(key);
    if (!text) return;
    const auto parsed = parse_duration(*text);
    if (!parsed) {
        complain(key, fmt::format("is {}; allowed: a number with its unit, "
                                  "like 500ms, 1.5s, 10s, 5m, 1h, 7d",
                                  in_quotes(*text)));
    } else if (*parsed < min || *parsed > max) {
        complain(key, fmt::format("is {}; allowed: {} to {}", in_quotes(*text),
                                  format_duration(min), format_duration(max)));
    } else {
        target = *parsed;
    }
}

void Section::size(std::string_view key, std::size_t& target, std::size_t min, std::size_t max) {
    const auto text = read_text(key);
    if (!text) return;
    const auto parsed = parse_size(*text);
    if (!parsed) {
        complain(key, fmt::format("is {}; allowed: a number of bytes, "
                                  "or with a unit like 64KiB, 16MiB, 1GiB",
                                  in_quotes(*text)));
    } else if (*parsed < min || *parsed > max) {
        complain(key, fmt::format("is {}; allowed: {} to {}", in_quotes(*text), format_size(min),
                                  format_size(max)));
    } else {
        target = *parsed;
    }
}

std::optional<std::uint64_t> Section::read_count(std::string_view key, std::uint64_t min,
                                                 std::uint64_t max) {
    const auto text = read_text(key);
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number);
    if (error == std::errc() && end == last && number >= min && number <= max) return number;
    complain(key, fmt::format("is {}; allowed: a whole number from {} to {}", in_quotes(*text), min,
                              max));
    return std::nullopt;
}

std::optional<std::ptrdiff_t> Section::read_choice(std::string_view key,
                                                   const std::vector<std::string_view>& words) {
    const auto text = read_text(key);
    if (!text) return std::nullopt;
    const auto found = std::find(words.begin(), words.end(), *text);
    if (found != words.end()) return found - words.begin();
    complain(key, fmt::format("is {}; allowed: {}", in_quotes(*text), joined(words)));
    return std::nullopt;
}

}  // namespace clacks::server
