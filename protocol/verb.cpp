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
constexpr bool original = false;
constexpr bool extension = true;

// clang-format off
constexpr VerbInfo verbs[] = {
    {"CLACKS",               V::clacks,                 A::text,            P::none,        command, original},
    {"OVERHEAD",             V::overhead,               A::overhead,        P::none,        command, original},
    {"PING",                 V::ping,                   A::none,            P::none,        command, original},
    {"NOPING",               V::noping,                 A::none,            P::none,        command, original},
    {"NOP",                  V::nop,                    A::none,            P::none,        command, original},
    {"TIMEOUT",              V::timeout,                A::none,            P::none,        command, original},
    {"QUIT",                 V::quit,                   A::none,            P::none,        command, original},
    {"NOTIFY",               V::notify,                 A::name,            P::write,       command, original},
    {"SET",                  V::set,                    A::name_value,      P::write,       command, original},
    {"SETANDSTORE",          V::set_and_store,          A::name_value,      P::write,       command, original},
    {"STORE",                V::store,                  A::name_value,      P::write,       command, original},
    {"REMOVE",               V::remove,                 A::name,            P::write,       command, original},
    {"INCREMENT",            V::increment,              A::name_step,       P::write,       command, original},
    {"DECREMENT",            V::decrement,              A::name_step,       P::write,       command, original},
    {"CLEARCACHE",           V::clear_cache,            A::none,            P::manage,      command, original},
    {"KEYSYNC",              V::keysync,                A::keysync,         P::interclacks, command, original},

    {"FEATURES",             V::features,               A::maybe_text,      P::none,        command, extension},
    {"TTL",                  V::ttl,                    A::names,           P::read,        command, extension},
    {"EXISTS",               V::exists,                 A::name,            P::read,        command, extension},
    {"STATUS",               V::status,                 A::maybe_text,      P::read,        command, extension},
    {"TREE",                 V::tree,                   A::maybe_text,      P::manage,      command, extension},
    {"NODE",                 V::node,                   A::text,            P::interclacks, command, extension},

    {"LISTEN",               V::listen,                 A::name,            P::read,        command, original},
    {"UNLISTEN",             V::unlisten,               A::name,            P::read,        command, original},
    {"RETRIEVE",             V::retrieve,               A::name,            P::read,        command, original},
    {"KEYLIST",              V::key_list,               A::maybe_text,      P::read,        command, original},
    {"FLUSH",                V::flush,                  A::text,            P::none,        command, original},
    {"MONITOR",              V::monitor,                A::maybe_text,      P::manage,      command, original},
    {"UNMONITOR",            V::unmonitor,              A::none,            P::manage,      command, original},
    {"CLIENTLIST",           V::client_list,            A::none,            P::manage,      command, original},
    {"CLIENTDISCONNECT",     V::client_disconnect,      A::name,            P::manage,      command, original},

    {"LISTENANDRETRIEVE",    V::listen_and_retrieve,    A::name,            P::read,        command, extension},
    {"STOREFOR",             V::store_for,              A::word_name_value, P::write,       command, extension},
    {"EXPIRE",               V::expire,                 A::name_value,      P::write,       command, extension},
    {"STOREIF",              V::store_if,               A::word_name_value, P::write,       command, extension},
    {"REMOVEIF",             V::remove_if,              A::word_name,       P::write,       command, extension},
    {"RETRIEVEVERSION",      V::retrieve_version,       A::name,            P::read,        command, extension},
    {"INCREMENTANDRETRIEVE", V::increment_and_retrieve, A::name_step,       P::write,       command, extension},
    {"DECREMENTANDRETRIEVE", V::decrement_and_retrieve, A::name_step,       P::write,       command, extension},
    {"RETRIEVEMANY",         V::retrieve_many,          A::names,           P::read,        command, extension},
    {"GAPS",                 V::gaps,                   A::text,            P::none,        command, extension},
    {"SAVE",                 V::save,                   A::none,            P::manage,      command, extension},
    {"FLAGS",                V::flags,                  A::names,           P::read,        command, extension},

    {"RETRIEVED",            V::retrieved,              A::name_value,      P::none,        answer,  original},
    {"NOTRETRIEVED",         V::not_retrieved,          A::name,            P::none,        answer,  original},
    {"KEYLISTSTART",         V::key_list_start,         A::none,            P::none,        answer,  original},
    {"KEY",                  V::key,                    A::key,             P::none,        answer,  original},
    {"KEYLISTEND",           V::key_list_end,           A::maybe_text,      P::none,        answer,  original},
    {"FLUSHED",              V::flushed,                A::text,            P::none,        answer,  original},
    {"DEBUG",                V::debug,                  A::name_value,      P::none,        answer,  original},
    {"CLIENTLISTSTART",      V::client_list_start,      A::none,            P::none,        answer,  original},
    {"CLIENT",               V::client,                 A::text,            P::none,        answer,  original},
    {"CLIENTLISTEND",        V::client_list_end,        A::none,            P::none,        answer,  original},

    {"STORED",               V::stored,                 A::word_name,       P::none,        answer,  extension},
    {"NOTSTORED",            V::not_stored,             A::name,            P::none,        answer,  extension},
    {"REMOVED",              V::removed,                A::name,            P::none,        answer,  extension},
    {"NOTREMOVED",           V::not_removed,            A::name,            P::none,        answer,  extension},
    {"RETRIEVEDVERSION",     V::retrieved_version,      A::word_name_value, P::none,        answer,  extension},
    {"STATUSSTART",          V::status_start,           A::none,            P::none,        answer,  extension},
    {"STATUSEND",            V::status_end,             A::none,            P::none,        answer,  extension},
    {"TREESTART",            V::tree_start,             A::none,            P::none,        answer,  extension},
    {"TREEEND",              V::tree_end,               A::none,            P::none,        answer,  extension},
    {"GAP",                  V::gap,                    A::text,            P::none,        answer,  extension},
    {"SAVING",               V::saving,                 A::text,            P::none,        answer,  extension},
};
// clang-format on

consteval bool in_order() {
    for (std::size_t i = 0; i < std::size(verbs); ++i) {
        if (static_cast<std::size_t>(verbs[i].verb) != i) return false;
    }
    return static_cast<std::size_t>(V::saving) + 1 == std::size(verbs);
}
static_assert(in_order(), "info() indexes the table with the enumerator");

// A perfect hash over length, first, middle and last letter: one multiplication and one comparison
// find a verb or that there is none. The multiplier is searched for at compile time.
constexpr unsigned slot_bits = 9;
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
