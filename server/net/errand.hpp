#pragma once

#include <functional>

namespace clacks::net {

class Worker;

/// Does `step`, which takes microseconds, on the worker's thread between what that does anyway, and
/// returns when it has been done. If the worker does not come by for a while it is done here.
/// Throws what it throws. From any thread but a worker's.
void do_between_turns(Worker& worker, const std::function<void()>& step);

}  // namespace clacks::net
