// A kernel that refuses, or pretends to do, one thing: this program has the C library's functions that pinfold calls.
// What is not chosen goes to the real ones; but memory is never locked, and /dev/cpu_dma_latency is /dev/null, since a
// machine may have neither the right nor the file.
#pragma once

#include <functional>
#include <string>

namespace pinfold_test {

enum class denial {
  none,
  affinity_of_itself,  ///< a thread cannot set its own
  affinity_of_others,  ///< nor that of another
  ignored_affinity,    ///< its own: "done", and not done
  name,
  ignored_name,
  timer_slack,
  ignored_timer_slack,
  memory_lock,
  room_for_locked_memory,  ///< RLIMIT_MEMLOCK is 1 KiB
  cpu_dma_latency,
  thread_limit,  ///< RLIMIT_NPROC is 1, and the user is not root
  thread,        ///< no thread is created
  mutex          ///< which an io_context is made with
};

/// While it lives, the kernel refuses this.
class refusing_kernel {
 public:
  explicit refusing_kernel(denial what);
  refusing_kernel(const refusing_kernel&) = delete;
  refusing_kernel& operator=(const refusing_kernel&) = delete;
  ~refusing_kernel();
};

/// While it lives, this is called before a thread is created, by who creates it.
class before_each_thread {
 public:
  explicit before_each_thread(std::function<void()> call);
  before_each_thread(const before_each_thread&) = delete;
  before_each_thread& operator=(const before_each_thread&) = delete;
  ~before_each_thread();
};

/// While it lives, streams that open `path` find this text.
class replaced_file {
 public:
  replaced_file(const std::string& path, const std::string& text);
  replaced_file(const replaced_file&) = delete;
  replaced_file& operator=(const replaced_file&) = delete;
  ~replaced_file();

 private:
  std::string copy_;
};

}  // namespace pinfold_test
