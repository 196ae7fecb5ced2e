#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>
#include <string_view>

#include "clacks/options.hpp"
#include "tests/client/later.hpp"
#include "tests/client_tool/temporary_directory.hpp"

/// What clacksd says to FEATURES, but for gaps: who listens would have more to say.
constexpr const char* all_features =
    "patterns listenandretrieve expiry conditions increment_and_retrieve exists retrievemany "
    "keylist_pages status tree monitor_filter flags";

/// One connection as the node sees it. Waits for what it reads; throws if it does not come.
class Peer {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    explicit Peer(Socket socket) : socket_(std::move(socket)) {}

    /// The next line, without its end. "(closed)" when there is none any more.
    std::string reads();
    /// The next `count` lines, joined by " | ".
    std::string reads(int count);
    /// Sends `lines`; they end with LF.
    void says(std::string_view lines);
    void closes() { socket_.close(); }

    /// Reads the login, greets and welcomes as clacksd does. Gives CLACKS and OVERHEAD A.
    std::string welcomes();
    /// The same as Net::Clacks does it, which knows no FEATURES.
    std::string welcomes_plainly();

private:
    std::string greets(const std::string& features);

    Socket socket_;
    std::string received_;
};

/// A unix socket in a directory of its own, where clients meet a Peer that does what the test says.
class FakeNode {
public:
    FakeNode();

    /// For a client that finds it, as user "me", and does not wait long between attempts.
    clacks::Options options() const;

    /// The next client.
    Peer accepts();
    /// Refuses connections until restarts().
    void stops();
    void restarts();

private:
    TemporaryDirectory directory_;
    boost::asio::local::stream_protocol::endpoint endpoint_;
    boost::asio::io_context io_;
    boost::asio::local::stream_protocol::acceptor acceptor_{io_};
};
