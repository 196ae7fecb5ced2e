#include "server/net/output.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace clacks::net {

namespace {

/// Where so much waits that is not urgent, a write is worth its system call and its TLS record.
constexpr std::size_t worth_writing = 16U << 10U;

}  // namespace

class Output::Change {
public:
    Change(Output& output, transport::BufferPool& pool)
        : lock_(output.mutex_), output_(output), pool_(pool) {}
    ~Change() {
        const auto waiting = output_.plain_.size() + output_.cipher_.size();
        pool_.count(static_cast<std::ptrdiff_t>(waiting) -
                    static_cast<std::ptrdiff_t>(std::exchange(output_.counted_, waiting)));
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

private:
    const std::lock_guard<std::mutex> lock_;
    Output& output_;
    transport::BufferPool& pool_;
};

Output::Output(int fd, std::unique_ptr<transport::Tls> tls) : fd_(fd), tls_(std::move(tls)) {}

Output::Append Output::append(std::string_view bytes, std::size_t limit_bytes,
                              transport::BufferPool& pool) {
    const Change change(*this, pool);
    if (finished_ || overflowed_ || fd_ < 0) return Append::closed;
    if (!std::exchange(only_offered_, false) && !has_room(bytes.size(), limit_bytes)) {
        overflowed_ = true;  // what comes later must not arrive without this
        return Append::full;
    }
    append_locked(bytes, pool);
    return flush_now();
}

std::optional<Output::Append> Output::append_if_room(std::string_view bytes, std::size_t most_bytes,
                                                     transport::BufferPool& pool) {
    const Change change(*this, pool);
    if (finished_ || overflowed_ || fd_ < 0) return Append::closed;
    if (writing_ != Writing::soon && !has_room(bytes.size(), most_bytes)) return std::nullopt;
    if (plain_.empty() && cipher_.empty()) only_offered_ = true;
    append_locked(bytes, pool);
    const bool much = plain_.size() >= std::min(worth_writing, most_bytes / 2);
    return much ? flush_now() : flush_soon();
}

bool Output::has_room(std::size_t bytes, std::size_t most_bytes) const {
    const std::size_t waiting = plain_.size() + cipher_.size();
    return waiting == 0 || waiting + bytes <= most_bytes;
}

void Output::append_locked(std::string_view bytes, transport::BufferPool& pool) {
    plain_.append(bytes, pool);
    appended_ += bytes.size();
}

Output::Append Output::flush_now() {
    if (writing_ == Writing::now || writing_ == Writing::blocked) return Append::queued;
    writing_ = Writing::now;
    return Append::first;
}

Output::Append Output::flush_soon() {
    if (writing_ != Writing::not_due) return Append::queued;
    writing_ = Writing::soon;
    return Append::soon;
}

Output::Append Output::finish(std::string_view bytes, transport::BufferPool& pool) {
    const Change change(*this, pool);
    if (finished_ || fd_ < 0) return Append::closed;
    finished_ = true;
    if (tls_ && !tls_->ready()) {
        plain_.clear();  // without a handshake nobody can be told: nothing to wait for
    } else {
        append_locked(bytes, pool);
    }
    return flush_now();
}

Output::Flush Output::flush(transport::BufferPool& pool, MonoTime now) {
    const Change change(*this, pool);
    if (writing_ == Writing::blocked) return Flush::nothing;
    writing_ = Writing::not_due;
    if (plain_.empty() && cipher_.empty() && !finished_) return Flush::nothing;
    progress_ = now;  // if it blocks, it blocks from now on
    return flush_locked(pool, now);
}

Output::Flush Output::unblock(transport::BufferPool& pool, MonoTime now) {
    const Change change(*this, pool);
    writing_ = Writing::not_due;
    return flush_locked(pool, now);
}

Output::Flush Output::flush_locked(transport::BufferPool& pool, MonoTime now) {
    if (fd_ < 0) return Flush::nothing;
    for (;;) {
        transport::Buffer& next = tls_ ? cipher_ : plain_;
        const Sent sent = send(next, pool, now);
        if (sent == Sent::failed) return Flush::failed;
        if (sent == Sent::some) {
            writing_ = Writing::blocked;  // appending wakes nobody now
            only_offered_ = false;
            return Flush::blocked;
        }
        if (!tls_ || !tls_->ready()) return Flush::done;
        if (plain_.empty() && (!finished_ || std::exchange(tls_closed_, true))) return Flush::done;
        if (!encrypt_some(pool)) return Flush::failed;
    }
}

bool Output::encrypt_some(transport::BufferPool& pool) {
    // So much at once that a write is worth its system call, so little that it stays in the cache.
    constexpr std::size_t most_bytes = 256U << 10U;
    std::string& cipher = cipher_.tail(pool);
    if (plain_.empty()) {
        tls_->close(cipher);
        return true;
    }
    const auto piece = plain_.view().substr(0, most_bytes);
    const bool good = tls_->write(piece, cipher);
    plain_.consume(piece.size(), pool);
    return good;
}

Output::Sent Output::send(transport::Buffer& buffer, transport::BufferPool& pool, MonoTime now) {
    while (!buffer.empty()) {
        const auto bytes = buffer.view();
        const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            progress_ = now;
            buffer.consume(static_cast<std::size_t>(count), pool);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return Sent::some;
        } else if (errno != EINTR) {
            return Sent::failed;
        }
    }
    return Sent::all;
}

transport::Tls::Read Output::read_tls(std::span<const char>& cipher, std::span<char> plain,
                                      transport::BufferPool& pool) {
    const Change change(*this, pool);
    auto result = tls_->read(cipher, plain, cipher_.tail(pool));
    cipher_.settle(pool);
    if (result.status == transport::Tls::Status::want_input) {
        result.bytes = cipher_.size();
        if (!tls_was_ready_ && tls_->ready()) {
            tls_was_ready_ = true;
            result.bytes += plain_.size();
        }
    }
    return result;
}

void Output::start_tls(transport::BufferPool& pool) {
    const Change change(*this, pool);
    tls_->start(cipher_.tail(pool));
}

std::string Output::tls_error() const {
    const std::lock_guard lock(mutex_);
    return tls_ ? tls_->error_text() : std::string();
}

transport::TlsSession Output::tls_session() const {
    const std::lock_guard lock(mutex_);
    return tls_ ? tls_->session() : nullptr;
}

std::string Output::certificate_name() const {
    const std::lock_guard lock(mutex_);
    return tls_ ? tls_->certificate_name() : std::string();
}

std::size_t Output::size() const {
    const std::lock_guard lock(mutex_);
    return plain_.size() + cipher_.size();
}

std::uint64_t Output::sent() const {
    const std::lock_guard lock(mutex_);
    return appended_ - plain_.size();
}

std::uint64_t Output::appended() const {
    const std::lock_guard lock(mutex_);
    return appended_;
}

std::optional<MonoTime> Output::stalled_since() const {
    const std::lock_guard lock(mutex_);
    return writing_ == Writing::blocked ? std::optional(progress_) : std::nullopt;
}

bool Output::drained() const {
    const std::lock_guard lock(mutex_);
    return plain_.empty() && cipher_.empty();
}

void Output::close(transport::BufferPool& pool) {
    const Change change(*this, pool);
    fd_ = -1;
    plain_.clear();
    cipher_.clear();
}

}  // namespace clacks::net
