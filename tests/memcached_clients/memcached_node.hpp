#pragma once

#include <string>
#include <string_view>

#include "tests/processes/node_process.hpp"

namespace clacks::test {

/// A client of memcached that speaks its protocol as raw bytes.
class CacheClient {
public:
    explicit CacheClient(Stream stream) : stream_(std::move(stream)) {}

    /// What comes back to `request`: all that stands before the answer to one more question.
    std::string ask(std::string_view request);
    /// The value of `key`, or "(nothing)".
    std::string get(const std::string& key);
    /// STORED, or what came instead.
    std::string set(const std::string& key, std::string_view value, int seconds = 0);
    /// Asks until get() gives `value`. Throws if it never does.
    void get_until(const std::string& key, std::string_view value);
    /// What comes until the node closes.
    std::string until_closed();
    Stream& stream() { return stream_; }

private:
    Stream stream_;
};

/// A node with memcached's port and a unix socket for it.
class MemcachedNode {
public:
    /// `more`: further keys of `memcached`, in braces as `key: value, `.
    explicit MemcachedNode(NodeConfig config = {}, const std::string& more = {});

    NodeProcess& node() { return node_; }
    int port() const { return port_; }
    std::string port_text() const { return std::to_string(port_); }
    std::string socket() const { return (node_.directory() / "memcached.sock").string(); }
    CacheClient connect() const { return CacheClient(Stream::to_unix(socket())); }
    CacheClient connect_tcp() const { return CacheClient(Stream::to_tcp("127.0.0.1", port_)); }

private:
    int port_;
    NodeProcess node_;
};

}  // namespace clacks::test
