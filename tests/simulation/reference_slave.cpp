#include "tests/simulation/reference_slave.hpp"

#include "cache/number.hpp"
#include "tests/simulation/sim_net.hpp"

namespace clacks::simulation {

using protocol::Command;
using protocol::Verb;

ReferenceSlave::~ReferenceSlave() {
    if (wire_) wire_->close(*this);
}

WallTime ReferenceSlave::now() const {
    return WallTime(std::chrono::seconds(1'700'000'000)) + net_.events().now() + clock_error_;
}

void ReferenceSlave::join(SimNode& master) {
    if (wire_) wire_->close(*this);
    framer_ = protocol::LineFramer(1U << 20U);
    wire_ = master.accept(*this, net_.options().delay);
    say("CLACKS reference\r\nOVERHEAD A " + protocol::encode_token({"sim", "sim"}) +
        "\r\nOVERHEAD I 1");
}

void ReferenceSlave::say(std::string_view line) {
    if (wire_) wire_->send(*this, std::string(line) + "\r\n");
}

void ReferenceSlave::receive(std::string bytes) {
    framer_.feed(
        bytes,
        [this](std::string_view line) {
            on_line(line);
            return true;
        },
        [] { return false; });
}

void ReferenceSlave::on_line(std::string_view line) {
    const Command command = protocol::parse(line).value();
    if (command.verb == Verb::overhead) return on_overhead(command);
    if (command.verb == Verb::keysync) return merge(command);
    execute(command);
}

void ReferenceSlave::on_overhead(const Command& command) {
    if (command.flags.has('A')) {
        say("OVERHEAD O Welcome!");
    } else if (command.flags.has('T')) {
        offset_ = now() - protocol::parse_time(command.value).value();
    } else if (command.flags.has('L') && command.value == "0") {
        send_store();
    }
}

void ReferenceSlave::merge(const Command& keysync) {
    Entry& entry = entries_[std::string(keysync.name)];
    const WallTime changed = keysync.changed + offset_;
    if (changed <= entry.changed) return;
    entry = {std::string(keysync.value), changed, keysync.mode == "D"};
}

void ReferenceSlave::execute(const Command& command) {
    const auto entry = [&]() -> Entry& { return entries_[std::string(command.name)]; };
    switch (command.verb) {
        case Verb::store:
        case Verb::set_and_store:
            entry() = {std::string(command.value), now(), false};
            return;
        case Verb::remove:
            entry() = {"REMOVED", now(), true};
            return;
        case Verb::increment:
        case Verb::decrement: {
            const std::string before = entry().deleted ? "" : entry().value;
            const bool down = command.verb == Verb::decrement;
            entry() = {cache::add(before, command.value, down), now(), false};
            return;
        }
        case Verb::clear_cache:
            return entries_.clear();
        default:
            return;
    }
}

void ReferenceSlave::change(std::string_view line) {
    execute(protocol::parse(line).value());
    say(line);
}

void ReferenceSlave::send_store() {
    std::string lines = "OVERHEAD T ";
    protocol::format_time(now(), lines);
    for (const auto& [key, entry] : entries_) {
        lines += "\r\n";
        std::string keysync;
        protocol::format({.verb = Verb::keysync,
                          .name = key,
                          .value = entry.value,
                          .changed = entry.changed,
                          .accessed = entry.deleted ? WallTime{} : entry.changed,
                          .mode = entry.deleted ? "D" : "U"},
                         keysync);
        lines += keysync.substr(0, keysync.size() - 2);
    }
    say(lines);
}

std::string ReferenceSlave::content() const {
    std::string text;
    for (const auto& [key, entry] : entries_) {
        if (!entry.deleted) text += (text.empty() ? "" : " ") + key + '=' + entry.value;
    }
    return text;
}

}  // namespace clacks::simulation
