#pragma once

#include <mutex>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace clacks::cache {

/// A mutex for what is held for microseconds: who finds it locked looks again for about as long as
/// going to sleep and being woken takes, and only then sleeps.
class PatientMutex {
public:
    void lock() {
        for (int i = 0; i < attempts; ++i) {
            if (mutex_.try_lock()) return;
            pause();
        }
        mutex_.lock();
    }
    bool try_lock() { return mutex_.try_lock(); }
    void unlock() { mutex_.unlock(); }

private:
    /// Together some 10 us.
    static constexpr int attempts = 100;
    static void pause() {
        for (int i = 0; i < 4; ++i) {
#if defined(__x86_64__) || defined(__i386__)
            _mm_pause();
#elif defined(__aarch64__)
            asm volatile("yield");
#endif
        }
    }
    std::mutex mutex_;
};

}  // namespace clacks::cache
