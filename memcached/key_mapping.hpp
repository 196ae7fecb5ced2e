#pragma once

#include <array>
#include <string>
#include <string_view>

#include "memcached/command.hpp"

// Names of entries and keys of memcached are not quite the same set: no name holds a space, an "=",
// CR or LF, which would end it in a line of the Clacks protocol; a key that came as Base64 may.
//
// Such a byte stands in a name as % and its two hexadecimal digits: "%20", "%3D", "%0D", "%0A". A
// key that holds such a text itself has "25" put behind its %: the key "%20" is the name "%2520",
// the key "%2520" is "%252520". All else is the same in both, single % included, so names and keys
// are a bijection, and nearly all of them are equal.
//
// Not reached by memcached's clients: names that are longer than 250 bytes as keys.
namespace clacks::memcached {

/// The name of the entry for a key of 1 to 250 bytes. `key` itself if they are equal, otherwise
/// made within this, which must stay.
class MappedKey {
public:
    explicit MappedKey(std::string_view key);
    MappedKey(const MappedKey&) = delete;
    MappedKey& operator=(const MappedKey&) = delete;

    operator std::string_view() const { return name_; }  // NOLINT(google-explicit-constructor)

private:
    std::string made_;
    std::string_view name_;
};

/// The key of a name: the inverse.
std::string key_of_name(std::string_view name);

}  // namespace clacks::memcached
