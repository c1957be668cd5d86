// What a program may decide when it starts its topology.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <pinfold/crossing_warning.hpp>
#include <pinfold/start_error.hpp>

namespace pinfold {

/// An exception that left a posted task or an Asio handler.
struct escaped_exception {
  std::string_view pool;     ///< "tbb.sig_verify"
  std::string_view thread;   ///< "sig_verify-3", as the kernel knows it
  std::exception_ptr error;  ///< never null
};

/// A thread of a pool: a worker, or one for blocking calls.
struct pool_thread_info {
  std::string_view pool;    ///< "tbb.sig_verify"
  std::string_view thread;  ///< "sig_verify-3"
};

/// What a program decides beside its topology file. All of it may be left as it is.
struct start_options {
  /// Runs a binary built for a large host on a small one: "9-16:0-7" puts what was declared on core 9 onto core 0 and
  /// so on; several entries are separated by ';'. A shorter right side is used again from its start. The environment's
  /// PINFOLD_CPU_MAP replaces it; `read_arguments` replaces both. Thread counts never change.
  std::string cpu_map = {};
  bool cpu_map_from_arguments = false;  ///< set by `read_arguments`: the environment no longer counts

  /// Called on the pool's thread; must not throw. Empty: the exception is printed with pool and thread, then
  /// std::terminate.
  std::function<void(const escaped_exception&)> on_exception = {};

  /// Checked builds (PINFOLD_CHECKED: Debug builds, unless CMake's option of that name says otherwise) look at calls
  /// from pool to pool; others never call it. Called once a place and habit of each run, on the thread that was seen at
  /// it, several at once; what it does itself is not looked at; must not throw or stop the topology. Empty: warnings
  /// are printed.
  std::function<void(const crossing_warning&)> on_warning = {};

  /// What lets the topology run as declared, but not as fast as hoped on this machine (PF219 to PF222, PF225:
  /// `pinfold explain`). Called for each once the start has succeeded, on the thread that starts, before start()
  /// returns; must not throw. Empty: they are printed. running_topology::warnings() has them too.
  std::function<void(const problem&)> on_start_warning = {};

  /// Called once on every thread of a pool (not on managed threads): before its first task, once the start has
  /// succeeded, and after its last. Several at once; must not throw.
  /// @{
  std::function<void(const pool_thread_info&)> on_thread_start = {};
  std::function<void(const pool_thread_info&)> on_thread_exit = {};
  /// @}

  /// Above 0: a thread of its own calls verify() so often while the topology runs. It has nice 19, is called
  /// TOPOLOGY-watch and runs on [process] cores, where declared; the first look is one period after the start, and a
  /// stop does not wait for the next. Each look makes a few system calls for every thread of the process.
  std::chrono::nanoseconds verify_every{0};

  /// Called on that thread when what verify() finds has changed, also when it finds nothing any more; not for what a
  /// second look, 10 ms later, does not find again. It may come before start() has returned. Must not throw. stop()
  /// waits until it returns, so it must not stop the topology (that ends the process with a message) or wait for who
  /// does; it may call request_stop(). Empty: what was found is printed.
  std::function<void(std::span<const problem>)> on_drift = {};

  /// Takes `--pinfold-cpu-map=MAP` (or two arguments) out of argc/argv, whose end stays a nullptr. What it does not
  /// know stays, and all that follows `--`.
  start_options& read_arguments(int& argc, char** argv);
};

}  // namespace pinfold
