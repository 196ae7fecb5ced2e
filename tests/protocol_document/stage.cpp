#include "tests/protocol_document/stage.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

namespace clacks::protocol_document {
namespace {

/// Who may be logged in when a dialogue begins, in the order of their client ids.
struct Role {
    char letter;
    std::string_view user;
};
constexpr Role cast[] = {{'A', "exampleuser"}, {'B', "exampleuser"}, {'C', "exampleuser"},
                         {'R', "reader"},      {'S', "exampleuser"}, {'W', "writer"}};

node::Settings settings() {
    node::Settings result = node::TestNode::default_settings();
    result.limits.line_bytes = 64;
    result.limits.key_bytes = 24;
    result.limits.listens = 2;
    return result;
}

/// How the execution of a dialogue ends where it is wrong.
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string name(char letter) { return std::string(1, letter); }

std::string shown(const std::string& line) { return line.empty() ? "(empty line)" : line; }

bool is_keysync(const std::string& line) { return line.starts_with("KEYSYNC "); }

/// What our nodes say to find each other and rings: the dialogues leave it out.
bool is_between_our_nodes(const std::string& line) {
    return line.starts_with("OVERHEAD M clacks ") || line.starts_with("OVERHEAD GM clacks-probe ");
}

bool is_entrance(const Step& step) {
    return step.kind == Step::Kind::connect || step.kind == Step::Kind::connect_to_master;
}

/// What only shows the consequences of something.
bool is_outcome(const Step& step) {
    return step.kind == Step::Kind::receive || step.kind == Step::Kind::closed ||
           step.kind == Step::Kind::stop;
}

}  // namespace

Stage::Stage() : node_(settings()) {}

std::string Stage::run(const Dialogue& dialogue) {
    int line = dialogue.line();
    try {
        introduce(dialogue);
        auto previous = Step::Kind::receive;
        for (const Step& step : dialogue.steps) {
            const bool sends = step.kind == Step::Kind::send;
            if (!sends || step.actor != speaker_) say_collected();
            line = step.line;
            // Several may speak before it is shown what each hears.
            const bool goes_on = sends && previous == Step::Kind::send;
            if (!goes_on && !is_outcome(step)) expect_nothing_more();
            execute(step);
            previous = step.kind;
        }
        say_collected();
        expect_nothing_more();
        for (const auto& [letter, each] : actors_) {
            if (each.peer->closed && !each.end_shown) throw Mismatch(name(letter) + " is closed");
        }
        if (node_.shut_down_after) throw Mismatch("the node stops");
    } catch (const std::exception& mistake) {
        return std::to_string(line) + ": " + mistake.what();
    }
    return {};
}

/// Logs in everybody who takes part without connecting first.
void Stage::introduce(const Dialogue& dialogue) {
    std::set<char> entering;
    std::set<char> present;
    for (const Step& step : dialogue.steps) {
        if (is_entrance(step)) entering.insert(step.actor);
        if (!entering.contains(step.actor)) present.insert(step.actor);
    }
    for (const Role& role : cast) {
        if (present.contains(role.letter)) enter(role.letter, node_.client(role.user));
    }
}

void Stage::execute(const Step& step) {
    switch (step.kind) {
        case Step::Kind::send:
            return say(step);
        case Step::Kind::receive:
            return hear(step);
        case Step::Kind::connect:
            return enter(step.actor, node_.connect());
        case Step::Kind::connect_to_master:
            return enter(step.actor, node_.connect_to_master());
        case Step::Kind::leave:
            return leave(step.actor);
        case Step::Kind::closed:
            return expect_end(step.actor);
        case Step::Kind::pass:
            return node_.advance(step.time);
        case Step::Kind::stop:
            return expect_stop(step.time);
    }
}

void Stage::enter(char letter, node::TestPeer& peer) {
    if (!actors_.emplace(letter, Actor{.peer = &peer, .heard = {}}).second) {
        throw Mismatch(name(letter) + " has connected before");
    }
}

Stage::Actor& Stage::actor(char letter) {
    const auto found = actors_.find(letter);
    if (found == actors_.end()) throw Mismatch(name(letter) + " is not connected");
    return found->second;
}

void Stage::say(const Step& step) {
    if (actor(step.actor).peer->closed) throw Mismatch(name(step.actor) + " has been closed");
    speaker_ = step.actor;
    packet_ += step.text + "\r\n";
}

void Stage::say_collected() {
    if (speaker_ == 0) return;
    actor(std::exchange(speaker_, '\0')).peer->says_bytes(std::exchange(packet_, {}));
}

void Stage::hear(const Step& step) {
    collect_heard();
    auto& heard = actor(step.actor).heard;
    if (heard.empty()) throw Mismatch("nothing more arrives at " + name(step.actor));
    auto found = heard.begin();
    if (is_keysync(step.text)) {  // these are in no order among themselves
        const auto last = std::find_if_not(heard.begin(), heard.end(), is_keysync);
        found = std::find(heard.begin(), last, step.text);
        if (found == last) found = heard.begin();
    }
    if (*found != step.text) {
        throw Mismatch("what arrives at " + name(step.actor) + " is: " + shown(*found));
    }
    heard.erase(found);
}

void Stage::leave(char letter) {
    Actor& leaving = actor(letter);
    leaving.end_shown = true;
    node_.hangs_up(*leaving.peer);
}

void Stage::expect_end(char letter) {
    collect_heard();
    Actor& ended = actor(letter);
    if (!ended.heard.empty()) {
        throw Mismatch("before that, there arrives at " + name(letter) + ": " +
                       shown(ended.heard.front()));
    }
    if (!ended.peer->closed) throw Mismatch(name(letter) + " is not closed");
    ended.end_shown = true;
}

void Stage::expect_stop(std::chrono::seconds after) {
    if (node_.shut_down_after != after) throw Mismatch("the node does not stop then");
    node_.shut_down_after.reset();
}

void Stage::expect_nothing_more() {
    collect_heard();
    for (const auto& [letter, each] : actors_) {
        if (each.heard.empty()) continue;
        throw Mismatch("before that, there arrives at " + name(letter) + ": " +
                       shown(each.heard.front()));
    }
}

void Stage::collect_heard() {
    for (auto& [letter, each] : actors_) {
        while (auto line = each.peer->hears_line()) {
            if (!is_between_our_nodes(*line)) each.heard.push_back(*std::move(line));
        }
    }
}

}  // namespace clacks::protocol_document
