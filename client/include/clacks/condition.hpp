#pragma once

#include <string>
#include <string_view>

namespace clacks {

/// When a conditional store happens. Checked by the node in one step with the store: of two clients
/// of a node that both want `absent`, one succeeds.
class Condition {
public:
    static Condition always() { return Condition("always"); }
    static Condition absent() { return Condition("absent"); }    ///< there is no value
    static Condition present() { return Condition("present"); }  ///< there is one
    /// The value is still the one that got this version, from async_retrieve_version or a store.
    static Condition version(std::string_view v) { return Condition("version:" + std::string(v)); }

    /// As it stands on the line.
    const std::string& text() const { return text_; }

private:
    explicit Condition(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace clacks
