#include "server/node/missed_lines.hpp"

#include <doctest/doctest.h>

#include "tests/node/test_node.hpp"

using namespace clacks::node;
using namespace std::chrono_literals;

namespace {

/// A monitor, and a client that says more than it is shown.
struct Flooded {
    static Settings settings() {
        Settings settings = TestNode::default_settings();
        settings.limits.monitor_bytes = 64'000;  // 16,000 at once
        settings.limits.output_bytes = 100'000;
        return settings;
    }

    TestNode node{settings()};
    TestPeer& monitor = node.client();
    TestPeer& client = node.client();
    int said = 0;

    explicit Flooded(const std::string& request = "MONITOR") {
        monitor.says(request);
        monitor.forget();
        node.advance(1s);
    }
    /// So many lines of 100 bytes each as the monitor sees them.
    void says(int lines) {
        const std::string prefix = "DEBUG " + client.id + "=";
        for (int i = 0; i < lines; ++i) {
            std::string line = "STORE a=" + std::to_string(++said) + " ";
            line.resize(100 - 2 - prefix.size(), 'x');
            client.says(line);
        }
    }
};

/// "1-160 MISSED=40 201": the lines that the monitor was shown.
std::string lines_shown(TestPeer& monitor) {
    std::string text;
    int first = 0;
    int last = 0;
    const auto end_range = [&] {
        if (first > 0) text += std::to_string(first);
        if (last > first) text += "-" + std::to_string(last);
        first = last = 0;
    };
    const auto say = [&](const std::string& words) {
        end_range();
        if (!text.empty()) text += " ";
        text += words;
        if (!words.empty()) text += " ";
    };
    while (const auto line = monitor.hears_line()) {
        const auto at = line->find("=STORE a=");
        if (at == std::string::npos) {
            say(line->substr(line->find('=') + 1));
            continue;
        }
        const int number = std::stoi(line->substr(at + 9));
        if (first == 0)
            first = number;
        else if (number != last + 1) {
            say("");
            first = number;
        }
        last = number;
    }
    end_range();
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

}  // namespace

TEST_CASE(
    "missed lines: from half of the limit on nothing is sent, until less than a quarter waits") {
    MissedLines missed;
    CHECK(missed.admits(50, 10, 100));
    CHECK_FALSE(missed.admits(51, 10, 100));
    CHECK_FALSE(missed.admits(26, 10, 100));
    CHECK(missed.admits(25, 10, 100));
    CHECK(missed.admits(50, 10, 100));
}

TEST_CASE("missed lines: what is larger than the limit is sent when nothing waits") {
    MissedLines missed;
    CHECK(missed.admits(0, 1000, 100));
    CHECK_FALSE(missed.admits(1, 100, 100));
}

TEST_CASE("monitor: of more than limits.monitor it is told how much it misses, and where") {
    Flooded flooded;
    flooded.says(200);
    CHECK(lines_shown(flooded.monitor) == "1-160");
    flooded.node.advance(10ms);  // too short to go on
    flooded.says(10);
    CHECK(lines_shown(flooded.monitor) == "");
    flooded.node.advance(100ms);
    flooded.says(2);
    CHECK(lines_shown(flooded.monitor) == "MISSED=50 211-212");
}

TEST_CASE("monitor: what was left out is told soon, also if nothing comes after it") {
    Flooded flooded;
    flooded.says(161);
    CHECK(lines_shown(flooded.monitor) == "1-160");
    flooded.node.reports();
    CHECK(lines_shown(flooded.monitor) == "MISSED=1");
    flooded.node.reports();
    CHECK(lines_shown(flooded.monitor) == "");
}

TEST_CASE("monitor: what was left out is told at its end, and before it begins anew") {
    for (const std::string request : {"UNMONITOR", "MONITOR", "MONITOR command=NOTIFY"}) {
        CAPTURE(request);
        Flooded flooded;
        flooded.says(163);
        CHECK(lines_shown(flooded.monitor) == "1-160");
        flooded.monitor.says(request);
        CHECK(lines_shown(flooded.monitor).starts_with("MISSED=3"));
    }
}

TEST_CASE("monitor: with conditions it has a budget of its own") {
    Flooded flooded("MONITOR command=RETRIEVE");
    TestPeer& everything = flooded.node.client();
    everything.says("MONITOR");
    everything.forget();
    flooded.node.advance(1s);
    flooded.says(200);
    CHECK(lines_shown(everything) == "1-160");
    flooded.client.says("RETRIEVE a");
    CHECK(flooded.monitor.hears() == "DEBUG " + flooded.client.id + "=RETRIEVE a");
}

TEST_CASE("monitor: with conditions it is told what it misses, and where") {
    Flooded flooded("MONITOR name=a");
    flooded.says(200);
    CHECK(lines_shown(flooded.monitor) == "1-160");
    flooded.client.says("RETRIEVE other");  // is not wanted, so it is not missed
    flooded.node.advance(100ms);
    flooded.says(1);
    CHECK(lines_shown(flooded.monitor) == "MISSED=40 201");
}

TEST_CASE("monitor: who reads too slowly stays, and is told what it misses") {
    for (const std::string request : {"MONITOR", "MONITOR name=a"}) {
        CAPTURE(request);
        Flooded flooded(request);
        flooded.monitor.queued = 50'001;
        flooded.says(10);
        CHECK(lines_shown(flooded.monitor) == "");
        flooded.monitor.queued = 25'001;
        flooded.says(10);
        CHECK(lines_shown(flooded.monitor) == "");
        flooded.monitor.queued = 25'000;
        flooded.says(10);
        CHECK(lines_shown(flooded.monitor) == "MISSED=20 21-30");
    }
}

TEST_CASE("monitor: while there is no room for it the notice waits") {
    Flooded flooded;
    flooded.monitor.queued = 99'990;
    flooded.says(10);
    flooded.node.reports();
    CHECK(lines_shown(flooded.monitor) == "");
    flooded.monitor.queued = 0;
    flooded.node.reports();
    CHECK(lines_shown(flooded.monitor) == "MISSED=10");
}

TEST_CASE("monitor: another limit is in force at once") {
    Flooded flooded;
    Settings settings = Flooded::settings();
    settings.limits.monitor_bytes = 640'000;
    flooded.node.reload(settings);
    flooded.node.advance(1s);
    flooded.says(500);
    CHECK(lines_shown(flooded.monitor) == "1-500");
}
