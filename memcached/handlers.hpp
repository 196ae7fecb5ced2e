#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "memcached/expiry.hpp"

// What a program gives that serves the memcached protocol over data of its own: see Derived.
namespace clacks::memcached {

/// A connection, as the handlers know it: the same object from begin to end.
struct Client {
    std::shared_ptr<void> data{};  ///< whatever the program keeps for it
};

/// Whether something was done.
struct Verdict {
    enum class Kind : std::uint8_t {
        ok,
        reject,  ///< SERVER_ERROR with the message
        fatal,   ///< the same, and the connection ends
    };

    static Verdict ok() { return {}; }
    static Verdict reject(std::string message) { return {Kind::reject, std::move(message)}; }
    static Verdict fatal(std::string message) { return {Kind::fatal, std::move(message)}; }

    Kind kind = Kind::ok;
    std::string message{};  ///< one line
};

/// A value that is to be kept. Without flags and expiry: those that it had stay.
struct NewValue {
    std::string_view value{};
    std::optional<std::uint32_t> flags{};
    std::optional<WallTime> expires{};
};

/// Each handler says what it has done by calling `then` once, at once or later, on the thread of
/// the server. Views are valid until it returns. What is missing: nothing is found, stored or
/// removed, and every connection is welcome; `find` is done by `get`.
struct Handlers {
    template <class Answer>
    using Then = std::function<void(Answer)>;

    std::function<void(Client&, std::string_view key, Then<bool> then)> find{};
    std::function<void(Client&, std::string_view key, Then<std::optional<std::string>> then)> get{};
    std::function<void(Client&, std::string_view key, const NewValue&, Then<Verdict> then)> set{};
    /// Whether it was there. Also called once for an item that is found to have expired.
    std::function<void(Client&, std::string_view key, Then<bool> then)> remove{};
    std::function<void(Client&, Then<Verdict> then)> flush_all{};
    /// Nothing is read from a connection before the answer.
    std::function<void(Client&, Then<Verdict> then)> begin{};
    /// Once for every connection that began.
    std::function<void(Client&)> end{};
};

}  // namespace clacks::memcached
