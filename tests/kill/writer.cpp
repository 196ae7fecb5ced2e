#include "tests/kill/writer.hpp"

#include <algorithm>
#include <stdexcept>

namespace clacks::kill {

namespace {

constexpr int key_count = 100;
constexpr int batch_size = 16;
constexpr int batches_between_questions = 4;
constexpr const char* time_to_live = "1000";

/// The answers to RETRIEVE and TTL, line by line.
class Answers {
public:
    explicit Answers(std::string text) : text_(std::move(text)) {}

    /// What stands behind `start` if the next line begins so; else nothing, and the line must be
    /// the one that says there is no such key.
    std::optional<std::string> next(const std::string& start, const std::string& key) {
        const auto end = text_.find('\n', at_);
        const std::string line = text_.substr(at_, end - at_);
        at_ = end + 1;
        if (line.starts_with(start)) return line.substr(start.size());
        if (line == "NOTRETRIEVED " + key) return std::nullopt;
        throw std::runtime_error("asked for " + key + ", answered " + line.substr(0, 200));
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

}  // namespace

Writer::Writer(std::string name, std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < key_count; ++i) {
        keys_.push_back({name + "::" + std::to_string(i), {{{}, false, Clock::time_point::min()}}});
    }
}

void Writer::write(const Victim& victim) try {
    auto client = victim.log_in();
    for (int batch = 0;; ++batch) {
        client.ask(next_batch());
        const auto now = Clock::now();
        for (Key* key : pending_) {
            for (auto version = key->versions.rbegin();
                 version != key->versions.rend() && version->executed > now; ++version) {
                version->executed = now;
            }
        }
        if (batch % batches_between_questions == 0) ask_what_is_safe(client);
    }
} catch (const std::runtime_error&) {
    // That is the end of the node; that it did not come too early is checked where it is killed.
}

std::string Writer::next_batch() {
    pending_.clear();
    std::string lines;
    for (int i = 0; i < batch_size; ++i) {
        Key& key = keys_[random_() % keys_.size()];
        pending_.push_back(&key);
        lines += change(key) + '\n';
    }
    writes_ += batch_size;
    return lines;
}

std::string Writer::change(Key& key) {
    const auto never = Clock::time_point::max();
    if (&key == &keys_.front()) {
        const std::string now = key.versions.back().value.value_or("0");
        key.versions.push_back({std::to_string(std::stoll(now) + 1), false, never});
        return "INCREMENT " + key.name;
    }
    const auto choice = random_() % 10;
    if (choice == 0) {
        key.versions.push_back({{}, false, never});
        return "REMOVE " + key.name;
    }
    const bool expires = choice == 1;
    const std::string value = some_value(key.name);
    key.versions.push_back({value, expires, never});
    return (expires ? std::string("STOREFOR ") + time_to_live + ' ' : "STORE ") + key.name + '=' +
           value;
}

/// No two are the same, and no part of one looks like the same part of another.
std::string Writer::some_value(const std::string& key) {
    const std::size_t size = random_() % 100 == 0 ? 100'000 : 10 + random_() % 500;
    std::string value;
    while (value.size() < size) value += key + '#' + std::to_string(random_()) + ' ';
    return value;
}

/// What was executed before the time that the node names is in its file.
void Writer::ask_what_is_safe(test::LineClient& client) {
    const std::string saved = status(client, "persistence_saved_at");
    if (saved.empty()) return;
    const std::chrono::duration<double> since_1970(std::stod(saved));
    safe_until_ = Clock::time_point(std::chrono::floor<std::chrono::microseconds>(since_1970));
    const std::chrono::microseconds took(std::stoll(status(client, "persistence_snapshot_us")));
    longest_snapshot_ = std::max(longest_snapshot_, took);
}

std::optional<Clock::duration> Writer::check(test::LineClient client, Clock::time_point killed) {
    std::string questions;
    for (const Key& key : keys_) questions += "RETRIEVE " + key.name + "\nTTL " + key.name + '\n';
    Answers answers(client.ask(questions));
    std::optional<Clock::duration> oldest;
    for (Key& key : keys_) {
        Version found{answers.next("RETRIEVED " + key.name + '=', key.name), false, {}};
        const auto left = answers.next("TTL " + key.name + '=', key.name);
        if (left.has_value() != found.value.has_value()) {
            throw std::runtime_error(key.name + " has a value or a time to live, but not both");
        }
        found.expires = left && *left != "never";
        const auto lost = first_lost(key, found);
        if (lost && *lost < safe_until_) {
            throw std::runtime_error(
                "lost, though " +
                std::to_string(std::chrono::duration<double>(safe_until_ - *lost).count()) +
                " s older than what is safe: " + key.name);
        }
        if (lost) oldest = std::max(oldest.value_or(Clock::duration::min()), killed - *lost);
        found.executed = Clock::time_point::min();
        key.versions = {std::move(found)};
    }
    return oldest;
}

/// When the first write was executed that is not there any more. Of versions that look the same
/// the latest counts as found.
std::optional<Clock::time_point> Writer::first_lost(Key& key, const Version& found) const {
    const auto at = std::find(key.versions.rbegin(), key.versions.rend(), found);
    if (at == key.versions.rend()) {
        throw std::runtime_error(key.name + " holds what it never was given: " +
                                 found.value.value_or("nothing").substr(0, 200));
    }
    if (at == key.versions.rbegin()) return std::nullopt;
    const auto lost = std::prev(at)->executed;
    return lost == Clock::time_point::max() ? std::nullopt : std::optional(lost);
}

}  // namespace clacks::kill
