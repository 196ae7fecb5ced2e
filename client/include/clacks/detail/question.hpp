#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clacks/condition.hpp"
#include "clacks/error.hpp"
#include "clacks/keys.hpp"
#include "clacks/step.hpp"

namespace clacks::protocol {
enum class Verb : std::uint8_t;
}

namespace clacks::detail {

/// A request as it will stand on the line. The functions make it and check what they are given.
struct Question {
    error_code error = {};  ///< why it cannot be asked
    protocol::Verb verb{};
    std::string name = {};
    std::string value = {};  ///< of STOREIF as the application gave it
    std::string mode = {};   ///< what stands before the name

    static Question retrieve(std::string_view name);
    static Question retrieve_many(const std::vector<std::string>& names);
    static Question retrieve_version(std::string_view name);
    static Question listen_and_retrieve(std::string_view name);
    static Question increment_and_retrieve(std::string_view name, const Step& step);
    static Question decrement_and_retrieve(std::string_view name, const Step& step);
    static Question exists(std::string_view name);
    static Question time_to_live(std::string_view name);
    static Question time_to_live_many(const std::vector<std::string>& names);
    static Question flags(std::string_view name);
    static Question flags_many(const std::vector<std::string>& names);
    /// A lifetime of zero: for ever.
    static Question store_if(const Condition& condition, std::string_view name,
                             std::string_view value, std::chrono::microseconds lifetime);
    static Question remove_if(std::string_view version, std::string_view name);
    static Question keys();
    static Question keys(const KeyQuery& query);
    static Question status();
    static Question tree();
    static Question clients();
    static Question save();
    static Question flush();
};

}  // namespace clacks::detail
