#include "clacks/detail/key_walk.hpp"

#include <algorithm>

#include "protocol/name_pattern.hpp"

namespace clacks::detail {

void sort_keys(std::vector<std::string>& keys) { std::sort(keys.begin(), keys.end()); }

// The pattern was checked when it was asked for in a page.
void keep_matching(std::vector<std::string>& keys, const std::string& pattern) {
    const auto wanted = protocol::NamePattern::make(pattern);
    std::erase_if(keys, [&](const std::string& key) { return !wanted || !wanted->matches(key); });
    sort_keys(keys);
}

}  // namespace clacks::detail
