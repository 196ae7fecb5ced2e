#include "client/password.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "protocol/base64.hpp"

using namespace clacks;

namespace {

std::string hash(std::string_view cost, std::string_view salt, std::string_view bytes) {
    return "scrypt:" + std::string(cost) + ":" + protocol::base64_encode(salt) + ":" +
           protocol::base64_encode(bytes);
}

// "pleaseletmein" and its salt, N = 16384, r = 8, p = 1: RFC 7914, section 12.
const std::string rfc_7914 =
    hash("14:8:1", "SodiumChloride",
         "\x70\x23\xbd\xcb\x3a\xfd\x73\x48\x46\x1c\x06\xcd\x81\xfd\x38\xeb"
         "\xfd\xa8\xfb\xba\x90\x4f\x8e\x3e\xa9\xb5\x43\xf6\x54\x5d\xa1\xf2"
         "\xd5\x43\x29\x55\x61\x3f\x0f\xcf\x62\xd4\x97\x05\x24\x2a\x9a\xf9"
         "\xe6\x1e\x85\xdc\x0d\x65\x1e\x40\xdf\xcf\x01\x7b\x45\x57\x58\x87");

// Cheap, for tests that need many.
std::string with_cost(std::string_view cost) {
    return hash(cost, std::string(16, 's'), std::string(32, 'h'));
}

}  // namespace

TEST_CASE("password: a hash fits the password it was made of and no other") {
    PasswordVerifier verifier;
    for (const std::string password : {"secret", "p\xc3\xa4ss word:=\"", "", "scrypt:"}) {
        CAPTURE(password);
        const std::string stored = hash_password(password);
        CHECK(is_password_hash(stored));
        CHECK(password_hash_fault(stored) == std::nullopt);
        CHECK(verifier.fits(stored, password));
        CHECK_FALSE(verifier.fits(stored, password + "x"));
        CHECK_FALSE(verifier.fits(stored, stored));
    }
}

TEST_CASE("password: an unfitting hash has the cost of another, and nothing else of it") {
    const std::string stored = with_cost("10:2:3");
    const std::string unfitting = unfitting_hash(stored);
    CHECK(unfitting.starts_with("scrypt:10:2:3:"));
    CHECK(unfitting.size() == stored.size());
    CHECK(password_hash_fault(unfitting) == std::nullopt);
    CHECK(unfitting != unfitting_hash(stored));
    CHECK_FALSE(PasswordVerifier().fits(unfitting, "x"));
}

TEST_CASE("password: two hashes of one password have nothing in common") {
    const std::string one = hash_password("secret");
    const std::string two = hash_password("secret");
    CHECK(one.starts_with("scrypt:14:8:1:"));
    CHECK(one != two);
    CHECK(one.substr(one.rfind(':')) != two.substr(two.rfind(':')));
}

TEST_CASE("password: a hash that somebody else made is understood") {
    PasswordVerifier verifier;
    CHECK(password_hash_fault(rfc_7914) == std::nullopt);
    CHECK(verifier.fits(rfc_7914, "pleaseletmein"));
    CHECK_FALSE(verifier.fits(rfc_7914, "pleaseletmeout"));
}

TEST_CASE("password: plain text fits itself") {
    PasswordVerifier verifier;
    CHECK(verifier.fits("secret", "secret"));
    CHECK_FALSE(verifier.fits("secret", "secreT"));
    CHECK_FALSE(verifier.fits("secret", "secre"));
    CHECK_FALSE(verifier.fits("secret", "secretsecret"));
    CHECK_FALSE(verifier.fits("secret", ""));
    CHECK_FALSE(verifier.fits("secret", std::string_view("secret\0", 7)));
}

TEST_CASE("password: no password at all is not the empty one") {
    PasswordVerifier verifier;
    CHECK_FALSE(verifier.fits("", ""));
    CHECK_FALSE(verifier.fits("", std::string_view()));
    CHECK_FALSE(verifier.fits("", "x"));
}

