#include <doctest/doctest.h>

#include <string>

#include "tests/memcached/dialogues.hpp"
#include "tests/memcached/shop.hpp"

using namespace clacks::test;

TEST_CASE("memcached: every dialogue goes as it is written") {
    for (const Dialogue& dialogue : all_dialogues()) {
        CAPTURE(std::string(dialogue.sentence));
        Shop shop;
        CHECK(hold(dialogue, [&](const std::string& request) { return shop.ask(request); }) ==
              as_text(dialogue));
        CHECK(shop.input.empty());
    }
}

TEST_CASE("memcached: in pieces of any size every dialogue goes the same") {
    for (const Dialogue& dialogue : all_dialogues()) {
        CAPTURE(std::string(dialogue.sentence));
        for (const std::size_t size : {1, 2, 3, 7, 64}) {
            CAPTURE(size);
            Shop shop;
            const auto ask = [&](const std::string& request) {
                return shop.ask_in_pieces(request, size);
            };
            CHECK(hold(dialogue, ask) == as_text(dialogue));
            CHECK(shop.input.empty());
        }
    }
}

TEST_CASE("memcached: with room for hardly any output every dialogue goes the same") {
    for (const Dialogue& dialogue : all_dialogues()) {
        CAPTURE(std::string(dialogue.sentence));
        Shop shop;
        shop.settings.output_bytes = 1;
        const auto ask = [&](const std::string& request) {
            std::string reply = shop.ask(request);
            for (std::string more = " "; !more.empty(); reply += more) {
                more.clear();
                shop.feed(more);
            }
            return reply;
        };
        CHECK(hold(dialogue, ask) == as_text(dialogue));
    }
}
