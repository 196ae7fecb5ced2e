#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config_document.hpp"
#include "server/units.hpp"

namespace clacks::server {

/// A map with known keys. Made from a value, it reports keys that are unknown or stand there
/// twice. Each reading function leaves its target, which holds the default, alone when the key is
/// absent, and reports what does not fit.
class Section {
public:
    /// `name` is what the keys' names begin with in messages; empty at the top.
    Section(Document& document, const Value& map, std::initializer_list<std::string_view> keys);

    bool has(std::string_view key) const { return find(key) != nullptr; }
    /// The line of `key`, or of the section.
    int line(std::string_view key) const;
    /// The value of `key`; null if absent.
    Value value(std::string_view key) const;
    /// The members of the list at `key`; a value that is no list is a list of one.
    std::vector<Value> items(std::string_view key) const;

    /// Text, not empty, without control characters: it goes into protocol and log lines.
    void name(std::string_view key, std::string& target);
    /// Never repeated in a message.
    enum class PasswordUse {
        log_in,  ///< we log in with it somewhere: plain text
        check,   ///< others log in here with it: plain text or a hash (client/password.hpp)
    };
    void password(std::string_view key, std::string& target, PasswordUse use);
    /// A file, made absolute.
    void file(std::string_view key, std::string& target);
    /// From a millisecond to ten years: longer than any process runs, and clear of every overflow
    /// in sums of times.
    void duration(std::string_view key, milliseconds& target);
    void duration(std::string_view key, microseconds& target, microseconds min, microseconds max);
    void size(std::string_view key, std::size_t& target, std::size_t min, std::size_t max);

    template <std::unsigned_integral Number>
    void count(std::string_view key, Number& target, Number min, Number max) {
        if (const auto number = read_count(key, min, max)) target = static_cast<Number>(*number);
    }

    template <class Enum>
    void choice(std::string_view key, Enum& target,
                std::initializer_list<std::pair<std::string_view, Enum>> choices) {
        std::vector<std::string_view> words;
        for (const auto& [word, meaning] : choices) words.push_back(word);
        const auto index = read_choice(key, words);
        if (index) target = (choices.begin() + *index)->second;
    }

private:
    const Value* find(std::string_view key) const;
    std::string full_name(std::string_view key) const;
    void take(const YAML::Node& key, const YAML::Node& node,
              std::initializer_list<std::string_view> allowed);
    std::optional<std::string> read_text(std::string_view key);
    std::optional<std::uint64_t> read_count(std::string_view key, std::uint64_t min,
                                            std::uint64_t max);
    std::optional<std::ptrdiff_t> read_choice(std::string_view key,
                                              const std::vector<std::string_view>& words);
    void complain(std::string_view key, const std::string& what);

    Document& document_;
    std::string name_;
    int line_;
    std::map<std::string, Value, std::less<>> values_;
};

}  // namespace clacks::server
