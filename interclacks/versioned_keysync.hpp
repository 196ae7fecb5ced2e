#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cache/counter.hpp"
#include "cache/entry.hpp"
#include "protocol/command.hpp"

// KEYSYNC between two of our nodes: the entry as it is, in tree time, with all that a plain KEYSYNC
// cannot say. It rides in the mode, which Net::Clacks takes for "update" unless it is exactly "D".
// Source: protocol.txt, "KEYSYNC between our nodes".
//
//     U,w:8f3a01c2                          written by this node
//     U,w:8f3a01c2,x:1700000030000000       expires then (microseconds since 1970)
//     U,w:8f3a01c2,f:7                      stored with these flags
//     D,w:8f3a01c2                          removed
//     U,w:0,b:-,c:8f3a01c200000001:1700000000000000:1700000005000000:9:17,c:…    a counter
namespace clacks::interclacks {

/// Appends the line.
void format_versioned(const cache::EntryView& entry, std::string& out);

/// An entry that was told by a node of ours, with what it points to.
struct VersionedEntry {
    cache::EntryView entry;
    std::unique_ptr<cache::Counter> counter;

    /// Moves all times.
    void shift(std::chrono::microseconds by);
    /// Its last change was at a time that can be written down, and so can those that follow.
    bool has_believable_time() const;
};

/// A plain KEYSYNC does not say who wrote the entry.
bool is_versioned(const protocol::Command& keysync);

/// Views in it are those of `keysync`. Nothing if its mode says no version, as that of a plain one,
/// or if what it says cannot be read.
std::optional<VersionedEntry> parse_versioned(const protocol::Command& keysync,
                                              cache::Origin origin);

}  // namespace clacks::interclacks