TEST_CASE("password: what is remembered belongs to its hash, and a wrong answer is never right") {
    PasswordVerifier verifier;
    const std::string one = hash_password("one");
    const std::string two = hash_password("two");
    for (int i = 0; i < 3; ++i) {
        CAPTURE(i);
        CHECK(verifier.fits(one, "one"));
        CHECK(verifier.fits(two, "two"));
        CHECK_FALSE(verifier.fits(one, "two"));
        CHECK_FALSE(verifier.fits(two, "one"));
    }
}

TEST_CASE("password: a right answer costs its hash once, then next to nothing") {
    using Clock = std::chrono::steady_clock;
    PasswordVerifier verifier;
    const std::string stored = hash_password("secret");
    const auto begin = Clock::now();
    CHECK(verifier.fits(stored, "secret"));
    const auto first = Clock::now() - begin;
    int right = 0;
    for (int i = 0; i < 100; ++i) right += verifier.fits(stored, "secret") ? 1 : 0;
    CHECK(right == 100);
    CHECK(Clock::now() - begin < 50 * first);
}

TEST_CASE("password: several threads may ask at once") {
    PasswordVerifier verifier;
    const std::string stored = hash_password("secret");
    std::vector<int> right(4);
    std::vector<std::thread> threads;
    for (int& count : right) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) count += verifier.fits(stored, "secret") ? 1 : 0;
            count += verifier.fits(stored, "wrong") ? 1000 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(right == std::vector<int>{50, 50, 50, 50});
}

TEST_CASE("password: a hash of another form has a fault and fits nothing") {
    PasswordVerifier verifier;
    const std::string good = with_cost("10:1:1");
    REQUIRE(password_hash_fault(good) == std::nullopt);
    const std::string salt = protocol::base64_encode(std::string(16, 's'));
    const std::string bytes = protocol::base64_encode(std::string(32, 'h'));
    for (const std::string& bad : {
             std::string("scrypt:"),
             std::string("scrypt:abc"),
             "scrypt:10:1:" + salt + ":" + bytes,
             good + ":",
             "scrypt::1:1:" + salt + ":" + bytes,
             "scrypt:10:1:x:" + salt + ":" + bytes,
             "scrypt:-10:1:1:" + salt + ":" + bytes,
             "scrypt:10:1:99999999999:" + salt + ":" + bytes,
             "scrypt:10:1:1:???:" + bytes,
             "scrypt:10:1:1:" + salt + ":???",
             "scrypt:10:1:1::" + bytes,
             "scrypt:10:1:1:" + salt + ":",
             hash("10:1:1", std::string(65, 's'), std::string(32, 'h')),
             hash("10:1:1", std::string(16, 's'), std::string(65, 'h')),
         }) {
        CAPTURE(bad);
        const auto fault = password_hash_fault(bad);
        REQUIRE(fault.has_value());
        CHECK(fault->find("clacks passwd") != std::string::npos);
        CHECK_FALSE(verifier.fits(bad, ""));
    }
}

TEST_CASE("password: a hash that would eat the machine, or protects nothing, has a fault") {
    PasswordVerifier verifier;
    for (const std::string_view cost : {"9:8:1", "21:1:1", "63:1:1", "4000000000:1:1", "14:0:1",
                                        "14:65:1", "14:8:0", "14:8:9", "17:8:1", "20:8:1"}) {
        CAPTURE(cost);
        const auto fault = password_hash_fault(with_cost(cost));
        REQUIRE(fault.has_value());
        CHECK(fault->find("64 MiB") != std::string::npos);
        CHECK_FALSE(verifier.fits(with_cost(cost), "x"));
    }
    for (const std::string_view cost : {"10:1:8", "16:8:1", "14:32:1", "19:1:1"}) {
        CAPTURE(cost);
        CHECK(password_hash_fault(with_cost(cost)) == std::nullopt);
    }
}
