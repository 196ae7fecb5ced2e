#include "server/net/certificate_watch.hpp"

#include <utility>

#include "transport/certificate_age.hpp"

namespace clacks::net {

void CertificateWatch::look_at(std::string file) {
    file_ = std::move(file);
    timer_.cancel();
    if (!file_.empty()) look_later();
}

void CertificateWatch::look_later() {
    timer_.expires_after(interval_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const auto trouble = transport::certificate_age_trouble(file_, now);
        if (!trouble.empty()) {
            log_.warning("certificate_ends", {{"file", file_}, {"what", trouble}});
        }
        look_later();
    });
}

}  // namespace clacks::net
