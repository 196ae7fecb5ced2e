#pragma once

#include <boost/asio/async_result.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "clacks/error.hpp"

/// Far more than anything here takes, on any machine.
constexpr std::chrono::seconds patience{100};

/// A completion token: what the operation ends with, later, as a value even if it is an error.
/// (Asio's use_future throws it across threads, which a thread sanitizer cannot follow.)
struct Later {};
constexpr Later later;

template <class... Results>
class boost::asio::async_result<Later, void(clacks::error_code, Results...)> {
public:
    using return_type = std::future<std::tuple<clacks::error_code, Results...>>;

    template <class Initiation, class... Args>
    static return_type initiate(Initiation&& initiation, Later, Args&&... args) {
        std::promise<std::tuple<clacks::error_code, Results...>> promise;
        auto future = promise.get_future();
        std::forward<Initiation>(initiation)(
            [promise = std::move(promise)](clacks::error_code error, Results... results) mutable {
                promise.set_value({error, std::move(results)...});
            },
            std::forward<Args>(args)...);
        return future;
    }
};

/// Waits for `future`, which must come in time.
template <class T>
T settled(std::future<T> future) {
    if (future.wait_for(patience) != std::future_status::ready)
        throw std::runtime_error("nothing came of it");
    return future.get();
}

/// The error an operation ends with; none if it succeeds.
template <class... Results>
clacks::error_code error_of(std::future<std::tuple<clacks::error_code, Results...>> future) {
    return std::get<0>(settled(std::move(future)));
}

/// What a successful operation gives; throws the error of another.
template <class Result>
Result outcome(std::future<std::tuple<clacks::error_code, Result>> future) {
    auto [error, result] = settled(std::move(future));
    if (error) throw clacks::Error(error);
    return std::move(result);
}
inline void outcome(std::future<std::tuple<clacks::error_code>> future) {
    if (const auto error = error_of(std::move(future))) throw clacks::Error(error);
}
