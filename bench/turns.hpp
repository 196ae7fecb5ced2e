#pragma once

namespace clacks::bench {

// What is compared closely is loaded in turns within a round, so many times each: a shared machine
// is another one two seconds later.
constexpr unsigned turns = 8;
/// Of a turn's time, as long before it: what others have left in the caches does not count.
constexpr unsigned warm_up_share = 4;

}  // namespace clacks::bench
