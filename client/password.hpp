#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

// Passwords as a configuration keeps them: in plain text, or as what `clacks passwd` prints,
//     scrypt:<log2 of N>:<r>:<p>:<Base64 of the salt>:<Base64 of the hash>      (RFC 7914)
// Made here for the tool and verified here for the server.
namespace clacks {

/// The hash of a password with a salt of its own: N = 2^14, r = 8, p = 1, which costs 16 MiB and
/// some 40 ms. Throws std::runtime_error if OpenSSL cannot.
std::string hash_password(std::string_view password);

/// Whether `stored` is meant as a hash: it begins with "scrypt:".
bool is_password_hash(std::string_view stored);

/// What is wrong with a hash, as the end of a sentence: its form, or a cost of more than 64 MiB or
/// than a second or so. Nothing if passwords can be verified against it.
std::optional<std::string> password_hash_fault(std::string_view stored);

/// A hash that no password is known to fit, as costly to verify as `stored`, which is a good hash:
/// to let a login with a wrong name take as long as one with a wrong password. Throws
/// std::runtime_error if OpenSSL has no randomness.
std::string unfitting_hash(std::string_view stored);

/// Says whether a given password is the stored one. The time it takes tells nothing of where they
/// differ. Right answers for hashes are remembered while the process runs, so that a thousand
/// clients that come back at once do not cost a thousand hashes. Safe from any thread.
class PasswordVerifier {
public:
    PasswordVerifier();

    /// An empty `stored` is nobody's password, not even an empty one's. Nor is a faulty hash.
    bool fits(std::string_view stored, std::string_view given);

private:
    /// Of a password under a key that only this object knows: useless to who reads our memory's
    /// remains, and of one length, so that comparing it takes one time.
    using Mac = std::array<unsigned char, 32>;

    Mac mac(std::string_view password) const;
    bool remembers(std::string_view stored, const Mac& given);
    void remember(std::string_view stored, const Mac& given);

    std::array<unsigned char, 32> key_;
    std::mutex mutex_;
    std::map<std::string, Mac, std::less<>> right_;  ///< hash → what was given and fitted
};

}  // namespace clacks
