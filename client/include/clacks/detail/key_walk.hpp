#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "clacks/error.hpp"
#include "clacks/keys.hpp"

namespace clacks::detail {

/// The keys that `pattern` stands for, sorted, of those that a node without pages has listed.
void keep_matching(std::vector<std::string>& keys, const std::string& pattern);
void sort_keys(std::vector<std::string>& keys);

/// One page after the other, as the body of an asio::async_compose. A node without pages is asked
/// for everything. `Source` copies cheaply and has
///     void page(KeyQuery, handler);   // void(error_code, KeyPage)
///     void all(handler);              // void(error_code, std::vector<std::string>)
template <class Source>
class KeyWalk {
public:
    KeyWalk(Source source, std::string pattern) : source_(std::move(source)) {
        query_.pattern = std::move(pattern);
    }

    template <class Self>
    void operator()(Self& self) {
        self.reset_cancellation_state(boost::asio::enable_total_cancellation());
        next(self);
    }

    template <class Self>
    void operator()(Self& self, error_code error, KeyPage page) {
        if (error == Errc::not_supported) {
            keys_.clear();
            Source source = source_;
            return source.all(std::move(self));
        }
        if (error) return self.complete(error, {});
        std::move(page.keys.begin(), page.keys.end(), std::back_inserter(keys_));
        query_.after = std::move(page.after);
        if (query_.after.empty()) {
            sort_keys(keys_);
            return self.complete({}, std::move(keys_));
        }
        if (self.cancelled() != boost::asio::cancellation_type::none)
            return self.complete(boost::asio::error::operation_aborted, {});
        next(self);
    }

    template <class Self>
    void operator()(Self& self, error_code error, std::vector<std::string> all) {
        if (!error) keep_matching(all, query_.pattern);
        self.complete(error, std::move(all));
    }

private:
    template <class Self>
    void next(Self& self) {
        Source source = source_;  // `self`, which is to be moved, holds ours
        KeyQuery query = query_;
        source.page(std::move(query), std::move(self));
    }

    Source source_;
    KeyQuery query_;
    std::vector<std::string> keys_;
};

}  // namespace clacks::detail
