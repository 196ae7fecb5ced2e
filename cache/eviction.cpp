#include "cache/eviction.hpp"

#include <utility>

namespace clacks::cache {
namespace {

/// Of the living entries' bytes: a tenth. Less, and what is new has no time to be used; more, and
/// it takes the place of what is known to be.
bool is_above_share(std::size_t probation_bytes, std::size_t main_bytes) {
    return probation_bytes > main_bytes / 9;
}

Record& record_of(ChangeNode& node) { return static_cast<Record&>(node); }

bool is_dead(const Record& record, const Eviction::Moment& at) {
    return record.changed <= at.cleared || record.expires() <= at.now;
}

/// Puts a hand where it will go on: before `place`.
void move(ChangeNode& hand, ChangeNode& place) {
    if (&hand == &place) return;
    ChangeList::remove(hand);
    ChangeList::insert(hand, place);
}

}  // namespace

Eviction::Eviction(ChangeList& changes) : changes_(changes) {
    changes_.append(main_hand_);
    changes_.append(dead_hand_);
    changes_.append(probation_hand_);
}

Record* Eviction::choose(const Moment& at, bool use_counts, unsigned& steps) {
    if (!is_above_share(probation_bytes_, main_bytes_)) {
        if (Record* const found = choose_in_main(at, use_counts, steps)) return found;
    }
    return probation_bytes_ > 0 ? choose_on_probation(at, use_counts, steps) : nullptr;
}

Record* Eviction::choose_on_probation(const Moment& at, bool use_counts, unsigned& steps) {
    ChangeNode* next = probation_hand_.behind;
    Record* found = nullptr;
    for (; next != changes_.end() && steps > 0; next = next->behind, --steps) {
        if (next->is_mark()) continue;
        Record& record = record_of(*next);
        if (record.deleted() || record.in_main()) continue;
        if (is_dead(record, at) || !use_counts || record.uses() == 0) {
            found = &record;
            break;
        }
        promote(record);
    }
    move(probation_hand_, *next);
    if (found && !is_dead(*found, at)) ghosts_.put(found->hash());
    return found;
}

void Eviction::promote(Record& record) {
    uncount(record);
    record.enter(true);
    count(record);
}

// Around the main part, again and again, as long as there is something in it.
Record* Eviction::choose_in_main(const Moment& at, bool use_counts, unsigned& steps) {
    ChangeNode* next = main_hand_.behind;
    for (bool anything = true; steps > 0;) {
        if (next == &probation_hand_) {
            ChangeNode* const beyond = next->behind;
            if (pass_main(steps)) {
                next = beyond;
            } else if (std::exchange(anything, false)) {
                next = changes_.first();
            } else {
                break;
            }
            continue;
        }
        --steps;
        if (!next->is_mark() && !record_of(*next).deleted()) {
            Record& record = record_of(*next);
            anything = true;
            if (is_dead(record, at) || !use_counts || record.uses() == 0) {
                move(main_hand_, *next);
                return &record;
            }
            record.unuse();
        }
        next = next->behind;
    }
    move(main_hand_, *next);
    return nullptr;
}

// What was written again, or came back, stands among what is on probation. Where it comes first the
// probation hand makes way for the main hand.
bool Eviction::pass_main(unsigned& steps) {
    ChangeNode* next = probation_hand_.behind;
    for (; next != changes_.end() && steps > 0; next = next->behind, --steps) {
        const bool on_probation =
            !next->is_mark() && !record_of(*next).deleted() && !record_of(*next).in_main();
        if (on_probation) break;
    }
    if (next == probation_hand_.behind) return false;
    move(probation_hand_, *next);
    return true;
}

Record* Eviction::choose_dead(const Moment& at, bool tombstones, unsigned& steps) {
    ChangeNode* next = dead_hand_.behind;
    for (; steps > 0; next = next->behind, --steps) {
        if (next == changes_.end()) next = changes_.first();
        if (next->is_mark()) continue;
        Record& record = record_of(*next);
        const bool wanted =
            record.deleted() ? tombstones || record.changed <= at.cleared : is_dead(record, at);
        if (!wanted) continue;
        move(dead_hand_, *next);
        return &record;
    }
    move(dead_hand_, *next);
    return nullptr;
}

}  // namespace clacks::cache
