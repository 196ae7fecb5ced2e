#include "server/log.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace clacks::server;
using Level = clacks::node::Log::Level;

namespace {

std::vector<std::string> lines(const std::ostringstream& out) {
    std::vector<std::string> lines;
    std::istringstream in(out.str());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace

TEST_CASE("log: a line begins with the time in UTC and the level") {
    std::ostringstream out;
    LineLog log({}, out);
    log.info("ready", {{"listen", "tls://127.0.0.1:49888"}, {"name", "master"}});
    const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z )"
                          R"(info ready listen=tls://127\.0\.0\.1:49888 name=master\n)");
    CAPTURE(out.str());
    CHECK(std::regex_match(out.str(), form));
}

TEST_CASE("log: in JSON a line is an object") {
    std::ostringstream out;
    LineLog log({Level::info, LogFormat::json}, out);
    log.warning("slow_consumer", {{"peer", "a \"b\" {}%v"}});
    const std::regex form(R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"warning",)"
                          R"("event":"slow_consumer","peer":"a \\"b\\" \{\}%v"\}\n)");
    CAPTURE(out.str());
    CHECK(std::regex_match(out.str(), form));
}

TEST_CASE("log: what is below the level is dropped, and the level may change") {
    std::ostringstream out;
    LineLog log({Level::warning, LogFormat::text}, out);
    const auto all = [&] {
        log.debug("one");
        log.info("two");
        log.warning("three");
        log.error("four");
    };
    const auto words = [&] {
        std::string result;
        for (const std::string& line : lines(out)) result += line.substr(line.find(' '));
        out.str("");
        return result;
    };
    all();
    CHECK(words() == " warning three error four");
    log.set_level(Level::debug);
    all();
    CHECK(words() == " debug one info two warning three error four");
    log.set_level(Level::error);
    all();
    CHECK(words() == " error four");
}

TEST_CASE("log: lines of several threads do not mix") {
    std::ostringstream out;
    LineLog log({}, out);
    std::vector<std::thread> threads;
    for (char c = 'a'; c < 'e'; ++c) {
        threads.emplace_back([&log, text = std::string(150, c)] {
            for (int i = 0; i < 200; ++i) log.info("event", {{"text", text}});
        });
    }
    for (std::thread& thread : threads) thread.join();
    const auto all = lines(out);
    CHECK(all.size() == 800);
    const std::regex form(R"(\S+Z info event text=(a{150}|b{150}|c{150}|d{150}))");
    for (const std::string& line : all) CHECK(std::regex_match(line, form));
}
