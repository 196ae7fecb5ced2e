#pragma once

#include <semaphore.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <exception>
#include <functional>

namespace clacks::net {

/// Through which a thread has a worker do something between its turns, a step after each. That
/// thread may be one that runs only when nobody else wants to: it takes no lock that a worker could
/// wait for (a post would), and allocates nothing. While the worker goes on from step to step it
/// need not run.
class Errand {
public:
    /// `context`: the worker's, of one thread.
    explicit Errand(boost::asio::io_context& context);
    ~Errand();
    Errand(const Errand&) = delete;
    Errand& operator=(const Errand&) = delete;

    /// Has `step`, which takes microseconds, done by the worker until it returns false, and returns
    /// true then. Throws what it throws. False: the worker has not come by for some 20 ms, and will
    /// not do it any more. From one thread at a time, not the worker's.
    bool run(const std::function<bool()>& step);

    /// On the worker, at the end of each turn: does the next step, if there is one, and after a
    /// long turn some. Returns whether there is another, for which a turn has to come.
    bool go_on();

private:
    enum class State : unsigned char { none, offered, taken };
    void wait();
    bool is_done_soon();

    boost::asio::posix::stream_descriptor bell_;  ///< an eventfd
    std::atomic<State> state_{State::none};
    const std::function<bool()>* step_ = nullptr;
    std::atomic<unsigned> steps_{0};
    std::chrono::steady_clock::time_point went_on_{};  ///< the worker, last
    std::exception_ptr problem_;
    sem_t done_{};
};

}  // namespace clacks::net
