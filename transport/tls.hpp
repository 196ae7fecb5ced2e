#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "transport/tls_context.hpp"

namespace clacks::transport {

/// What a later connection can resume, so that it needs half a handshake only.
using TlsSession = std::shared_ptr<SSL_SESSION>;

/// One TLS connection without a socket: bytes from the network go in, bytes for the network come
/// out. It keeps no buffers of its own beyond what OpenSSL needs for an unfinished record.
/// Not thread-safe; its session's output lock guards it.
class Tls {
public:
    /// The server's side.
    explicit Tls(const TlsContext& context);
    /// The client's side, connecting to `host` (a name or an address).
    Tls(const TlsContext& context, const std::string& host);

    enum class Status {
        data,        ///< some plain bytes were read
        want_input,  ///< all input is used up
        closed,      ///< the peer said that it closes
        failed,      ///< error_text() says why; the connection is of no use any more
    };
    struct Read {
        Status status;
        std::size_t bytes = 0;
    };

    /// Decrypts into `plain`, taking from the front of `cipher` (which is shortened) what it needs.
    /// Handshake answers and alerts are appended to `answer`. To be called until want_input.
    Read read(std::span<const char>& cipher, std::span<char> plain, std::string& answer);

    /// Offers, on the client's side and before start(), to resume this session; null: none.
    void resume(const TlsSession& session);

    /// Starts the handshake on the client's side.
    void start(std::string& answer);

    /// Encrypts all of `plain`, in records of up to 16 KiB, appending to `cipher`. Only after
    /// ready(). False: error_text() says why.
    bool write(std::string_view plain, std::string& cipher);

    /// Appends the message that we close.
    void close(std::string& cipher);

    /// The handshake is done.
    bool ready() const { return SSL_is_init_finished(ssl_.get()) != 0; }

    /// What the client's side may resume later, or null. TLS 1.3: once something has been read.
    TlsSession session() const;

    /// The handshake resumed a session.
    bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

    /// On the server's side, after the handshake: the name in the client's certificate (see
    /// transport::certificate_name), which has been verified. Empty: it has shown none.
    std::string certificate_name() const;

    /// Why the connection failed, for a person.
    const std::string& error_text() const { return error_text_; }

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    explicit Tls(SSL* ssl);
    Read failed();

    static int bio_read(BIO* bio, char* to, int size);
    static int bio_write(BIO* bio, const char* from, int size);
    static long bio_control(BIO* bio, int command, long number, void* pointer);
    static BIO_METHOD* method();

    // What OpenSSL's BIO reads from and writes to, during one call.
    std::span<const char>* input_ = nullptr;
    std::string* output_ = nullptr;
    std::unique_ptr<SSL, Free> ssl_;
    std::string error_text_;
};

}  // namespace clacks::transport
