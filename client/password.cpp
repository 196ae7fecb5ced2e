#include "client/password.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "protocol/base64.hpp"

namespace clacks {
namespace {

constexpr std::string_view prefix = "scrypt:";
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;

/// So many hashes are remembered: more users than that come and go with reloads only.
constexpr std::size_t most_remembered = 10'000;

struct Cost {
    unsigned log2_n = 14;
    unsigned r = 8;
    unsigned p = 1;

    std::uint64_t n() const { return std::uint64_t{1} << log2_n; }
    std::uint64_t memory() const { return 128 * n() * r; }
};

struct Hash {
    Cost cost;
    std::string salt;
    std::string bytes;
};

/// A configuration must not make a login eat the machine, nor pretend to protect.
bool bearable(const Cost& cost) {
    constexpr std::uint64_t most_memory = 64U << 20U;
    return cost.log2_n >= 10 && cost.log2_n <= 20 && cost.r >= 1 && cost.r <= 64 && cost.p >= 1 &&
           cost.p <= 8 && cost.memory() <= most_memory;
}

bool take_number(std::string_view text, unsigned& number) {
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc() && end == last;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t colon = 0; colon != std::string_view::npos;) {
        colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon != std::string_view::npos) text.remove_prefix(colon + 1);
    }
    return parts;
}

/// The parts of a hash; only its form is looked at.
std::optional<Hash> parse(std::string_view stored) {
    const auto parts = split(stored);
    if (parts.size() != 6 || !is_password_hash(stored)) return std::nullopt;
    Hash hash;
    if (!take_number(parts[1], hash.cost.log2_n) || !take_number(parts[2], hash.cost.r) ||
        !take_number(parts[3], hash.cost.p)) {
        return std::nullopt;
    }
    auto salt = protocol::base64_decode(parts[4]);
    auto bytes = protocol::base64_decode(parts[5]);
    if (!salt || !bytes || salt->size() < 8 || salt->size() > 64 || bytes->size() < 16 ||
        bytes->size() > 64) {
        return std::nullopt;
    }
    hash.salt = std::move(*salt);
    hash.bytes = std::move(*bytes);
    return hash;
}

std::string scrypt(std::string_view password, std::string_view salt, const Cost& cost,
                   std::size_t size) {
    constexpr std::uint64_t room_for_the_rest = 4U << 20U;
    std::string result(size, '\0');
    const int done = EVP_PBE_scrypt(
        password.data() ? password.data() : "", password.size(),
        reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), cost.n(), cost.r, cost.p,
        cost.memory() + room_for_the_rest, reinterpret_cast<unsigned char*>(result.data()), size);
    if (done != 1) throw std::runtime_error("OpenSSL cannot compute scrypt: out of memory?");
    return result;
}

void fill_randomly(void* bytes, std::size_t size) {
    if (RAND_bytes(static_cast<unsigned char*>(bytes), static_cast<int>(size)) != 1) {
        throw std::runtime_error("OpenSSL has no randomness");
    }
}

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    fill_randomly(bytes.data(), bytes.size());
    return bytes;
}

/// The inverse of parse().
std::string to_string(const Hash& hash) {
    const auto& cost = hash.cost;
    return std::string(prefix) + std::to_string(cost.log2_n) + ':' + std::to_string(cost.r) + ':' +
           std::to_string(cost.p) + ':' + protocol::base64_encode(hash.salt) + ':' +
           protocol::base64_encode(hash.bytes);
}

bool verifies(std::string_view stored, std::string_view given) {
    const auto hash = parse(stored);
    if (!hash || !bearable(hash->cost)) return false;
    const auto bytes = scrypt(given, hash->salt, hash->cost, hash->bytes.size());
    return CRYPTO_memcmp(bytes.data(), hash->bytes.data(), bytes.size()) == 0;
}

}  // namespace

std::string hash_password(std::string_view password) {
    const Cost cost;
    const std::string salt = random_bytes(salt_bytes);
    return to_string({cost, salt, scrypt(password, salt, cost, hash_bytes)});
}

std::string unfitting_hash(std::string_view stored) {
    Hash hash = parse(stored).value();
    hash.salt = random_bytes(hash.salt.size());
    hash.bytes = random_bytes(hash.bytes.size());
    return to_string(hash);
}

bool is_password_hash(std::string_view stored) { return stored.starts_with(prefix); }

std::optional<std::string> password_hash_fault(std::string_view stored) {
    const auto hash = parse(stored);
    if (!hash) {
        return "is no hash of a password; 'clacks passwd' prints one: "
               "scrypt:<log2 of N>:<r>:<p>:<salt>:<hash>";
    }
    if (!bearable(hash->cost)) {
        return "asks too much or too little of scrypt; allowed: N from 2^10 to 2^20, r from 1 to "
               "64, p from 1 to 8, and 128 * N * r bytes of memory up to 64 MiB";
    }
    return std::nullopt;
}

PasswordVerifier::PasswordVerifier() : key_{} { fill_randomly(key_.data(), key_.size()); }

bool PasswordVerifier::fits(std::string_view stored, std::string_view given) {
    if (stored.empty()) return false;
    const Mac given_mac = mac(given);
    if (!is_password_hash(stored)) {
        return CRYPTO_memcmp(mac(stored).data(), given_mac.data(), given_mac.size()) == 0;
    }
    if (remembers(stored, given_mac)) return true;
    if (!verifies(stored, given)) return false;
    remember(stored, given_mac);
    return true;
}

PasswordVerifier::Mac PasswordVerifier::mac(std::string_view password) const {
    Mac result;
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(password.data());
    if (!HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes, password.size(),
              result.data(), &size)) {
        throw std::runtime_error("OpenSSL cannot compute HMAC: out of memory?");
    }
    return result;
}

bool PasswordVerifier::remembers(std::string_view stored, const Mac& given) {
    const std::lock_guard lock(mutex_);
    const auto found = right_.find(stored);
    return found != right_.end() &&
           CRYPTO_memcmp(found->second.data(), given.data(), given.size()) == 0;
}

void PasswordVerifier::remember(std::string_view stored, const Mac& given) {
    const std::lock_guard lock(mutex_);
    if (right_.size() >= most_remembered) right_.clear();
    right_.insert_or_assign(std::string(stored), given);
}

}  // namespace clacks
