#pragma once

#include <limits>

#include "cache/entry.hpp"

namespace clacks::cache {

/// A place in a ChangeList: an entry's, or a cursor's mark between entries. (Not Boost.Intrusive's:
/// its hooks have a destructor, and records are freed as plain bytes.)
struct ChangeNode {
    static constexpr Sequence mark = std::numeric_limits<Sequence>::max();

    ChangeNode* before = nullptr;
    ChangeNode* behind = nullptr;
    Sequence sequence = mark;  ///< of the last change; `mark` where no entry is

    bool is_mark() const { return sequence == mark; }
};

/// The entries of one shard in the order of their last changes, the latest at the end. Owns
/// nothing.
class ChangeList {
public:
    ChangeList() { ends_.before = ends_.behind = &ends_; }
    ChangeList(const ChangeList&) = delete;
    ChangeList& operator=(const ChangeList&) = delete;

    ChangeNode* first() { return ends_.behind; }
    ChangeNode* last() { return ends_.before; }
    /// What stands before the first and behind the last.
    ChangeNode* end() { return &ends_; }

    void append(ChangeNode& node) { insert(node, ends_); }

    /// Puts `node` before `place`, which may be end().
    static void insert(ChangeNode& node, ChangeNode& place) {
        node.before = place.before;
        node.behind = &place;
        node.before->behind = &node;
        place.before = &node;
    }

    static void remove(ChangeNode& node) {
        node.before->behind = node.behind;
        node.behind->before = node.before;
        node.before = node.behind = nullptr;
    }

    /// Puts all in the order of their sequences, and marks before all of them.
    void sort();

    /// Puts `fresh` where `old` is.
    static void replace(ChangeNode& old, ChangeNode& fresh) {
        fresh.sequence = old.sequence;
        insert(fresh, old);
        remove(old);
    }

private:
    ChangeNode ends_;
};

}  // namespace clacks::cache
