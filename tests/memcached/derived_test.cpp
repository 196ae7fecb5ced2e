// A program with a few handlers is a whole memcached.
#include "memcached/derived.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/memcached/dialogues.hpp"
#include "tests/memcached/programs.hpp"

using namespace clacks::test;
using namespace clacks::memcached;

TEST_CASE("derived: every dialogue goes as over the store, however slow the handlers are") {
    for (const bool slow : {false, true}) {
        CAPTURE(slow);
        for (const Dialogue& dialogue : all_dialogues()) {
            CAPTURE(std::string(dialogue.sentence));
            Program program(slow);
            Customer customer(program);
            const auto answer = [&](const std::string& request) { return customer.ask(request); };
            CHECK(hold(dialogue, answer) == as_text(dialogue));
            CHECK_FALSE(customer.shop.session->waits());
        }
    }
}

TEST_CASE("derived: replies come in the order of the commands, each when it is there") {
    Program program(true);
    Customer customer(program);
    program.values = {{"a", "A"}, {"b", "B"}};
    customer.ask("set a 0 0 1\r\nA\r\nset b 0 0 1\r\nB\r\n");
    std::string reply = customer.shop.ask("get a x b a\r\nmn\r\n");
    CHECK(reply.empty());
    CHECK(customer.shop.session->waits());
    const auto next = [&] {
        const unsigned answered = customer.shop.answered;
        CHECK(program.answer_one());
        CHECK(customer.shop.answered == answered + 1);
        reply.clear();
        customer.shop.feed(reply);
        return reply;
    };
    CHECK(next() == "VALUE a 0 1\r\nA\r\n");
    CHECK(next() == "VALUE b 0 1\r\nB\r\n");
    CHECK(next() == "VALUE a 0 1\r\nA\r\nEND\r\nMN\r\n");
}

TEST_CASE("derived: operations on one key wait for each other") {
    Program program(true);
    Derived derived(program.handlers(), {});
    Shop first(derived, &all_rights());
    Shop second(derived, &all_rights());
    std::string replies = first.ask("set n 0 0 1\r\n0\r\n") + second.ask("mn\r\n");
    while (program.answer_one()) first.feed(replies);
    for (int i = 0; i < 10; ++i) {
        replies += first.ask("incr n 1\r\n");
        replies += second.ask("incr n 1\r\n");
        while (program.answer_one()) {
            first.feed(replies);
            second.feed(replies);
        }
    }
    CHECK(program.values["n"] == "20");
}

TEST_CASE("derived: an item that has expired is removed once, when somebody comes by") {
    Program program;
    Customer customer(program);
    customer.ask("set a 0 10 1\r\nx\r\n");
    program.asked.clear();
    customer.shop.now += 10s;
    CHECK(customer.ask("get a\r\nget a\r\ndelete a\r\n") == "END\r\nEND\r\nNOT_FOUND\r\n");
    CHECK(program.asked == "r");
    CHECK(program.values.empty());
}

TEST_CASE("derived: handlers are not asked for keys that were never stored") {
    Program program;
    Customer customer(program);
    program.values = {{"a", "A"}};
    CHECK(customer.ask(
              "get a\r\nappend a 0 0 1\r\nx\r\nincr a 1\r\ndelete a\r\ncas a 0 0 1 1\r\nx\r\n") ==
          "END\r\nNOT_STORED\r\nNOT_FOUND\r\nNOT_FOUND\r\nNOT_FOUND\r\n");
    CHECK(program.asked.empty());
}

TEST_CASE("derived: what the handler has lost is gone") {
    Program program;
    Customer customer(program);
    customer.ask("set a 5 0 1\r\nx\r\n");
    program.values.clear();
    CHECK(customer.ask("get a\r\nadd a 0 0 1\r\ny\r\nget a\r\n") ==
          "END\r\nSTORED\r\nVALUE a 0 1\r\ny\r\nEND\r\n");
}

