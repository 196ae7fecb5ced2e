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

void KeyListing::start(const cache::Cache& cache, std::string& out) {
    started_ = true;
    out += "KEYLISTSTART\r\n";
    if (limit_) {
        if (!begin_.empty()) shard_ = cache.shard_of(begin_);
        after_ = begin_;
    } else {
        runs_.assign(cache::Cache::shard_count, Run{.after = begin_});
    }
}

/// Returns whether the page is full.
bool KeyListing::write_page(const std::vector<std::string>& keys, std::string& out) {
    for (const auto& key : keys) out.append("KEY ").append(key).append("\r\n");
    if (!keys.empty()) after_ = keys.back();
    *limit_ -= keys.size();
    if (*limit_ > 0) return false;
    out += "KEYLISTEND after=" + after_ + "\r\n";
    return true;
}

/// One whose next key is not known, so that none can be written; null: there is none.
KeyListing::Run* KeyListing::empty_run() {
    const auto found = std::find_if(runs_.begin(), runs_.end(), [](const Run& run) {
        return run.is_written() && !run.is_last;
    });
    return found == runs_.end() ? nullptr : &*found;
}

/// Merges the runs, so many keys at a time, until one is empty. Returns whether all are.
bool KeyListing::write_sorted(std::string& out) {
    for (std::size_t count = 0; count < keys_a_step; ++count) {
        Run* least = nullptr;
        for (Run& run : runs_) {
            if (run.is_written()) continue;
            if (!least || run.keys[run.written] < least->keys[least->written]) least = &run;
        }
        if (!least) {
            out += "KEYLISTEND\r\n";
            return true;
        }
        out.append("KEY ").append(least->keys[least->written++]).append("\r\n");
        if (least->is_written() && !least->is_last) return false;
    }
    return false;
}

}  // namespace clacks::node
