#include "cache/change_list.hpp"

#include <algorithm>
#include <vector>

namespace clacks::cache {

void ChangeList::sort() {
    std::vector<ChangeNode*> nodes;
    std::vector<ChangeNode*> marks;
    for (ChangeNode* node = first(); node != end(); node = node->behind) {
        (node->is_mark() ? marks : nodes).push_back(node);
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const ChangeNode* a, const ChangeNode* b) { return a->sequence < b->sequence; });
    ends_.before = ends_.behind = &ends_;
    for (ChangeNode* mark : marks) append(*mark);
    for (ChangeNode* node : nodes) append(*node);
}

}  // namespace clacks::cache
