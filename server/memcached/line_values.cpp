#include "server/memcached/line_values.hpp"

#include "protocol/value_encoding.hpp"

namespace clacks::server {
namespace {

/// How all that is encoded begins, and nearly nothing else.
constexpr std::string_view mark = "PAGECAMELCLACKS";

}  // namespace

std::string_view LineValues::stored(std::string_view value, std::string& made) const {
    if (protocol::fits_line(value) && !value.starts_with(mark)) return value;
    return made = protocol::encode_value(value);
}

std::string_view LineValues::given(std::string_view stored, std::string& made) const {
    if (!stored.starts_with(mark)) return stored;
    return made = protocol::decode_value(stored);
}

}  // namespace clacks::server
