#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

// A request of memcached's protocol. Views point into the line it was parsed from.
namespace clacks::memcached {

enum class Verb : std::uint8_t {
    get,
    gets,
    gat,
    gats,
    set,
    add,
    replace,
    append,
    prepend,
    cas,
    touch,
    incr,
    decr,
    remove,  ///< delete
    flush_all,
    version,
    verbosity,
    stats,
    quit,
    shutdown,
    memory_limit,  ///< cache_memlimit
    watch,
    crawl,  ///< lru_crawler
    meta_get,
    meta_set,
    meta_delete,
    meta_arithmetic,
    meta_noop,
    meta_debug,
};

constexpr bool is_meta(Verb verb) { return verb >= Verb::meta_get; }

/// The longest key, as it is written in the line.
inline constexpr std::size_t longest_key = 250;

/// Where a key that came as Base64 is decoded to.
using KeyBuffer = std::array<char, longest_key>;

/// The flags of a meta command. Those that only ask for something in the reply are looked up in
/// `text` when it is made, because they are answered in the order of the request.
struct MetaFlags {
    std::string_view text{};                 ///< all of them
    bool base64_key = false;                 ///< b
    bool value = false;                      ///< v
    bool quiet = false;                      ///< q
    bool no_bump = false;                    ///< u
    bool invalidate = false;                 ///< I
    bool remove_value = false;               ///< x
    bool ttl_after_vivify = false;           ///< T behind N: it holds for what is made, too
    char mode = 0;                           ///< M
    std::uint32_t client_flags = 0;          ///< F
    std::optional<std::int64_t> vivify{};    ///< N
    std::optional<std::int64_t> ttl{};       ///< T
    std::optional<std::int64_t> recache{};   ///< R
    std::optional<std::uint64_t> compare{};  ///< C
    std::optional<std::uint64_t> new_cas{};  ///< E
    std::uint64_t initial = 0;               ///< J
    std::uint64_t delta = 1;                 ///< D
};

struct Command {
    Verb verb = Verb::version;
    bool noreply = false;
    std::string_view key{};        ///< of get and its like the first one; what Base64 said
    std::string_view key_text{};   ///< of a meta command: as it stands in the line
    std::string_view arguments{};  ///< further keys; what follows stats, shutdown and so on
    std::int64_t exptime = 0;      ///< see expires_at()
    std::uint32_t client_flags = 0;
    std::uint64_t number = 0;  ///< cas unique, delta, memory limit
    std::uint32_t value_bytes = 0;
    bool has_value = false;  ///< a value of `value_bytes` and CR LF follow the line
    MetaFlags meta{};
};

}  // namespace clacks::memcached
