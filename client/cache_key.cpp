#include "clacks/cache_key.hpp"

#include "protocol/value_encoding.hpp"

namespace clacks {

std::string cache_key(std::string_view key) { return protocol::encode_key(key); }

}  // namespace clacks
