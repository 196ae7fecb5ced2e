#include "memcached/key_mapping.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace clacks::memcached {
namespace {

struct Escape {
    char byte;
    std::string_view digits;
};
constexpr std::array escapes{Escape{' ', "20"}, Escape{'=', "3D"}, Escape{'\r', "0D"},
                             Escape{'\n', "0A"}};
constexpr std::string_view more = "25";

constexpr std::array<bool, 256> make_special() {
    std::array<bool, 256> special{};
    special[static_cast<unsigned char>('%')] = true;
    for (const Escape& escape : escapes) special[static_cast<unsigned char>(escape.byte)] = true;
    return special;
}
constexpr auto special = make_special();

const Escape* find_escape(char byte) {
    const auto found = std::find_if(escapes.begin(), escapes.end(),
                                    [&](const Escape& escape) { return escape.byte == byte; });
    return found == escapes.end() ? nullptr : &*found;
}

/// What an escape that begins at the front of `text` stands for, and how long it is with all its
/// "25"; or nothing.
struct Found {
    const Escape* escape = nullptr;
    std::size_t size = 0;
};
Found parse_escape(std::string_view text) {
    if (!text.starts_with('%')) return {};
    std::size_t at = 1;
    while (text.substr(at).starts_with(more)) at += more.size();
    for (const Escape& escape : escapes) {
        if (text.substr(at).starts_with(escape.digits)) {
            return {&escape, at + escape.digits.size()};
        }
    }
    return {};
}

}  // namespace

MappedKey::MappedKey(std::string_view key) : name_(key) {
    bool is_special = false;  // of nearly none it is: to look at all of it takes half the time
    for (const char c : key) is_special |= special[static_cast<unsigned char>(c)];
    if (!is_special) return;
    for (std::size_t at = 0; at < key.size();) {
        if (const Escape* const escape = find_escape(key[at])) {
            made_.append("%").append(escape->digits);
            ++at;
        } else if (const Found found = parse_escape(key.substr(at)); found.escape) {
            made_.append("%").append(more).append(key.substr(at + 1, found.size - 1));
            at += found.size;
        } else {
            made_ += key[at++];
        }
    }
    name_ = made_;
}

std::string key_of_name(std::string_view name) {
    std::string key;
    for (std::size_t at = 0; at < name.size();) {
        const Found found = parse_escape(name.substr(at));
        if (!found.escape) {
            key += name[at++];
        } else if (found.size == 1 + found.escape->digits.size()) {
            key += found.escape->byte;
            at += found.size;
        } else {
            key.append("%").append(name.substr(at + 1 + more.size(), found.size - 1 - more.size()));
            at += found.size;
        }
    }
    return key;
}

}  // namespace clacks::memcached
