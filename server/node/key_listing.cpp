#include "server/node/key_listing.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/error.hpp"

namespace clacks::node {

namespace {

std::optional<std::string_view> value_of(std::string_view word, std::string_view name) {
    if (!word.starts_with(name)) return std::nullopt;
    return word.substr(name.size());
}

}  // namespace

boost::system::result<KeyListing> KeyListing::make(std::string_view arguments) {
    KeyListing listing;
    while (!arguments.empty()) {
        const auto end = arguments.find(' ');
        if (!listing.take(arguments.substr(0, end))) return protocol::ParseError::malformed;
        arguments.remove_prefix(end == std::string_view::npos ? arguments.size() : end + 1);
    }
    return listing;
}

bool KeyListing::take(std::string_view word) {
    if (const auto text = value_of(word, "limit=")) {
        std::size_t limit = 0;
        const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
        if (error != std::errc{} || end != text->data() + text->size()) return false;
        if (limit == 0 || limit > largest_limit || limit_) return false;
        limit_ = limit;
        return true;
    }
    if (const auto key = value_of(word, "after=")) {
        if (!begin_.empty()) return false;
        begin_ = *key;
        return !begin_.empty();
    }
    if (pattern_ || word.empty()) return false;
    const auto pattern = protocol::NamePattern::make(word);
    if (!pattern) return false;
    pattern_ = *pattern;
    return true;
}

void KeyListing::add_page(std::vector<std::string> keys, std::string& out) {
    *limit_ -= keys.size();
    for (const auto& key : keys) out.append("KEY ").append(key).append("\r\n");
}

/// Merges the shards' runs, so many keys at a time.
bool KeyListing::write_sorted(std::string& out) {
    written_.resize(sorted_.size(), 0);
    for (std::size_t count = 0; count < keys_a_step; ++count) {
        const std::string* least = nullptr;
        std::size_t from = 0;
        for (std::size_t i = 0; i < sorted_.size(); ++i) {
            if (written_[i] == sorted_[i].size()) continue;
            const auto& candidate = sorted_[i][written_[i]];
            if (!least || candidate < *least) {
                least = &candidate;
                from = i;
            }
        }
        if (!least) {
            out += "KEYLISTEND\r\n";
            return true;
        }
        out.append("KEY ").append(*least).append("\r\n");
        ++written_[from];
    }
    return false;
}

}  // namespace clacks::node
