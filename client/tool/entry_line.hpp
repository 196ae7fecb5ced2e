#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/time.hpp"

// The format of `export` and `import`: an entry is a JSON object on a line of its own.
//
//     {"key":"a::b","value":"21.5"}
//     {"key":"token","value_base64":"/wD+","expires":"2026-11-20T18:22:03.123456Z"}
//     {"key_base64":"/w==","yaml":"---\nx: 1\n"}
//
// What is not UTF-8 stands in key_base64, value_base64, yaml_base64. `yaml` is a data structure, as
// Perl's cache client stores it. No `expires`: never. `flags`, a number in text, is what a client
// of memcached has stored with the value; none: 0.
namespace clacks::tool {

/// An entry of a store, as it is carried from one node to another.
struct CarriedEntry {
    std::string key;
    std::string value;  ///< as it stands on the protocol's line
    std::optional<WallTime> expires = {};
    std::uint32_t flags = 0;  ///< what memcached's clients keep with it
    bool operator==(const CarriedEntry&) const = default;
};

/// Without the line end.
std::string format_entry(const CarriedEntry& entry);

/// Why a line is no entry.
struct Malformed {
    std::string why;
};

boost::system::result<CarriedEntry, Malformed> parse_entry(std::string_view line);

}  // namespace clacks::tool
