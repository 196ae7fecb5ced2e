#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/error.hpp"
#include "protocol/time.hpp"
#include "protocol/verb.hpp"

// Lines <-> typed commands. Knows no socket, cache or clock.
namespace clacks::protocol {

/// The letters behind OVERHEAD, as a set. Letters without a meaning are in no set; Z, "none of
/// these", is how the empty set is written. What each means is said in protocol.txt, "OVERHEAD".
class Flags {
public:
    /// Every letter with a meaning, in the order they are written.
    static constexpr std::string_view known = "ACDEFGILMNOSTU";

    constexpr Flags() = default;
    /// Takes the known letters of `letters`; everything else is ignored.
    constexpr explicit Flags(std::string_view letters) {
        for (char c : letters) add(c);
    }
    constexpr bool has(char letter) const { return (bits_ & bit(letter)) != 0; }
    constexpr void add(char letter) { bits_ |= bit(letter) & known_bits(); }
    constexpr void drop(char letter) { bits_ &= ~bit(letter); }
    constexpr bool empty() const { return bits_ == 0; }
    /// The letters in alphabetical order; "Z" for the empty set.
    std::string letters() const;
    constexpr bool operator==(const Flags&) const = default;

private:
    static constexpr std::uint32_t bit(char c) {
        return c >= 'A' && c <= 'Z' ? std::uint32_t{1} << (c - 'A') : 0;
    }
    static constexpr std::uint32_t known_bits() {
        std::uint32_t bits = 0;
        for (char c : known) bits |= bit(c);
        return bits;
    }
    std::uint32_t bits_ = 0;
};

/// One command. The views point into the line it was parsed from and live as long as that.
struct Command {
    Verb verb{};
    /// Name, key or client id; with DEBUG what stands before the first '='.
    std::string_view name{};
    /// Value, step (empty: none given), the text of OVERHEAD, CLACKS, FLUSH, FLUSHED, CLIENT.
    std::string_view value{};
    Flags flags{};        ///< OVERHEAD
    WallTime changed{};   ///< KEYSYNC, the sender's clock
    WallTime accessed{};  ///< KEYSYNC, the sender's clock; 1970 for deleted entries
    /// The word before the name: STOREFOR's seconds, STOREIF's condition, a version. With KEYSYNC
    /// exactly "D": deleted, anything else: update.
    std::string_view mode{};
    bool operator==(const Command&) const = default;
};

/// Parses one line, without its line end. Allocates nothing. Errors are ParseError.
/// Which words there are, and what must follow them, is the table in verb.cpp.
boost::system::result<Command> parse(std::string_view line);

/// Appends the line of `command`, CR LF included: the inverse of parse.
/// parse(format(c)) == c for every c that parse can give. The fields are taken as they are: they
/// must hold no line end, and names and modes no space.
void format(const Command& command, std::string& out);

}  // namespace clacks::protocol
