#pragma once

#include <cstddef>

namespace clacks::memcached {

/// How much the sessions of one thread keep of values that are not there whole: each keeps little,
/// but whoever opens thousands and never ends a value is not to take all memory. Must outlive its
/// shares.
class PartialValues {
public:
    /// What one session keeps. Given back when it is destroyed.
    class Share {
    public:
        explicit Share(PartialValues& of) : of_(of) {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { of_.bytes_ -= bytes_; }

        /// False, and nothing has changed: all of them would have more than `most_bytes`.
        bool grow(std::size_t bytes, std::size_t most_bytes) {
            if (of_.bytes_ + bytes > most_bytes) return false;
            of_.bytes_ += bytes;
            bytes_ += bytes;
            return true;
        }

    private:
        PartialValues& of_;
        std::size_t bytes_ = 0;
    };

    std::size_t bytes() const { return bytes_; }

private:
    std::size_t bytes_ = 0;
};

}  // namespace clacks::memcached
