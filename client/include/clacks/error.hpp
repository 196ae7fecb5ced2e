#pragma once

#include <boost/system/error_code.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace clacks {

using boost::system::error_code;

/// What the client itself can answer. Errors of sockets, name resolution and TLS are not
/// translated: they arrive as Asio's and OpenSSL's own codes.
enum class Errc {
    /// close() was called, or the client was destroyed.
    closed = 1,
    /// The connection was lost before the answer came, or with commands on the way whose fate is
    /// unknown.
    disconnected,
    /// No answer within Options::connect_timeout, login_timeout or reply_timeout.
    timeout,
    /// The node does not know this user and password. Ends the client: it does not try again by
    /// itself.
    login_failed,
    /// Whoever answered does not speak Clacks: its first line was something else.
    not_clacks,
    /// Options::output_bytes wait to be sent already. Nothing of the refused command is kept.
    queue_full,
    /// The user lacks the permission for what was asked.
    permission_denied,
    /// The node refused for another reason; Client::diagnostic() has its words.
    refused,
    /// A name is not empty, and holds no blank, no '=', no line break and no NUL.
    invalid_name,
    /// The step of an increment or decrement is not a finite decimal number.
    invalid_step,
    /// The command would be longer than Options::line_bytes.
    value_too_large,
    /// Not `tls://[user@]host[:port]`, `unix://[user@]/path` or `unix:/path`.
    invalid_url,
    /// async_connect was called while the client is connecting or connected.
    already_connected,
    /// The node lacks the extension that this needs: a plain Net::Clacks node, or an older clacksd.
    not_supported,
    /// A version is a word that a node gave: not empty, without blank, '=' and comma.
    invalid_version,
    /// A lifetime that is not positive.
    invalid_lifetime,
    /// A pattern with `**` elsewhere than at its end, a limit outside of 1 to KeyQuery::most, a
    /// verb
    /// that there is not, or a share outside of 1e-9 to 1.
    invalid_query,
    /// Connected, but whoever listens there did not greet as a node does within login_timeout.
    no_greeting,
    /// Options::key_file without certificate_file.
    no_certificate,
    /// The node has not looked at this login: too many from this address have failed, or are being
    /// checked. A client that reconnects tries again when the time is over that it was told.
    login_delayed,
};

const boost::system::error_category& error_category() noexcept;
error_code make_error_code(Errc e) noexcept;

/// What the blocking face throws: a code for the program, a sentence for people.
class Error : public std::runtime_error {
public:
    explicit Error(error_code code) : Error(code, code.message()) {}
    Error(error_code code, const std::string& sentence)
        : std::runtime_error(sentence), code_(code) {}

    const error_code& code() const noexcept { return code_; }

private:
    error_code code_;
};

}  // namespace clacks

template <>
struct boost::system::is_error_code_enum<clacks::Errc> : std::true_type {};
