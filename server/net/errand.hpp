#pragma once

#include <semaphore.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <exception>
#include <functional>

namespace clacks::net {

/// Through which a thread has a worker do something between its turns. That thread may be one that
/// runs only when nobody else wants to: it takes no lock that a worker could wait for (a post
/// would), and allocates nothing.
class Errand {
public:
    /// `context`: the worker's, of one thread.
    explicit Errand(boost::asio::io_context& context);
    ~Errand();
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;

    /// Has `step`, which takes microseconds, done by the worker, and returns true when it has been.
    /// Throws what it throws. False: the worker has not come by for some 20 ms, and will not do it.
    /// From one thread at a time, not the worker's.
    bool run(const std::function<void()>& step);

private:
    enum class State : unsigned char { none, offered, taken };
    void wait();
    void take();
    bool is_done_soon();

    boost::asio::posix::stream_descriptor bell_;  ///< an eventfd
    std::atomic<State> state_{State::none};
    const std::function<void()>* step_ = nullptr;
    std::exception_ptr problem_;
    sem_t done_{};
};

}  // namespace clacks::net
