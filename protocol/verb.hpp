#pragma once

#include <cstdint>
#include <string_view>

// The verbs of the Clacks protocol and what is true of each: protocol.txt, "Commands".
namespace clacks::protocol {

/// In the order of the table in verb.cpp.
enum class Verb : std::uint8_t {
    // both directions
    clacks,
    overhead,
    ping,
    noping,
    nop,
    timeout,
    quit,
    notify,
    set,
    set_and_store,
    store,
    remove,
    increment,
    decrement,
    clear_cache,
    keysync,
    // extensions, both directions
    features,
    ttl,
    exists,
    status,
    tree,
    node,
    // to a node
    listen,
    unlisten,
    retrieve,
    key_list,
    flush,
    monitor,
    unmonitor,
    client_list,
    client_disconnect,
    // extensions, to a node
    listen_and_retrieve,
    store_for,
    expire,
    store_if,
    remove_if,
    retrieve_version,
    increment_and_retrieve,
    decrement_and_retrieve,
    retrieve_many,
    gaps,
    save,
    flags,
    // from a node
    retrieved,
    not_retrieved,
    key_list_start,
    key,
    key_list_end,
    flushed,
    debug,
    client_list_start,
    client,
    client_list_end,
    // extensions, from a node
    stored,
    not_stored,
    removed,
    not_removed,
    retrieved_version,
    status_start,
    status_end,
    tree_start,
    tree_end,
    gap,
    saving,
};

/// The shape of what follows the verb and one space, and the fields of Command it goes to.
enum class Arguments : std::uint8_t {
    none,             // VERB
    name,             // VERB name            no space; '=' is part of the name
    names,            // VERB name            several: VERB value, divided by one space each
    key,              // VERB name            the rest of the line, not empty: KEY alone
    text,             // VERB value           the rest of the line, not empty
    maybe_text,       // VERB [value]         the rest of the line
    word_name,        // VERB mode name       two words; '=' is part of the name
    word_name_value,  // VERB mode name=value
    name_value,       // VERB name=value      first '='; the value may be empty and hold more '='
    name_step,        // VERB name[=value]    last '=', when something stands on both sides of it
    overhead,         // OVERHEAD flags [value]
    keysync,          // KEYSYNC changed accessed mode name=value
};

/// What a user must be allowed to do before a node executes the verb.
enum class Permission : std::uint8_t { none, read, write, manage, interclacks };

struct VerbInfo {
    std::string_view word;
    Verb verb;
    Arguments arguments;
    Permission permission;  ///< OVERHEAD: none; what its flags need is for the node to decide
    bool to_node;           ///< a node executes it; the others are only ever answers
    bool extension;         ///< ours alone: never sent to a plain Net::Clacks node
};

/// The row of `word`, or null. Words are matched whole and in capitals.
const VerbInfo* find_verb(std::string_view word);

/// The row of `verb`. Never fails.
const VerbInfo& info(Verb verb);

}  // namespace clacks::protocol
