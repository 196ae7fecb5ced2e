#include "memcached/marks.hpp"

namespace clacks::memcached {

Mark Marks::find_in_table(std::string_view name, WallTime version) const {
    const auto found = marks_.find(name);
    if (found == marks_.end() || found->second.version != version) return {.version = version};
    return found->second;
}

void Marks::set(std::string_view name, const Mark& mark) {
    if (marks_.empty() && !mark.is_any()) return;
    const auto found = marks_.find(name);
    if (!mark.is_any()) {
        if (found != marks_.end()) marks_.erase(found);
        return;
    }
    if (found != marks_.end()) {
        found->second = mark;
        return;
    }
    if (marks_.size() >= most_) marks_.erase(marks_.begin());
    marks_.emplace(name, mark);
}

}  // namespace clacks::memcached
