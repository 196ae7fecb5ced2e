#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "server/node/log.hpp"
#include "transport/certificate_age.hpp"

namespace clacks::net {

/// Warns in the log while the certificate that the node shows is about to expire, or has: once a
/// day, since a node that runs for months is neither started nor reloaded in time. On the thread of
/// the io_context, or before that runs.
class CertificateWatch {
public:
    /// `context` and `log` must outlive it.
    CertificateWatch(boost::asio::io_context& context, node::Log& log,
                     std::chrono::milliseconds interval = std::chrono::days(1))
        : timer_(context), log_(log), interval_(interval) {}

    /// The one in this file, as it is now: the node shows it until the next call, whatever becomes
    /// of the file. Empty: none. The first look is after an interval: whoever reads a configuration
    /// has just had one.
    void look_at(std::string file);

private:
    void look_later();
    void look();

    boost::asio::steady_timer timer_;
    node::Log& log_;
    const std::chrono::milliseconds interval_;
    std::string file_;
    std::optional<transport::Validity> shown_;
};

}  // namespace clacks::net
