#include "server/node/missed_lines.hpp"

#include <doctest/doctest.h>

#include "tests/node/silent_outbox.hpp"
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

TEST_CASE("missed lines: too much is a quarter of the limit, and then an eighth") {
    MissedLines missed;
    std::size_t waiting = 0;
    bool is_kept_clear = false;
    std::string sent;
    const auto offer = [&](std::string_view bytes, std::size_t most_waiting) {
        if (waiting > 0 && waiting + bytes.size() > most_waiting) return false;
        sent += bytes;
        return true;
    };
    const auto show = [&](std::string_view line) {
        sent.clear();
        missed.show(line, 1, {1000, is_kept_clear}, offer);
        return sent;
    };
    waiting = 249;
    CHECK(show("a") == "a");
    waiting = 250;
    CHECK(show("b") == "");
    waiting = 125;
    CHECK(show("c") == "");
    waiting = 125 - 24;  // the notice has to fit as well
    CHECK(show("d") == "");
    waiting = 125 - 25;
    CHECK(show("e") == "DEBUG MONITOR=MISSED=3\r\ne");
    waiting = 249;
    CHECK(show("f") == "f");

    is_kept_clear = true;
    waiting = 1;
    CHECK(show("g") == "");
    waiting = 0;
    CHECK(show("h") == "DEBUG MONITOR=MISSED=1\r\nh");
    CHECK(show(std::string(500, 'i')).size() == 500);
    CHECK(show(std::string(501, 'i')) == "");  // leaves too little for what else it gets
}

TEST_CASE("missed lines: the notice can be told alone, once") {
    MissedLines missed;
    std::string sent;
    const auto offer = [&](std::string_view bytes, std::size_t most_waiting) {
        if (bytes.size() > most_waiting) return false;
        sent += bytes;
        return true;
    };
    missed.tell(100, offer);
    CHECK(sent == "");
    missed.add(12);
    missed.tell(10, offer);
    CHECK(sent == "");
    missed.tell(100, offer);
    missed.tell(100, offer);
    CHECK(sent == "DEBUG MONITOR=MISSED=12\r\n");
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
        flooded.monitor.queued = 25'000;
        flooded.says(10);
        CHECK(lines_shown(flooded.monitor) == "");
        flooded.monitor.queued = 12'500;
        flooded.says(10);
        flooded.node.reports();
        CHECK(lines_shown(flooded.monitor) == "");
        flooded.monitor.queued = 12'000;
        flooded.says(10);
        CHECK(lines_shown(flooded.monitor) == "MISSED=20 21-30");
    }
}

