#include "server/net/certificate_watch.hpp"

#include <utility>

namespace clacks::net {

void CertificateWatch::look_at(std::string file) {
    file_ = std::move(file);
    shown_ = transport::validity_of(file_);
    timer_.cancel();
    look_later();
}

void CertificateWatch::look_later() {
    if (!shown_) return;
    timer_.expires_after(interval_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        look();
        look_later();
    });
}

void CertificateWatch::look() {
    if (!shown_) return;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto trouble = transport::age_trouble(*shown_, now);
    if (trouble.empty()) return;
    const auto renewed = transport::validity_of(file_);
    if (renewed && *renewed != *shown_) trouble += "; the file has another one: send SIGHUP";
    log_.warning("certificate_ends", {{"file", file_}, {"what", trouble}});
}

}  // namespace clacks::net
