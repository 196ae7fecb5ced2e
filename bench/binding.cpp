#include "bench/binding.hpp"

#include <vector>

namespace clacks::bench {
namespace {

std::vector<int> processors_in(const cpu_set_t& set) {
    std::vector<int> all;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(i, &set)) all.push_back(i);
    }
    return all;
}

void bind(pid_t thread, int processor) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    ::sched_setaffinity(thread, sizeof one, &one);
}

}  // namespace

Binding::Binding(const Targets& servers, bool is_wanted) {
    ::sched_getaffinity(0, sizeof all_, &all_);
    const auto processors = processors_in(all_);
    if (!is_wanted || processors.size() < 2) return;
    for (const auto& server : servers) {
        const auto workers = server->process().threads_named("worker");
        if (workers.size() != 1) return;
        bind(workers.front(), processors.front());
    }
    bind(0, processors.back());
}

Binding::~Binding() { ::sched_setaffinity(0, sizeof all_, &all_); }

}  // namespace clacks::bench
