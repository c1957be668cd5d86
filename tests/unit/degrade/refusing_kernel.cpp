#include "refusing_kernel.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace pinfold_test {
namespace {

std::atomic<denial> denied{denial::none};
// Of the one file that is replaced; set while nothing else runs.
std::string replaced_path;
std::string replacement;
std::function<void()> call_before_thread;  // set while nothing else runs, too

bool is_denied(denial what) { return denied == what; }

int refuse(int error) {
  errno = error;
  return -1;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

refusing_kernel::refusing_kernel(denial what) { denied = what; }
refusing_kernel::~refusing_kernel() { denied = denial::none; }

before_each_thread::before_each_thread(std::function<void()> call) { call_before_thread = std::move(call); }
before_each_thread::~before_each_thread() { call_before_thread = nullptr; }

replaced_file::replaced_file(const std::string& path, const std::string& text) : copy_("/tmp/pinfold-file-XXXXXX") {
  const int file = mkstemp(copy_.data());
  if (file < 0) throw std::runtime_error("no temporary file");
  close(file);
  std::ofstream(copy_) << text;
  replacement = copy_;
  replaced_path = path;
}

replaced_file::~replaced_file() {
  replaced_path.clear();
  unlink(copy_.c_str());
}

}  // namespace pinfold_test

using pinfold_test::call_before_thread;
using pinfold_test::denial;
using pinfold_test::is_denied;
using pinfold_test::real;
using pinfold_test::refuse;

extern "C" {

int sched_setaffinity(pid_t thread, std::size_t bytes, const cpu_set_t* set) noexcept {
  if (is_denied(thread == 0 ? denial::affinity_of_itself : denial::affinity_of_others)) return refuse(EPERM);
  if (thread == 0 && is_denied(denial::ignored_affinity)) return 0;
  static auto* const next = real<decltype(sched_setaffinity)>("sched_setaffinity");
  return next(thread, bytes, set);
}

int pthread_setname_np(pthread_t thread, const char* name) noexcept {
  if (is_denied(denial::name)) return EPERM;
  if (is_denied(denial::ignored_name)) return 0;
  static auto* const next = real<decltype(pthread_setname_np)>("pthread_setname_np");
  return next(thread, name);
}

int prctl(int option, ...) noexcept {
  va_list arguments;
  va_start(arguments, option);
  unsigned long values[4] = {};
  for (unsigned long& value : values) value = va_arg(arguments, unsigned long);
  va_end(arguments);
  if (option == PR_SET_TIMERSLACK && is_denied(denial::timer_slack)) return refuse(EPERM);
  if (option == PR_SET_TIMERSLACK && is_denied(denial::ignored_timer_slack)) return 0;
  static auto* const next = real<decltype(prctl)>("prctl");
  return next(option, values[0], values[1], values[2], values[3]);
}

int mlockall(int) noexcept { return is_denied(denial::memory_lock) ? refuse(ENOMEM) : 0; }
int munlockall() noexcept { return 0; }

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : mode_t{};
  va_end(arguments);
  static auto* const next = real<decltype(open)>("open");
  if (std::strcmp(path, "/dev/cpu_dma_latency") != 0) return next(path, flags, mode);
  return is_denied(denial::cpu_dma_latency) ? refuse(EACCES) : next("/dev/null", flags, mode);
}

int getrlimit(__rlimit_resource_t resource, rlimit* limit) noexcept {
  static auto* const next = real<decltype(getrlimit)>("getrlimit");
  const int result = next(resource, limit);
  if (resource == RLIMIT_NPROC && is_denied(denial::thread_limit)) limit->rlim_cur = 1;
  if (resource == RLIMIT_MEMLOCK && is_denied(denial::room_for_locked_memory)) limit->rlim_cur = 1024;
  return result;
}

uid_t getuid() noexcept {
  static auto* const next = real<decltype(getuid)>("getuid");
  return is_denied(denial::thread_limit) ? 4242 : next();
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) noexcept {
  if (is_denied(denial::thread)) return EAGAIN;
  if (call_before_thread) call_before_thread();
  static auto* const next = real<decltype(pthread_create)>("pthread_create");
  return next(thread, attributes, body, argument);
}

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) noexcept {
  static auto* const next = real<decltype(pthread_mutex_init)>("pthread_mutex_init");
  return is_denied(denial::mutex) ? ENOMEM : next(mutex, attributes);
}

// What the streams of libstdc++ open files with.
FILE* fopen64(const char* path, const char* mode) {
  static auto* const next = real<decltype(fopen64)>("fopen64");
  return next(pinfold_test::replaced_path == path ? pinfold_test::replacement.c_str() : path, mode);
}
}
