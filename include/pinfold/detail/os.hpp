// The system calls that pinfold makes, all of them in os_linux.cpp; machine_files.hpp reads what the kernel says in
// files.
#pragma once

#include <pthread.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <pinfold/pool_spec.hpp>

namespace pinfold::detail::os {

/// CPU numbers, ascending, each once.
using cpu_list = std::vector<int>;
using thread_id = int;
inline constexpr thread_id calling_thread = 0;

// --- the machine and what this process may use of it ---

[[nodiscard]] cpu_list online_cpus();
/// The affinity mask of a thread; std::errc::no_such_process when it has ended.
std::error_code read_affinity(thread_id thread, cpu_list& found);
/// The same, empty where it cannot be read.
[[nodiscard]] cpu_list affinity(thread_id thread);
/// "server", for remedies.
[[nodiscard]] std::string program_name();
/// The process holds CAP_SYS_NICE; also where that cannot be found out, since the kernel has the last word.
[[nodiscard]] bool may_set_any_schedule();
/// The highest real-time priority that RLIMIT_RTPRIO allows; 0: none.
[[nodiscard]] int realtime_priority_limit();
/// The least nice value that RLIMIT_NICE allows.
[[nodiscard]] int nice_limit();
/// RLIMIT_NPROC: the most threads that all processes of this user may have; nothing where that does not bind.
[[nodiscard]] std::optional<std::uint64_t> thread_limit();
/// The real one, whose threads count for that.
[[nodiscard]] unsigned user_id();
/// Bytes that RLIMIT_MEMLOCK still lets the process lock; nothing where that does not bind.
[[nodiscard]] std::optional<std::uint64_t> lockable_bytes_left();

// --- threads ---

struct thread_handle {
  std::uintptr_t value = 0;
  unsigned forks = 0;  ///< which of the processes that forks made has it
};

/// Starts `body(argument)` on a thread with this stack beside its thread_locals, asynchronous signals blocked (SIGPROF
/// excepted).
std::error_code create_thread(thread_handle& created, std::size_t stack_bytes, void* (*body)(void*), void* argument);
/// On the calling thread, as on those of create_thread().
void block_asynchronous_signals() noexcept;
/// Returns at once in a child that was forked since: the thread is not there.
void join(thread_handle thread);
/// Without some where an error is set.
[[nodiscard]] std::vector<thread_id> threads_of_this_process(std::error_code& error);
[[nodiscard]] thread_id this_thread_id();

std::error_code set_affinity(thread_id thread, std::span<const int> cpus);

struct schedule {
  sched_policy policy = sched_policy::other;
  int priority = 0;
  std::optional<int> nice;  ///< nullopt: as inherited
  deadline_spec deadline;
};
/// Of the calling thread.
std::error_code set_schedule(const schedule& wanted);
std::error_code current_schedule(thread_id thread, schedule& found);

/// Of the calling thread; at most max_thread_name bytes.
std::error_code set_thread_name(std::string_view name);
std::error_code read_thread_name(thread_id thread, std::string& found);
/// The same, empty where it cannot be read.
[[nodiscard]] std::string thread_name(thread_id thread = calling_thread);

/// Touches the calling thread's stack below this frame, so that its pages exist before they are needed.
std::error_code prefault_stack(std::size_t stack_bytes) noexcept;

std::error_code set_timer_slack(std::uint64_t nanoseconds);
std::error_code read_timer_slack(std::uint64_t& nanoseconds);

/// The system's mutex with priority inheritance; a thread that locks it twice is told. Not usable before open().
class inheriting_lock {
 public:
  inheriting_lock() noexcept = default;
  inheriting_lock(const inheriting_lock&) = delete;
  inheriting_lock& operator=(const inheriting_lock&) = delete;
  ~inheriting_lock();

  std::error_code open() noexcept;
  std::error_code lock() noexcept;
  [[nodiscard]] bool try_lock() noexcept;
  void unlock() noexcept;

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

// --- the process ---

/// How many forks lie between this process and the one that called on_fork().
[[nodiscard]] unsigned forks_so_far() noexcept;
/// From now on every fork() calls `before`, and then `in_parent` or `in_child`. Once. Throws std::bad_alloc.
void on_fork(void (*before)(), void (*in_parent)(), void (*in_child)());

std::error_code lock_memory();
void unlock_memory() noexcept;

/// Holds the machine out of deep idle states while it lives.
class cpu_dma_latency {
 public:
  cpu_dma_latency() = default;
  cpu_dma_latency(const cpu_dma_latency&) = delete;
  cpu_dma_latency& operator=(const cpu_dma_latency&) = delete;
  ~cpu_dma_latency() { let_go(); }

  std::error_code hold(std::int32_t microseconds);
  void let_go() noexcept;

 private:
  int file_ = -1;
};

}  // namespace pinfold::detail::os
