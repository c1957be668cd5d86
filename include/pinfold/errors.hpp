// What pinfold throws at run time; every message names the pool and the remedy. Start problems: start_error.hpp.
#pragma once

#include <stdexcept>

namespace pinfold {

/// Base of all of them.
class error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Work was offered to a pool that is not running: before start, or while and after it stops.
class pool_stopped : public error {
 public:
  using error::error;
};

/// A wait that would stall a reactor, or could never end.
class would_block : public error {
 public:
  using error::error;
};

/// A fork-join function was called on a thread that is no worker of a native pool.
class outside_pool : public error {
 public:
  using error::error;
};

/// `spawn_thread` beyond the pool's `max_threads`.
class thread_limit : public error {
 public:
  using error::error;
};

/// A thread started after `start()` (a managed thread) could not be created or set up as its pool demands.
class thread_failed : public error {
 public:
  using error::error;
};

/// A recording could not begin, because there is another or the topology has stopped, or its file could not be written.
class trace_error : public error {
 public:
  using error::error;
};

}  // namespace pinfold
