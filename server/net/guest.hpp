#pragma once

#include <cstddef>

namespace clacks::net {

/// Who serves connections of another protocol on the workers of a server, beside its sessions.
class Guest {
public:
    /// Accepts from now on. On the first worker.
    virtual void start() = 0;
    /// Accepts nothing any more. On the first worker.
    virtual void stop() = 0;
    /// Ends the connections of a worker, on its thread. After stop(), once.
    virtual void close(unsigned worker) = 0;
    /// How many a worker has, with those that are on their way there. From any thread.
    virtual std::size_t connection_count(unsigned worker) const = 0;

protected:
    ~Guest() = default;
};

}  // namespace clacks::net
