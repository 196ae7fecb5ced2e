#pragma once

#include <string>
#include <vector>

#include "transport/address.hpp"
#include "transport/settings.hpp"

namespace clacks::transport {

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

    /// One of resolve()'s addresses; `url` is for what StartError says.
    static ListeningSocket open_tcp(const SocketAddress& address, const std::string& url);

    ListeningSocket(ListeningSocket&& other) noexcept;
    ListeningSocket& operator=(ListeningSocket&&) = delete;
    ~ListeningSocket();

    int fd() const { return fd_; }
    /// Where it listens: with the real port, if it was asked for any.
    SocketAddress address() const;

private:
    explicit ListeningSocket(int fd) : fd_(fd) {}
    static ListeningSocket open_unix(const UnixAddress& address);
    void remove_file() const;

    int fd_ = -1;
    std::string path_;
    unsigned long inode_ = 0;
};

}  // namespace clacks::transport
