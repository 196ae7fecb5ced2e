#include "protocol/verb.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace clacks::protocol;

namespace {

std::vector<const VerbInfo*> all_verbs() {
    std::vector<const VerbInfo*> all;
    for (int i = 0; i <= static_cast<int>(Verb::saving); ++i) {
        all.push_back(&info(static_cast<Verb>(i)));
    }
    return all;
}

/// The words of the verbs for which `condition` holds, in table order, a blank before each.
template <class Condition>
std::string words(Condition condition) {
    std::string list;
    for (const VerbInfo* verb : all_verbs()) {
        if (condition(*verb)) list.append(" ").append(verb->word);
    }
    return list;
}

std::string words_that_need(Permission permission) {
    return words(
        [&](const VerbInfo& verb) { return verb.to_node && verb.permission == permission; });
}

}  // namespace

TEST_CASE("verb: every word finds its own row") {
    for (const VerbInfo* verb : all_verbs()) {
        CAPTURE(verb->word);
        CHECK(find_verb(verb->word) == verb);
        CHECK(&info(verb->verb) == verb);
    }
}

TEST_CASE("verb: a word is matched whole and in capitals") {
    for (const VerbInfo* verb : all_verbs()) {
        const std::string word(verb->word);
        for (std::size_t i = 0; i < word.size(); ++i) {
            std::string other = word;
            other[i] = static_cast<char>(other[i] + 0x20);
            CAPTURE(other);
            CHECK(find_verb(other) == nullptr);
            other[i] = '\0';
            CHECK(find_verb(other) == nullptr);
        }
        CHECK(find_verb(word + "X") == nullptr);
        CHECK(find_verb("X" + word) == nullptr);
        CHECK(find_verb(word + word) == nullptr);
    }
}

TEST_CASE("verb: no prefix of a word is a verb unless it is one itself") {
    const std::string known = words([](const VerbInfo&) { return true; }) + " ";
    for (const VerbInfo* verb : all_verbs()) {
        for (std::size_t length = 0; length < verb->word.size(); ++length) {
            const std::string_view prefix = verb->word.substr(0, length);
            CAPTURE(prefix);
            const bool is_verb =
                length > 0 && known.find(" " + std::string(prefix) + " ") != std::string::npos;
            CHECK((find_verb(prefix) != nullptr) == is_verb);
        }
    }
}

TEST_CASE("verb: what a user must be allowed to do") {
    CHECK(words_that_need(Permission::read) ==
          " TTL EXISTS STATUS LISTEN UNLISTEN RETRIEVE KEYLIST LISTENANDRETRIEVE RETRIEVEVERSION"
          " RETRIEVEMANY FLAGS");
    CHECK(words_that_need(Permission::write) ==
          " NOTIFY SET SETANDSTORE STORE REMOVE INCREMENT DECREMENT STOREFOR EXPIRE STOREIF"
          " REMOVEIF INCREMENTANDRETRIEVE DECREMENTANDRETRIEVE");
    CHECK(words_that_need(Permission::manage) ==
          " CLEARCACHE TREE MONITOR UNMONITOR CLIENTLIST CLIENTDISCONNECT SAVE");
    CHECK(words_that_need(Permission::interclacks) == " KEYSYNC NODE");
    CHECK(words_that_need(Permission::none) ==
          " CLACKS OVERHEAD PING NOPING NOP TIMEOUT QUIT FEATURES FLUSH GAPS");
}

TEST_CASE("verb: what is only ever an answer") {
    CHECK(words([](const VerbInfo& verb) { return !verb.to_node; }) ==
          " RETRIEVED NOTRETRIEVED KEYLISTSTART KEY KEYLISTEND FLUSHED DEBUG CLIENTLISTSTART"
          " CLIENT CLIENTLISTEND STORED NOTSTORED REMOVED NOTREMOVED RETRIEVEDVERSION STATUSSTART"
          " STATUSEND TREESTART TREEEND GAP SAVING");
}
