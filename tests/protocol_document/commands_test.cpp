// The tables "Commands" and "Limits" of protocol.txt beside the code they are about.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>

#include "protocol/verb.hpp"
#include "server/node/close_reason.hpp"
#include "server/node/settings.hpp"
#include "tests/node/test_node.hpp"
#include "tests/protocol_document/document.hpp"

using namespace clacks::protocol_document;
using clacks::protocol::Arguments;
using clacks::protocol::Permission;
using clacks::protocol::Verb;
using clacks::protocol::VerbInfo;

namespace {

std::vector<VerbInfo> verbs(bool to_node) {
    std::vector<VerbInfo> result;
    for (int i = 0; i <= static_cast<int>(Verb::saving); ++i) {
        const VerbInfo& verb = clacks::protocol::info(static_cast<Verb>(i));
        if (verb.to_node == to_node) result.push_back(verb);
    }
    return result;
}

std::string arguments(const VerbInfo& verb) {
    switch (verb.arguments) {
        case Arguments::none:
            return "none";
        case Arguments::name:
            return "name";
        case Arguments::names:
            return "names";
        case Arguments::key:
            return "key";
        case Arguments::text:
            return "text";
        case Arguments::maybe_text:
            return "[text]";
        case Arguments::word_name:
            return "w name";
        case Arguments::word_name_value:
            return "w name=value";
        case Arguments::name_value:
            return "name=value";
        case Arguments::name_step:
            return "name[=step]";
        case Arguments::overhead:
            return "flags [text]";
        case Arguments::keysync:
            return "entry";
    }
    return "?";
}

bool has_name(const VerbInfo& verb) {
    return verb.arguments == Arguments::name || verb.arguments == Arguments::names ||
           verb.arguments == Arguments::name_value || verb.arguments == Arguments::name_step ||
           verb.arguments == Arguments::keysync || verb.arguments == Arguments::word_name ||
           verb.arguments == Arguments::word_name_value;
}

std::string permission(const VerbInfo& verb) {
    if (verb.verb == Verb::overhead) return "flags";
    switch (verb.permission) {
        case Permission::none:
            return "none";
        case Permission::read:
            return "read";
        case Permission::write:
            return "write";
        case Permission::manage:
            return "manage";
        case Permission::interclacks:
            return "interclacks";
    }
    return "?";
}

std::string errors(const VerbInfo& verb) {
    std::string letters;
    if (permission(verb) != "none") letters += "P ";
    if (has_name(verb)) letters += "N ";
    if (verb.verb == Verb::listen || verb.verb == Verb::listen_and_retrieve) letters += "L ";
    if (letters.empty()) return "-";
    letters.pop_back();
    return letters;
}

std::string example(const VerbInfo& verb) {
    const std::string word(verb.word);
    switch (verb.arguments) {
        case Arguments::none:
        case Arguments::maybe_text:
            return word;
        case Arguments::name:
        case Arguments::names:
        case Arguments::key:
        case Arguments::text:
        case Arguments::name_step:
            return word + " a";
        case Arguments::word_name:
            return word + " 1 a";
        case Arguments::word_name_value:
            return word + " 1 a=1";
        case Arguments::name_value:
            return word + " a=1";
        case Arguments::overhead:
            return word + " M a";
        case Arguments::keysync:
            return word + " 1 1 U a=1";
    }
    return word;
}

/// Whether what comes over one link goes out on the other, as that verb.
bool is_forwarded(const VerbInfo& verb) {
    clacks::node::TestNode node;
    auto& from = node.slave();
    auto& to = node.slave();
    from.says(example(verb));
    const std::string heard = to.hears();
    return heard.substr(0, heard.find(' ')) == verb.word;
}

std::string links(const VerbInfo& verb) {
    if (verb.verb == Verb::overhead) return "G";
    return is_forwarded(verb) ? "yes" : "no";
}

/// The Links field of the section of a verb begins with this. Extensions may travel as something
/// else, which is in words only.
std::string links_in_words(const VerbInfo& verb) {
    if (verb.extension) return "";
    return verb.verb == Verb::overhead || is_forwarded(verb) ? "forwarded" : "stays";
}

std::string size(std::size_t bytes) {
    if (bytes % (1U << 20U) == 0) return std::to_string(bytes >> 20U) + " MiB";
    if (bytes % (1U << 10U) == 0) return std::to_string(bytes >> 10U) + " KiB";
    return std::to_string(bytes);
}

std::string duration(std::chrono::milliseconds time) {
    using days = std::chrono::duration<int, std::ratio<86400>>;
    if (time % days(1) == time.zero()) return std::to_string(time / days(1)) + " d";
    if (time % std::chrono::hours(1) == time.zero()) {
        return std::to_string(time / std::chrono::hours(1)) + " h";
    }
    return std::to_string(time / std::chrono::seconds(1)) + " s";
}

}  // namespace

