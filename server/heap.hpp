#pragma once

namespace clacks::server {

/// Makes the process give back, or use again, what its store does not need any more (glibc). One
/// heap for all threads: with one each, what is evicted by one worker does not serve the others,
/// and the process takes up to three times cache.memory. And large values have pages of their own,
/// always, not only until the first of them has been freed. Before any thread is started.
void share_heap();

}  // namespace clacks::server
