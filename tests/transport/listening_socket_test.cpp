#include "transport/listening_socket.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <barrier>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "transport/owned_fd.hpp"
#include "transport/start_error.hpp"

using namespace clacks::transport;

namespace {

UnixAddress address_in(const std::filesystem::path& directory) {
    UnixAddress address;
    address.path = (directory / "socket").string();
    return address;
}

/// As a process that was killed does.
void leave_behind(const UnixAddress& at) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(at.path.size() < sizeof address.sun_path);
    at.path.copy(address.sun_path, at.path.size());
    const OwnedFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

}  // namespace

TEST_CASE("listening socket: of two that open one path at the same instant one is told so") {
    std::string name = (std::filesystem::temp_directory_path() / "clacks-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    const auto address = address_in(name);
    for (int round = 0; round < 200; ++round) {
        CAPTURE(round);
        if (round % 2 == 0) leave_behind(address);
        std::array<std::vector<ListeningSocket>, 2> opened;
        std::array<std::string, 2> errors;
        std::barrier start(2);
        const auto open = [&](std::size_t index) {
            start.arrive_and_wait();
            try {
                opened[index] = ListeningSocket::open(address);
            } catch (const StartError& error) {
                errors[index] = error.what();
            }
        };
        std::thread other(open, 1);
        open(0);
        other.join();
        REQUIRE(opened[0].size() + opened[1].size() == 1);
        const std::string& error = errors[0].empty() ? errors[1] : errors[0];
        CHECK(error.find("another process, or a second clacksd, listens there") != error.npos);
    }
    std::filesystem::remove_all(name);
}