TEST_CASE("protocol document: the commands are those of the verb table, in its order") {
    const auto all = tables(section("Commands").lines);
    REQUIRE(all.size() == 2);
    const auto expected = verbs(true);
    REQUIRE(all[0].size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const VerbInfo& verb = expected[i];
        Row row = all[0][i];
        CAPTURE(verb.word);
        CHECK(row["verb"] == verb.word);
        CHECK(row["arguments"] == arguments(verb));
        CHECK(row["permission"] == permission(verb));
        CHECK(row["err."] == errors(verb));
        CHECK(row["links"] == links(verb));
        CHECK(row["reply"] != "");
        CHECK(row["since"] != "");
    }
}

TEST_CASE("protocol document: the answers are those of the verb table, each to a command") {
    const auto all = tables(section("Commands").lines);
    REQUIRE(all.size() == 2);
    const auto expected = verbs(false);
    REQUIRE(all[1].size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        Row row = all[1][i];
        CAPTURE(expected[i].word);
        CHECK(row["verb"] == expected[i].word);
        CHECK(row["arguments"] == arguments(expected[i]));
        CHECK(row["since"] != "");
        const auto* asked = clacks::protocol::find_verb(row["answers"]);
        CHECK((asked != nullptr && asked->to_node));
    }
}

TEST_CASE("protocol document: every command has a section that agrees with the table") {
    for (const VerbInfo& verb : verbs(true)) {
        CAPTURE(verb.word);
        const Section& own = section(verb.word);
        CHECK(field(own, "Form").starts_with(verb.word));
        CHECK(field(own, "Links").starts_with(links_in_words(verb)));
        CHECK(field(own, "Reply") != "");
        if (verb.verb == Verb::overhead) continue;  // its flags say what they need
        CHECK(field(own, "Permission").starts_with(permission(verb)));
        const std::string told = field(own, "Errors");
        CHECK((told.find("permission_denied") != told.npos) == (permission(verb) != "none"));
        const bool names = has_name(verb) || verb.verb == Verb::retrieve_many;
        CHECK((told.find("name_too_long") != told.npos) == names);
    }
}

TEST_CASE("protocol document: each reason for an end stands beside its last words") {
    using clacks::node::CloseReason;
    std::string listed;
    for (const auto& line : section("Last words").lines) listed += line + '\n';
    for (unsigned i = 0; i <= static_cast<unsigned>(CloseReason::shutting_down); ++i) {
        const auto reason = static_cast<CloseReason>(i);
        const std::string start = "\n  " + std::string(to_string(reason)) + ' ';
        CAPTURE(start);
        const auto at = listed.find(start);
        REQUIRE(at != std::string::npos);
        const auto row = listed.substr(at, listed.find('\n', at + 1) - at);
        for (const std::string word : {"OVERHEAD E", "OVERHEAD F", "QUIT", "TIMEOUT"}) {
            if (last_words(reason).find(word) == std::string_view::npos) continue;
            CHECK(row.find(word) != std::string::npos);
        }
    }
}

TEST_CASE("protocol document: the limits are the defaults of the node") {
    const clacks::node::Settings node;
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"limits.line", size(node.limits.line_bytes)},
        {"limits.key", size(node.limits.key_bytes)},
        {"limits.listens", std::to_string(node.limits.listens)},
        {"limits.output", size(node.limits.output_bytes)},
        {"limits.monitor", size(node.limits.monitor_bytes)},
        {"limits.connections", std::to_string(node.limits.connections)},
        {"limits.unauthenticated", std::to_string(node.limits.unauthenticated)},
        {"timeouts.authentication", duration(node.timeouts.authentication)},
        {"timeouts.ping", duration(node.timeouts.ping)},
        {"timeouts.keepalive", duration(node.timeouts.keepalive)},
        {"timeouts.stalled_write", duration(node.timeouts.stalled_write)},
        {"interclacks.ping_timeout", duration(node.timeouts.link_ping)},
        {"cache.memory", size(node.cache.memory)},
        {"cache.deleted", duration(node.cache.deleted)},
        {"cache.stale", duration(node.cache.stale)},
        {"cache.cleanup", duration(node.cache.cleanup)},
    };
    const auto all = tables(section("Limits").lines);
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        Row row = all[0][i];
        CHECK(row["setting"] == expected[i].first);
        CAPTURE(row["setting"]);
        CHECK(row["default"] == expected[i].second);
    }
}