TEST_CASE("monitor: what was left out stands before what happens next") {
    Flooded flooded;
    std::string lines;
    for (int i = 0; i < 2'000; ++i) lines += "NOP\n";
    flooded.client.says_bytes(lines + "CLIENTDISCONNECT " + flooded.client.id + "\n");
    std::string last;
    std::string before;
    while (auto line = flooded.monitor.hears_line()) before = std::exchange(last, std::move(*line));
    CHECK(last.starts_with("DEBUG DISCONNECTED="));
    CHECK(before.starts_with("DEBUG MONITOR=MISSED="));
}

TEST_CASE("monitor: who comes and goes counts, and is shown all the same") {
    Flooded flooded;
    for (int i = 0; i < 1000; ++i) flooded.node.connect();
    flooded.node.advance(1us);
    int shown = 0;
    while (flooded.monitor.hears_line()) ++shown;
    CHECK(shown == 1000);
    flooded.says(1);
    CHECK(lines_shown(flooded.monitor) == "");
}

TEST_CASE("monitor: who may not manage any more is told what it has missed") {
    Flooded flooded;
    flooded.says(163);
    CHECK(lines_shown(flooded.monitor) == "1-160");
    flooded.monitor.says(flooded.node.login("reader", "r"));
    CHECK(flooded.monitor.hears() == "DEBUG MONITOR=MISSED=3 | OVERHEAD O Welcome!");

    Flooded reloaded;
    TestPeer& manager = reloaded.node.client("manager");
    manager.says("MONITOR");
    manager.forget();
    reloaded.node.advance(1s);
    reloaded.says(163);
    CHECK(lines_shown(manager) == "1-160");
    Settings settings = Flooded::settings();
    for (User& user : settings.users)
        if (user.name == "manager") user.permissions = {};
    reloaded.node.reload(settings);
    CHECK(manager.hears() == "DEBUG MONITOR=MISSED=3");
}

TEST_CASE("monitor: to say it again with conditions is no new budget") {
    Flooded flooded("MONITOR name=a");
    flooded.says(161);
    CHECK(lines_shown(flooded.monitor) == "1-160");
    flooded.monitor.says("MONITOR name=a*");
    CHECK(lines_shown(flooded.monitor) == "MISSED=1");
    flooded.says(1);
    CHECK(lines_shown(flooded.monitor) == "");
}

TEST_CASE("monitor: what was left out in a turn stands before what happens in it") {
    struct Recorder final : SilentOutbox {
        void send(Peer&, std::string_view lines) override { sent += lines; }
        std::string sent;
    } recorder;
    Flooded flooded;
    TestPeer& leaving = flooded.node.client();
    Turn turn{.worker = 0, .now = flooded.node.now, .outbox = recorder};
    for (int i = 0; i < 1000; ++i) flooded.node.node.line(flooded.client, "NOP", turn);
    flooded.node.node.disconnected(leaving, CloseReason::peer_closed, turn);
    flooded.node.node.end_turn(turn);
    const auto notice = recorder.sent.find("DEBUG MONITOR=MISSED=");
    const auto event = recorder.sent.find("DEBUG DISCONNECTED=");
    CHECK(recorder.sent.find("=NOP") < notice);
    CHECK(notice < event);
    CHECK(event != std::string::npos);
    leaving.closed = CloseReason::peer_closed;
}

TEST_CASE("monitor: what came before it begins anew or ends is shown, in one packet too") {
    TestNode node;
    TestPeer& monitor = node.client();
    const std::string debug = "DEBUG " + monitor.id + "=";
    monitor.says("MONITOR");
    monitor.forget();
    monitor.says_bytes("NOP\nMONITOR name=x\n");
    CHECK(monitor.hears() == debug + "NOP");
    monitor.says("MONITOR");
    monitor.forget();
    monitor.says_bytes("NOP\nUNMONITOR\n");
    CHECK(monitor.hears() == debug + "NOP");
}

TEST_CASE("monitor: who goes is told nothing") {
    Flooded flooded;
    flooded.says(200);
    flooded.node.hangs_up(flooded.monitor);
    flooded.says(1);
}

TEST_CASE("monitor: while signals are missing it is kept clear, so that they are told") {
    Flooded flooded;
    flooded.monitor.says("GAPS 1");
    flooded.monitor.says("LISTEN b");
    flooded.monitor.forget();
    flooded.monitor.queued = 50'001;
    flooded.client.says("SET b=1");
    flooded.monitor.queued = 100;
    flooded.says(1);
    CHECK(flooded.monitor.hears() == "");
    flooded.monitor.queued = 0;
    flooded.monitor.own_gaps->drained();
    flooded.says(1);
    CHECK(flooded.monitor.hears().find("GAP b 1") != std::string::npos);
}

TEST_CASE("monitor: another limit is in force at once") {
    Flooded flooded;
    flooded.says(200);
    flooded.monitor.forget();
    Settings settings = Flooded::settings();
    settings.limits.monitor_bytes = 640'000;
    flooded.node.reload(settings);
    flooded.node.advance(1s);
    flooded.says(500);
    CHECK(lines_shown(flooded.monitor) == "MISSED=40 201-700");
}