TEST_CASE("derived: raw, whatever the handlers find is there, with nothing beside it") {
    Program program;
    Customer customer(program, {.raw = true});
    program.values = {{"a", "5"}};
    CHECK(customer.ask("gets a\r\n") == "VALUE a 0 1 0\r\n5\r\nEND\r\n");
    CHECK(customer.ask("add a 0 0 1\r\nx\r\ncas a 7 1 1 999\r\n6\r\nget a\r\n") ==
          "NOT_STORED\r\nSTORED\r\nVALUE a 0 1\r\n6\r\nEND\r\n");
    CHECK(customer.ask("cas b 0 0 1 999\r\n6\r\nreplace b 0 0 1\r\nx\r\n") ==
          "NOT_FOUND\r\nNOT_STORED\r\n");
    CHECK(customer.ask("set c 9 -1 1\r\nx\r\nget c\r\n") ==
          "STORED\r\nVALUE c 0 1\r\nx\r\nEND\r\n");
    CHECK(customer.ask("incr a 4\r\nappend a 0 0 1\r\n0\r\ntouch a 1\r\ndelete a\r\n") ==
          "10\r\nSTORED\r\nTOUCHED\r\nDELETED\r\n");
    CHECK(customer.ask("md c I\r\nmg c\r\n") == "HD\r\nEN\r\n");
}

TEST_CASE("derived: what a set handler says has three effects") {
    Program program;
    auto handlers = program.handlers();
    handlers.set = [](Client&, std::string_view key, const NewValue&, auto then) {
        then(key == "no"      ? Verdict::reject("not now")
             : key == "never" ? Verdict::fatal("go away")
                              : Verdict::ok());
    };
    Derived derived(handlers, {});
    Shop shop(derived, &all_rights());
    CHECK(shop.ask("set yes 0 0 1\r\nx\r\nset no 0 0 1\r\nx\r\nms no 1 q\r\nx\r\n"
                   "set never 0 0 1\r\nx\r\nmn\r\n") ==
          "STORED\r\nSERVER_ERROR not now\r\nSERVER_ERROR not now\r\nSERVER_ERROR go away\r\n");
    CHECK(shop.session->ending() == Session::Ending::closed);
}

TEST_CASE("derived: without handlers nothing is there and nothing is stored") {
    Derived derived({}, {.raw = true});
    Shop shop(derived, &all_rights());
    CHECK(shop.ask("get a\r\ndelete a\r\nset a 0 0 1\r\nx\r\nincr a 1\r\nflush_all\r\n") ==
          "END\r\nNOT_FOUND\r\nSERVER_ERROR nothing is stored here\r\nNOT_FOUND\r\n"
          "SERVER_ERROR flush_all is not offered\r\n");
}

TEST_CASE("derived: each connection begins once, ends once, and has its own data") {
    std::vector<std::string> log;
    std::function<void(Verdict)> let_in;
    Handlers handlers;
    handlers.begin = [&](Client& client, auto then) {
        client.data = std::make_shared<std::string>("client " + std::to_string(log.size()));
        log.push_back("begin");
        let_in = then;
    };
    handlers.get = [](Client& client, std::string_view, auto then) {
        then(*std::static_pointer_cast<std::string>(client.data));
    };
    handlers.end = [&](Client& client) {
        log.push_back("end of " + *std::static_pointer_cast<std::string>(client.data));
    };
    Derived derived(handlers, {.raw = true});
    {
        Shop first(derived, &all_rights());
        CHECK(first.ask("get a\r\n").empty());
        CHECK(first.session->waits());
        let_in(Verdict::ok());
        CHECK(first.answered == 1);
        CHECK(first.ask("") == "VALUE a 0 8\r\nclient 0\r\nEND\r\n");
        Shop second(derived, &all_rights());
        second.ask("mn\r\n");
        let_in(Verdict::fatal("full"));
        CHECK(second.session->ending() == Session::Ending::closed);
        Shop third(derived, &all_rights());
        auto fourth = std::make_unique<Shop>(derived, &all_rights());
        fourth->ask("mn\r\n");
        fourth.reset();
        let_in(Verdict::ok());
    }
    CHECK(log == std::vector<std::string>{"begin", "begin", "begin", "end of client 2",
                                          "end of client 0"});
}

TEST_CASE("derived: a connection may end before the answer") {
    Program program(true);
    Derived derived(program.handlers(), {});
    Shop stays(derived, &all_rights());
    {
        Shop leaves(derived, &all_rights());
        leaves.ask("set a 0 0 1\r\nx\r\n");
        CHECK(leaves.session->waits());
    }
    std::string reply = stays.ask("get a\r\n");
    while (program.answer_one()) stays.feed(reply);
    CHECK(reply == "VALUE a 0 1\r\nx\r\nEND\r\n");
}
