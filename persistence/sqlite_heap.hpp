#pragma once

namespace clacks::persistence {

/// Gives SQLite a heap of its own. A thread that runs only when nobody else wants to (IdleThread)
/// may be interrupted while it has the lock of a heap: then only SQLite has to wait for it, not the
/// workers. Before SQLite is used for anything; again and again is as good as once.
void give_sqlite_its_heap();

}  // namespace clacks::persistence
