#include "transport/listening_socket.hpp"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "transport/address.hpp"
#include "transport/owned_fd.hpp"
#include "transport/start_error.hpp"

namespace clacks::transport {

namespace {

constexpr int backlog = 1024;

[[noreturn]] void fail(const std::string& url, const std::string& doing) {
    const int error = errno;
    std::string text = "cannot listen on " + url + ": " + doing + ": " + std::strerror(error);
    if (error == EADDRINUSE) text += " (another process, or a second clacksd, listens there)";
    throw StartError(text);
}

int open_socket(int family, const std::string& url) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) fail(url, "socket");
    return fd;
}

/// Whether somebody answers at this path.
bool is_served(const SocketAddress& address) {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return true;
    const bool refused =
        ::connect(probe, address.get(), address.length) != 0 && errno == ECONNREFUSED;
    ::close(probe);
    return !refused;
}

/// Held while a socket is put at a path: who looks whether the one that is there is served may not
/// come between another's bind and listen. A lock on the directory leaves no file behind.
class PathLock {
public:
    PathLock(const std::string& path, const std::string& url) {
        auto directory = std::filesystem::path(path).parent_path();
        if (directory.empty()) directory = ".";
        directory_ = OwnedFd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (directory_.get() < 0) fail(url, "open " + directory.string());
        wait(directory, url);
    }

private:
    /// Opening a socket takes no time; but others may lock a directory for reasons of their own.
    void wait(const std::filesystem::path& directory, const std::string& url) const {
        constexpr std::chrono::milliseconds pause{10};
        constexpr int most_pauses = 500;
        for (int i = 0; ::flock(directory_.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
            if (errno != EWOULDBLOCK && errno != EINTR) fail(url, "lock " + directory.string());
            if (i == most_pauses) {
                throw StartError("cannot listen on " + url +
                                 ": another process keeps the directory " + directory.string() +
                                 " locked");
            }
            std::this_thread::sleep_for(pause);
        }
    }
    OwnedFd directory_;  ///< closing it ends the lock
};

bool is_socket(const std::string& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

gid_t group_id(const std::string& group, const std::string& url) {
    errno = 0;
    if (const ::group* found = ::getgrnam(group.c_str())) return found->gr_gid;
    throw StartError("cannot listen on " + url + ": there is no group '" + group + "'");
}

/// What errno would say later, in words about the configuration.
void need_directory(const std::string& path, const std::string& url) {
    const auto directory = std::filesystem::path(path).parent_path();
    std::error_code unknown;  // then bind says why
    if (directory.empty()) return;
    if (std::filesystem::is_directory(directory, unknown) || unknown.value() == EACCES) return;
    throw StartError("cannot listen on " + url + ": there is no directory " + directory.string());
}

}  // namespace

void ListeningSocket::check(const Address& address) {
    const auto* local = std::get_if<UnixAddress>(&address);
    if (local == nullptr) return;
    const std::string url = to_string(address);
    need_directory(local->path, url);
    if (!local->group.empty()) group_id(local->group, url);
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::exchange(other.path_, {})),
      inode_(other.inode_) {}

ListeningSocket::~ListeningSocket() {
    if (fd_ < 0) return;
    remove_file();
    ::close(fd_);
}

/// Only if it is still ours: another process may have put its own there.
void ListeningSocket::remove_file() const {
    struct stat status {};
    if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
    if (status.st_ino == inode_) ::unlink(path_.c_str());
}

std::vector<ListeningSocket> ListeningSocket::open(const Address& address) {
    std::vector<ListeningSocket> result;
    if (const auto* path = std::get_if<UnixAddress>(&address)) {
        result.push_back(open_unix(*path));
        return result;
    }
    const auto& tls = std::get<TlsAddress>(address);
    const std::string url = to_string(address);
    for (const auto& each : resolve(tls.host, tls.port, url)) {
        result.push_back(open_tcp(each, url));
    }
    return result;
}

SocketAddress ListeningSocket::address() const {
    SocketAddress result;
    result.length = sizeof result.storage;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&result.storage), &result.length);
    return result;
}

ListeningSocket ListeningSocket::open_tcp(const SocketAddress& address, const std::string& url) {
    ListeningSocket result(open_socket(address.family(), url));
    const int on = 1;
    ::setsockopt(result.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.family() == AF_INET6) {
        // So that 0.0.0.0 and [::] can both be listened on, and mean what they say.
        ::setsockopt(result.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (::bind(result.fd_, address.get(), address.length) != 0) fail(url, "bind");
    if (::listen(result.fd_, backlog) != 0) fail(url, "listen");
    return result;
}

ListeningSocket ListeningSocket::open_unix(const UnixAddress& configured) {
    check(configured);
    const std::string url = to_string(Address(configured));
    const auto address = unix_address(configured.path);
    ListeningSocket result(open_socket(AF_UNIX, url));
    const PathLock lock(configured.path, url);
    const auto bind = [&] { return ::bind(result.fd_, address.get(), address.length) == 0; };
    if (!bind()) {
        if (errno != EADDRINUSE) fail(url, "bind");
        if (!is_socket(configured.path)) {
            throw StartError(
                "cannot listen on " + url +
                ": a file that is no socket is in the way; move it or choose another path");
        }
        if (is_served(address)) {
            errno = EADDRINUSE;
            fail(url, "bind");
        }
        ::unlink(configured.path.c_str());  // left by a process that is gone
        if (!bind()) fail(url, "bind");
    }
    result.path_ = configured.path;
    struct stat status {};
    if (::lstat(configured.path.c_str(), &status) == 0) result.inode_ = status.st_ino;
    // Nobody can connect before listen(): until then it gets its group and mode.
    if (!configured.group.empty()) {
        const gid_t group = group_id(configured.group, url);
        if (::chown(configured.path.c_str(), static_cast<uid_t>(-1), group) != 0) {
            fail(url, "chown to group " + configured.group);
        }
    }
    if (::chmod(configured.path.c_str(), configured.mode) != 0) fail(url, "chmod");
    if (::listen(result.fd_, backlog) != 0) fail(url, "listen");
    return result;
}

}  // namespace clacks::transport
