#pragma once

#include <pthread.h>

#include <cstdlib>

namespace clacks::node {

/// A std::shared_mutex in which a writer that waits goes before readers that come later. In the one
/// of glibc readers go first: while two of them always overlap, a writer waits for ever.
///
/// Who holds it as a reader must not ask for it again: a writer may be waiting in between.
class WriterFirstMutex {
public:
    WriterFirstMutex() {
        pthread_rwlockattr_t attributes;
        expect(::pthread_rwlockattr_init(&attributes));
        expect(::pthread_rwlockattr_setkind_np(&attributes,
                                               PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP));
        expect(::pthread_rwlock_init(&lock_, &attributes));
        expect(::pthread_rwlockattr_destroy(&attributes));
    }
    ~WriterFirstMutex() { ::pthread_rwlock_destroy(&lock_); }
    WriterFirstMutex(const WriterFirstMutex&) = delete;
    WriterFirstMutex& operator=(const WriterFirstMutex&) = delete;

    void lock() { expect(::pthread_rwlock_wrlock(&lock_)); }
    void unlock() { expect(::pthread_rwlock_unlock(&lock_)); }
    void lock_shared() { expect(::pthread_rwlock_rdlock(&lock_)); }
    bool try_lock_shared() { return ::pthread_rwlock_tryrdlock(&lock_) == 0; }
    void unlock_shared() { expect(::pthread_rwlock_unlock(&lock_)); }

private:
    /// What can fail is wrong use, by us.
    static void expect(int error) {
        if (error != 0) std::abort();
    }
    pthread_rwlock_t lock_;
};

}  // namespace clacks::node
