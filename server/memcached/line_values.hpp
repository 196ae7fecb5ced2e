#pragma once

#include "memcached/cache_operations.hpp"

namespace clacks::server {

/// The values of memcached's clients as all others find them: what a line cannot hold is encoded
/// as a client of the Clacks protocol does it. Source: protocol.txt, "Values".
class LineValues final : public memcached::ValueForm {
public:
    std::string_view stored(std::string_view value, std::string& made) const override;
    std::string_view given(std::string_view stored, std::string& made) const override;
};

}  // namespace clacks::server
