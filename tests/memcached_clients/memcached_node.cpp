#include "tests/memcached_clients/memcached_node.hpp"

#include <stdexcept>

#include "tests/processes/free_port.hpp"
#include "tests/processes/patience.hpp"

namespace clacks::test {

namespace {

NodeConfig with_memcached(NodeConfig config, int port, const std::string& more) {
    config.more += "memcached: {" + more + "listen: [\"tcp://127.0.0.1:" + std::to_string(port) +
                   "\", \"unix:memcached.sock\"]}\n";
    return config;
}

}  // namespace

std::string CacheClient::ask(std::string_view request) {
    const std::string end = "EN kno-such-key\r\n";
    std::string reply;
    stream_.write(std::string(request) + "mg no-such-key k\r\n", reply);
    while (!reply.ends_with(end)) {
        if (!stream_.read(reply)) throw std::runtime_error("closed after: " + reply);
    }
    reply.resize(reply.size() - end.size());
    return reply;
}

std::string CacheClient::get(const std::string& key) {
    const std::string reply = ask("mg " + key + " v\r\n");
    if (!reply.starts_with("VA ")) return reply == "EN\r\n" ? "(nothing)" : reply;
    const std::string value = reply.substr(reply.find("\r\n") + 2);
    return value.substr(0, value.size() - 2);
}

std::string CacheClient::set(const std::string& key, std::string_view value, int seconds) {
    const std::string head = "set " + key + " 0 " + std::to_string(seconds) + " " +
                             std::to_string(value.size()) + "\r\n";
    const std::string reply = ask(head + std::string(value) + "\r\n");
    return reply.substr(0, reply.find("\r\n"));
}

void CacheClient::get_until(const std::string& key, std::string_view value) {
    const auto deadline = deadline_from_now();
    for (std::string got = get(key); got != value; got = get(key)) {
        if (milliseconds_until(deadline) == 0) throw std::runtime_error(key + " is still " + got);
    }
}

std::string CacheClient::until_closed() {
    std::string reply;
    while (stream_.read(reply)) {
    }
    return reply;
}

MemcachedNode::MemcachedNode(NodeConfig config, const std::string& more)
    : port_(free_port()), node_(with_memcached(std::move(config), port_, more)) {}

}  // namespace clacks::test
