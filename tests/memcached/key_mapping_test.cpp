#include "memcached/key_mapping.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>

using namespace clacks::memcached;

namespace {

std::string name_of(std::string_view key) { return std::string(MappedKey(key)); }

bool is_name(std::string_view text) { return text.find_first_of(" =\r\n") == text.npos; }

}  // namespace

TEST_CASE("key mapping: ordinary keys are names as they are, and cost nothing") {
    for (const std::string_view key :
         {"a", "user:17", "sensors::a::b", "100%", "%2F", "%41", "%25", "%2541", "%", "%%",
          "k\xc3\xb6ln", "\x01\x7f", "App\\Models\\User"}) {
        CAPTURE(std::string(key));
        const MappedKey mapped(key);
        const std::string_view name = mapped;
        CHECK(name == key);
        CHECK(key_of_name(name) == key);
    }
    const std::string key = "user:17";
    CHECK(std::string_view(MappedKey(key)).data() == key.data());
}

TEST_CASE("key mapping: what no name holds is written in hexadecimal") {
    CHECK(name_of("a b") == "a%20b");
    CHECK(name_of("a=b") == "a%3Db");
    CHECK(name_of("\r\n") == "%0D%0A");
    CHECK(name_of("%20") == "%2520");
    CHECK(name_of("%2520") == "%252520");
    CHECK(name_of("%25 ") == "%25%20");
    CHECK(name_of("%%20") == "%%2520");
}

TEST_CASE("key mapping: keys and names are a bijection") {
    const std::string_view pieces[] = {"%", "2", "5", "25", "20", "3D", "0",
                                       "D", "A", " ", "=",  "\r", "\n", "a"};
    std::mt19937 random(7);
    std::set<std::string> keys;
    std::set<std::string> names;
    for (int round = 0; round < 50'000; ++round) {
        std::string text;
        for (unsigned i = 0; i < 1 + random() % 6; ++i)
            text += pieces[random() % std::size(pieces)];
        CAPTURE(text);
        const std::string name = name_of(text);
        CHECK(is_name(name));
        CHECK(key_of_name(name) == text);
        keys.insert(text);
        names.insert(name);
        if (is_name(text)) CHECK(name_of(key_of_name(text)) == text);
    }
    CHECK(keys.size() == names.size());
}
