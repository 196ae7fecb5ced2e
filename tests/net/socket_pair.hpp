#pragma once

#include <string>

namespace clacks::test {

/// Two connected stream sockets: `ours()` does not block, what is written there is read here.
class SocketPair {
public:
    SocketPair();
    ~SocketPair();
    SocketPair(const SocketPair&) = delete;
    SocketPair& operator=(const SocketPair&) = delete;

    int ours() const { return ours_; }

    /// What is there now; nothing if nothing is.
    std::string read() const;
    /// Waits until `count` bytes have come.
    std::string read(std::size_t count) const;
    /// Waits until ours() takes more.
    void wait_writable() const;
    /// The other end is gone.
    void close_theirs();

private:
    int ours_ = -1;
    int theirs_ = -1;
};

}  // namespace clacks::test
