#pragma once

#include <span>
#include <vector>

#include "tests/memcached/dialogue.hpp"

namespace clacks::test {

/// What every implementation must answer, each from an empty store.
std::span<const Dialogue> classic_dialogues();
std::span<const Dialogue> meta_dialogues();
std::span<const Dialogue> error_dialogues();
std::vector<Dialogue> all_dialogues();

}  // namespace clacks::test
