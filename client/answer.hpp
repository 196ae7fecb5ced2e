#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clacks/fields.hpp"
#include "clacks/keys.hpp"
#include "clacks/stored.hpp"
#include "client/failure.hpp"
#include "protocol/verb.hpp"

namespace clacks::detail {

/// Names one request for the life of a client.
using RequestId = std::uint64_t;

/// A line of an answer, without what the question says already.
struct Reply {
    protocol::Verb verb{};
    std::string text = {};     ///< value, key, figure or fields; a value is decoded
    std::string version = {};  ///< STORED, RETRIEVEDVERSION
};

/// What became of a request.
struct Answer {
    RequestId request = 0;
    Failure failure = {};
    std::vector<Reply> replies = {};
};

// What the replies to a request of that result mean. They are well formed: see Requests.

void read(std::vector<Reply>& replies, std::optional<std::string>& value_or_version);
void read(std::vector<Reply>& replies, std::vector<std::optional<std::string>>& values);
void read(std::vector<Reply>& replies, std::string& value);
void read(std::vector<Reply>& replies, bool& yes);
void read(std::vector<Reply>& replies, std::optional<Versioned>& value);
void read(std::vector<Reply>& replies, std::optional<Lifetime>& lifetime);
void read(std::vector<Reply>& replies, std::vector<std::optional<Lifetime>>& lifetimes);
void read(std::vector<Reply>& replies, std::optional<std::uint32_t>& flags);
void read(std::vector<Reply>& replies, std::vector<std::optional<std::uint32_t>>& flags);
void read(std::vector<Reply>& replies, std::vector<std::string>& keys);
void read(std::vector<Reply>& replies, KeyPage& page);
void read(std::vector<Reply>& replies, Fields& figures);
void read(std::vector<Reply>& replies, std::vector<Fields>& rows);

}  // namespace clacks::detail
