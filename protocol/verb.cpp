#include "protocol/verb.hpp"

#include <array>
#include <cstddef>
#include <iterator>

namespace clacks::protocol {
namespace {

using V = Verb;
using A = Arguments;
using P = Permission;

constexpr bool command = true;  // to_node
constexpr bool answer = false;
constexpr bool forwarded = true;
constexpr bool stays = false;

// clang-format off
constexpr VerbInfo verbs[] = {
    {"CLACKS",           V::clacks,            A::text,       P::none,        command, stays},
    {"OVERHEAD",         V::overhead,          A::overhead,   P::none,        command, stays},
    {"PING",             V::ping,              A::none,       P::none,        command, stays},
    {"NOPING",           V::noping,            A::none,       P::none,        command, stays},
    {"NOP",              V::nop,               A::none,       P::none,        command, stays},
    {"TIMEOUT",          V::timeout,           A::none,       P::none,        command, stays},
    {"QUIT",             V::quit,              A::none,       P::none,        command, stays},
    {"NOTIFY",           V::notify,            A::name,       P::write,       command, forwarded},
    {"SET",              V::set,               A::name_value, P::write,       command, forwarded},
    {"SETANDSTORE",      V::set_and_store,     A::name_value, P::write,       command, forwarded},
    {"STORE",            V::store,             A::name_value, P::write,       command, forwarded},
    {"REMOVE",           V::remove,            A::name,       P::write,       command, forwarded},
    {"INCREMENT",        V::increment,         A::name_step,  P::write,       command, forwarded},
    {"DECREMENT",        V::decrement,         A::name_step,  P::write,       command, forwarded},
    {"CLEARCACHE",       V::clear_cache,       A::none,       P::manage,      command, forwarded},
    {"KEYSYNC",          V::keysync,           A::keysync,    P::interclacks, command, forwarded},

    {"LISTEN",           V::listen,            A::name,       P::read,        command, stays},
    {"UNLISTEN",         V::unlisten,          A::name,       P::read,        command, stays},
    {"RETRIEVE",         V::retrieve,          A::name,       P::read,        command, stays},
    {"KEYLIST",          V::key_list,          A::none,       P::read,        command, stays},
    {"FLUSH",            V::flush,             A::text,       P::none,        command, stays},
    {"MONITOR",          V::monitor,           A::none,       P::manage,      command, stays},
    {"UNMONITOR",        V::unmonitor,         A::none,       P::manage,      command, stays},
    {"CLIENTLIST",       V::client_list,       A::none,       P::manage,      command, stays},
    {"CLIENTDISCONNECT", V::client_disconnect, A::name,       P::manage,      command, stays},

    {"RETRIEVED",        V::retrieved,         A::name_value, P::none,        answer,  stays},
    {"NOTRETRIEVED",     V::not_retrieved,     A::name,       P::none,        answer,  stays},
    {"KEYLISTSTART",     V::key_list_start,    A::none,       P::none,        answer,  stays},
    {"KEY",              V::key,               A::key,        P::none,        answer,  stays},
    {"KEYLISTEND",       V::key_list_end,      A::none,       P::none,        answer,  stays},
    {"FLUSHED",          V::flushed,           A::text,       P::none,        answer,  stays},
    {"DEBUG",            V::debug,             A::name_value, P::none,        answer,  stays},
    {"CLIENTLISTSTART",  V::client_list_start, A::none,       P::none,        answer,  stays},
    {"CLIENT",           V::client,            A::text,       P::none,        answer,  stays},
    {"CLIENTLISTEND",    V::client_list_end,   A::none,       P::none,        answer,  stays},
};
// clang-format on

consteval bool in_order() {
    for (std::size_t i = 0; i < std::size(verbs); ++i) {
        if (static_cast<std::size_t>(verbs[i].verb) != i) return false;
    }
    return static_cast<std::size_t>(V::client_list_end) + 1 == std::size(verbs);
}
static_assert(in_order(), "info() indexes the table with the enumerator");

// A perfect hash over length, first, middle and last letter: one multiplication and one comparison
// find a verb or that there is none. The multiplier is searched for at compile time.
constexpr unsigned slot_bits = 7;
constexpr std::uint8_t no_verb = 0xff;
using Slots = std::array<std::uint8_t, std::size_t{1} << slot_bits>;

constexpr std::size_t slot_of(std::string_view word, std::uint32_t multiplier) {
    const auto letter = [&](std::size_t i) -> std::uint32_t {
        return static_cast<unsigned char>(word[i]);
    };
    const std::uint32_t traits = letter(0) ^ letter(word.size() / 2) << 8U ^
                                 letter(word.size() - 1) << 16U ^
                                 static_cast<std::uint32_t>(word.size()) << 24U;
    return traits * multiplier >> (32U - slot_bits);
}

/// Whether `multiplier` gives every verb a slot of its own; fills `slots` as far as it does.
constexpr bool distribute(std::uint32_t multiplier, Slots& slots) {
    slots.fill(no_verb);
    for (std::size_t i = 0; i < std::size(verbs); ++i) {
        auto& slot = slots[slot_of(verbs[i].word, multiplier)];
        if (slot != no_verb) return false;
        slot = static_cast<std::uint8_t>(i);
    }
    return true;
}

constexpr std::uint32_t multiplier = [] {
    Slots slots{};
    std::uint32_t candidate =
        0x9e3779b1;  // odd, and its bits are well mixed; so are its successors
    while (!distribute(candidate, slots)) candidate = candidate * 0x915f77f5U + 2;
    return candidate;
}();

constexpr Slots slots = [] {
    Slots filled{};
    distribute(multiplier, filled);
    return filled;
}();

}  // namespace

const VerbInfo* find_verb(std::string_view word) {
    if (word.empty()) return nullptr;
    const std::uint8_t index = slots[slot_of(word, multiplier)];
    if (index == no_verb || verbs[index].word != word) return nullptr;
    return &verbs[index];
}

const VerbInfo& info(Verb verb) { return verbs[static_cast<std::size_t>(verb)]; }

}  // namespace clacks::protocol
