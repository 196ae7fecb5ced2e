#pragma once

#include <string_view>

// What memcached says when it does not do what it was asked for.
namespace clacks::memcached::errors {

inline constexpr std::string_view unknown_command = "ERROR";
inline constexpr std::string_view bad_format = "CLIENT_ERROR bad command line format";
inline constexpr std::string_view delete_usage =
    "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]";
inline constexpr std::string_view bad_data_chunk = "CLIENT_ERROR bad data chunk";
inline constexpr std::string_view bad_exptime = "CLIENT_ERROR invalid exptime argument";
inline constexpr std::string_view bad_delta = "CLIENT_ERROR invalid numeric delta argument";
inline constexpr std::string_view non_numeric =
    "CLIENT_ERROR cannot increment or decrement non-numeric value";
inline constexpr std::string_view too_large = "SERVER_ERROR object too large for cache";
inline constexpr std::string_view out_of_memory = "SERVER_ERROR out of memory storing object";

inline constexpr std::string_view duplicate_flag = "CLIENT_ERROR duplicate flag";
inline constexpr std::string_view invalid_flag = "CLIENT_ERROR invalid flag";
inline constexpr std::string_view invalid_or_duplicate_flag =
    "CLIENT_ERROR invalid or duplicate flag";
inline constexpr std::string_view too_many_flags = "CLIENT_ERROR options flags are too long";
inline constexpr std::string_view bad_token = "CLIENT_ERROR bad token in command line format";
inline constexpr std::string_view bad_base64 = "CLIENT_ERROR error decoding key";
inline constexpr std::string_view opaque_too_long = "CLIENT_ERROR opaque token too long";
inline constexpr std::string_view bad_set_mode = "CLIENT_ERROR invalid mode for ms M token";
inline constexpr std::string_view bad_arithmetic_mode = "CLIENT_ERROR invalid mode for ma M token";

inline constexpr std::string_view flush_disabled = "CLIENT_ERROR flush_all not allowed";
inline constexpr std::string_view shutdown_disabled = "SERVER_ERROR: shutdown not enabled";
inline constexpr std::string_view bad_shutdown_mode = "CLIENT_ERROR invalid shutdown mode";
inline constexpr std::string_view watch_disabled = "CLIENT_ERROR watch commands not allowed";
inline constexpr std::string_view dump_disabled = "ERROR metadump not allowed";
inline constexpr std::string_view key_dump_disabled = "ERROR key dump not allowed";
inline constexpr std::string_view cachedump_disabled = "CLIENT_ERROR stats cachedump not allowed";
inline constexpr std::string_view detail_disabled = "CLIENT_ERROR stats detail not allowed";
inline constexpr std::string_view memory_limit_too_small =
    "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m";
inline constexpr std::string_view memory_limit_fixed =
    "MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust";

inline constexpr std::string_view unauthenticated = "CLIENT_ERROR unauthenticated";
inline constexpr std::string_view authentication_failure = "CLIENT_ERROR authentication failure";
inline constexpr std::string_view bad_authentication_token =
    "CLIENT_ERROR bad authentication token format";
inline constexpr std::string_view bad_authentication_end =
    "CLIENT_ERROR bad command line termination";
inline constexpr std::string_view authentication_too_long = "CLIENT_ERROR auth token too long";
/// Ours: memcached lets everybody guess.
inline constexpr std::string_view authentication_delayed =
    "SERVER_ERROR too many failed logins from this address, try again later";
/// Ours: memcached's users may do everything.
inline constexpr std::string_view denied = "CLIENT_ERROR permission denied";

}  // namespace clacks::memcached::errors
