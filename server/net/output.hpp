#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/time.hpp"
#include "transport/buffer.hpp"
#include "transport/tls.hpp"

namespace clacks::net {

/// What is on its way to one peer, in plain text or through TLS.
///
/// Any worker appends; the one that was told `first` writes at the end of its turn, the one that
/// was told `soon` a little later, with all that others have appended by then: no thread is woken
/// to deliver a signal. Only when the
/// socket is full does the session's own worker wait for it to drain. TLS cannot be written
/// while it is read, so reading goes through the same lock.
class Output {
public:
    /// Takes over nothing: `fd` is non-blocking and belongs to the session, which calls close()
    /// before it closes it. `tls` may be null.
    Output(int fd, std::unique_ptr<transport::Tls> tls);

    enum class Append {
        first,   ///< the caller has to flush at the end of its turn
        soon,    ///< likewise, or a few turns later: of append_if_room() only
        queued,  ///< somebody flushes already
        full,    ///< over the limit: nothing was appended, and nothing will be but the last words
        closed,  ///< nothing was appended
    };
    /// At most `limit_bytes` may wait; but a piece is always taken when nothing else is
    /// waiting, or only what append_if_room() has just taken, however large it is.
    Append append(std::string_view bytes, std::size_t limit_bytes, transport::BufferPool& pool);
    /// Likewise, but not if more than `most_bytes` would wait: then nothing is appended, and the
    /// next may be. Full is never the answer. Little of it (`soon`) waits for more, and counts as
    /// nothing meanwhile: so a monitor costs others one write for what many turns show it.
    std::optional<Append> append_if_room(std::string_view bytes, std::size_t most_bytes,
                                         transport::BufferPool& pool);
    /// The last words: taken above the limit, and nothing is taken after them. `close_tls` ends
    /// the TLS connection behind them.
    Append finish(std::string_view bytes, transport::BufferPool& pool);

    enum class Flush {
        nothing,  ///< nothing was waiting, or others take care of it
        done,     ///< all has been written
        blocked,  ///< the socket is full; the session's worker must wait and call unblock()
        failed,   ///< the connection is gone
    };
    Flush flush(transport::BufferPool& pool, MonoTime now);
    /// After the socket has become writable: flushes on.
    Flush unblock(transport::BufferPool& pool, MonoTime now);

    /// Decrypts; see Tls::read. With want_input, `bytes` tells how many wait to be flushed
    /// because of it: an answer of the handshake, or what could not be sent before its end.
    transport::Tls::Read read_tls(std::span<const char>& cipher, std::span<char> plain,
                                  transport::BufferPool& pool);
    void start_tls(transport::BufferPool& pool);
    bool has_tls() const { return tls_ != nullptr; }
    // Of the TLS connection; nothing without one.
    std::string tls_error() const;
    transport::TlsSession tls_session() const;
    std::string certificate_name() const;

    /// Bytes that are waiting.
    std::size_t size() const;
    /// Of all that was ever appended, how many bytes have been given to TLS or to the socket.
    std::uint64_t sent() const;
    /// How many were ever appended.
    std::uint64_t appended() const;
    /// Since when the socket has taken nothing, or nothing.
    std::optional<MonoTime> stalled_since() const;
    /// Everything, the last words included, has been given to the socket.
    bool drained() const;

    /// The descriptor is not used any more.
    void close(transport::BufferPool& pool);

private:
    /// Holds the lock, and counts what has changed when it ends.
    class Change;
    bool has_room(std::size_t bytes, std::size_t most_bytes) const;
    void append_locked(std::string_view bytes, transport::BufferPool& pool);
    Append flush_now();
    Append flush_soon();
    Flush flush_locked(transport::BufferPool& pool, MonoTime now);
    enum class Sent { all, some, failed };
    Sent send(transport::Buffer& buffer, transport::BufferPool& pool, MonoTime now);
    bool encrypt_some(transport::BufferPool& pool);

    mutable std::mutex mutex_;
    std::size_t counted_ = 0;  ///< what the pools have heard is waiting
    std::uint64_t appended_ = 0;
    int fd_;
    std::unique_ptr<transport::Tls> tls_;
    transport::Buffer plain_;
    transport::Buffer cipher_;  ///< with TLS: encrypted, not yet taken by the socket
    enum class Writing {
        not_due,
        soon,
        now,      ///< somebody flushes at the end of the turn
        blocked,  ///< until the socket is writable
    };
    Writing writing_ = Writing::not_due;
    bool only_offered_ = false;  ///< what waits was taken by append_if_room(), since nothing waited
    bool overflowed_ = false;
    bool finished_ = false;
    bool tls_closed_ = false;
    bool tls_was_ready_ = false;
    MonoTime progress_{};
};

}  // namespace clacks::net
