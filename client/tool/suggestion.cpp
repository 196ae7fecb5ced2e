#include "client/tool/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace clacks::tool {
namespace {

/// How many letters have to be added, left out or changed (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
        }
    }
    return row.back();
}

/// What other stores and brokers call the same.
constexpr std::pair<std::string_view, std::string_view> other_words[] = {
    {"get", "retrieve"}, {"put", "store"},      {"del", "remove"},       {"delete", "remove"},
    {"rm", "remove"},    {"publish", "notify"}, {"subscribe", "listen"},
};

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string> words) {
    for (const auto& [other, ours] : other_words)
        if (other == word && std::find(words.begin(), words.end(), ours) != words.end())
            return std::string(ours);
    constexpr std::size_t slips = 2;
    std::string best;
    std::size_t least = std::min(slips + 1, word.size());
    for (const std::string& each : words) {
        const bool begun = word.size() > 2 && each.starts_with(word);
        const std::size_t away = begun ? 0 : distance(word, each);
        if (away >= least) continue;
        least = away;
        best = each;
    }
    return best;
}

}  // namespace clacks::tool
