#pragma once

#include <sched.h>

#include "bench/target.hpp"

namespace clacks::bench {

/// Puts the only worker of each server on one processor, for good, and this thread on another as
/// long as it exists: else the scheduler sometimes puts both on one for milliseconds, which says
/// nothing of the server and hides what does. What else a server does may run on all of them. With
/// one processor, or more workers, or if it is not wanted, nothing is bound.
class Binding {
public:
    Binding(const Targets& servers, bool is_wanted);
    ~Binding();
    Binding(const Binding&) = delete;
    Binding& operator=(const Binding&) = delete;

private:
    cpu_set_t all_{};
};

}  // namespace clacks::bench
