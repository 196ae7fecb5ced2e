#include "server/net/certificate_watch.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "client/tool/certificate.hpp"
#include "tests/client_tool/temporary_directory.hpp"
#include "tests/node/recording_log.hpp"

using namespace std::chrono_literals;
using clacks::net::CertificateWatch;

namespace {

std::string certificate_of(const TemporaryDirectory& directory, int days) {
    clacks::tool::CertificateRequest request;
    request.directory = directory.path() / std::to_string(days);
    request.names = {"localhost"};
    request.days = days;
    return clacks::tool::make_certificate(request).certificate.string();
}

}  // namespace

TEST_CASE("certificate watch: one that has expired is told again and again, a good one never") {
    const TemporaryDirectory directory;
    const std::string expired = certificate_of(directory, -1);
    const std::string good = certificate_of(directory, 100);
    boost::asio::io_context context;
    clacks::node::RecordingLog log;
    CertificateWatch watch(context, log, 1ms);
    watch.look_at(expired);
    for (int looks = 0; looks < 3; ++looks) context.run_one();
    CHECK(log.count("certificate_ends file=" + expired + " what=expired on ") == 3);
    watch.look_at(good);
    const auto told = log.count("certificate_ends");
    for (int looks = 0; looks < 5; ++looks) context.run_one();
    CHECK(log.count("certificate_ends") == told);
    watch.look_at("");
    context.run();  // nothing is left to wait for
    CHECK(log.count("certificate_ends") == told);
}

TEST_CASE(
    "certificate watch: the one that the node shows counts, not one that has been put there") {
    const TemporaryDirectory directory;
    const std::string file = certificate_of(directory, -1);
    boost::asio::io_context context;
    clacks::node::RecordingLog log;
    CertificateWatch watch(context, log, 1ms);
    watch.look_at(file);
    context.run_one();
    const auto renewed = certificate_of(directory, 100);
    std::filesystem::copy_file(renewed, file, std::filesystem::copy_options::overwrite_existing);
    context.run_one();
    CHECK(log.count("certificate_ends file=" + file + " what=expired on ") == 2);
    CHECK(log.text().ends_with("; the file has another one: send SIGHUP\n"));
    watch.look_at(file);  // which SIGHUP does
    for (int looks = 0; looks < 3; ++looks) context.run_one();
    CHECK(log.count("certificate_ends") == 2);
}
