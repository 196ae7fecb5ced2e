#pragma once

#include <string>
#include <vector>

#include "server/net/settings.hpp"

namespace clacks::net {

/// A bound and listening descriptor, and the unix socket's file if it has one. Closes and removes
/// both.
class ListeningSocket {
public:
    /// Binds every address that `address` stands for (localhost: IPv4 and IPv6). A unix socket has
    /// its mode and group before anyone can connect; a file left by a process that is gone is
    /// replaced, one that is served is not. Throws StartError with one clear line.
    static std::vector<ListeningSocket> open(const Address& address);

    /// What of it can be said without binding: the directory and the group of a unix socket are
    /// there. Throws StartError, in the words of open().
    static void check(const Address& address);

    ListeningSocket(ListeningSocket&& other) noexcept;
    ListeningSocket& operator=(ListeningSocket&&) = delete;
    ~ListeningSocket();

    int fd() const { return fd_; }

private:
    explicit ListeningSocket(int fd) : fd_(fd) {}
    static ListeningSocket open_tcp(const struct SocketAddress& address, const std::string& url);
    static ListeningSocket open_unix(const UnixAddress& address);
    void remove_file() const;

    int fd_ = -1;
    std::string path_;
    unsigned long inode_ = 0;
};

}  // namespace clacks::net
