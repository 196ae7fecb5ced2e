#include "tests/memcached/dialogues.hpp"

namespace clacks::test {

std::vector<Dialogue> all_dialogues() {
    std::vector<Dialogue> all;
    for (const auto& some : {classic_dialogues(), meta_dialogues(), error_dialogues()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

}  // namespace clacks::test
