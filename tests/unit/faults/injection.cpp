#include "injection.hpp"

#include <cxxabi.h>
#include <dirent.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <span>

extern "C" char __executable_start;  // NOLINT: the linker's names for where the program's code lies
extern "C" char etext;

namespace pinfold_test {
namespace {

constexpr std::size_t max_sites = 256;
constexpr std::size_t max_depth = 24;
constexpr std::size_t named_frames = 2;  // a third may be of who starts

struct site_record {
  const char* symbol = nullptr;
  std::array<void*, named_frames> frames{};
  bool by_starter = false;
  std::size_t calls = 0;
};

// What is counted must not allocate: allocations are counted, too.
struct watch_state {
  std::atomic<bool> watching{false};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::array<site_record, max_sites> records;
  std::size_t size = 0;
  pid_t starter = 0;
  const fault* failing = nullptr;
  bool counts_allocations = false;
  std::atomic<std::size_t> allocations{0};
  std::size_t failing_allocation = static_cast<std::size_t>(-1);
};

constinit watch_state state;
constinit thread_local bool is_past_start = false;
constinit thread_local bool looks_away = false;

bool is_of_the_program(const void* address) {
  return address >= static_cast<void*>(&__executable_start) && address < static_cast<void*>(&etext);
}

// The standard library opens files for the program.
bool is_of_the_standard_library(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr &&
         std::strstr(info.dli_fname, "libstdc++") != nullptr;
}

std::string name_of(void* address) {
  Dl_info info{};
  // One before: a call that never returns may be the last instruction of its function.
  if (dladdr(static_cast<char*>(address) - 1, &info) == 0 || info.dli_sname == nullptr) return "";
  int status = 0;
  char* const plain = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
  std::string name = status == 0 ? plain : info.dli_sname;
  std::free(plain);
  name = name.substr(0, name.find('('));
  for (const std::string part : {"pinfold::detail::", "pinfold_test::", "boost::"}) {
    for (std::size_t at = 0; (at = name.find(part)) != std::string::npos;) name.erase(at, part.size());
  }
  return name.substr(0, name.find('<'));
}

std::string caller_of(const site_record& record) {
  std::string text;
  for (void* const frame : record.frames) {
    const std::string name = frame == nullptr ? "" : name_of(frame);
    if (!name.empty()) text += (text.empty() ? "" : " < ") + name;
  }
  return text;
}

site_record& record_of(const char* symbol, const std::array<void*, named_frames>& frames, bool by_starter) {
  const std::span known(state.records.data(), state.size);
  const auto found = std::ranges::find_if(known, [&](const site_record& each) {
    return each.symbol == symbol && each.frames == frames && each.by_starter == by_starter;
  });
  if (found != known.end()) return *found;
  if (state.size == max_sites) std::abort();
  return state.records[state.size++] = {.symbol = symbol, .frames = frames, .by_starter = by_starter};
}

// The error that this call is to fail with; 0: none.
int error_of_call(const char* symbol, void* caller) {
  if (!state.watching.load() || is_past_start || looks_away) return 0;
  if (!is_of_the_program(caller) && !is_of_the_standard_library(caller)) return 0;
  looks_away = true;
  std::array<void*, max_depth> stack{};
  const int depth = backtrace(stack.data(), max_depth);
  std::array<void*, named_frames> frames{};
  std::size_t kept = 0;
  for (int i = 2; i < depth && kept < named_frames; ++i) {  // without this function and the call itself
    if (is_of_the_program(stack[static_cast<std::size_t>(i)])) frames[kept++] = stack[static_cast<std::size_t>(i)];
  }
  const std::lock_guard lock(state.mutex);
  site_record& record = record_of(symbol, frames, gettid() == state.starter);
  const std::size_t call = record.calls++;
  int error = 0;
  const fault* const failing = state.failing;
  if (failing != nullptr && failing->call == call && failing->site.symbol == symbol &&
      failing->site.by_starter == record.by_starter && failing->site.frames == frames) {
    state.failed.store(true);
    error = failing->error;
  }
  looks_away = false;
  return error;
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (state.watching.load() && state.counts_allocations && !is_past_start && !looks_away) {
    if (state.allocations.fetch_add(1) == state.failing_allocation) {
      state.failed.store(true);
      throw std::bad_alloc();
    }
  }
  void* const bytes = alignment <= alignof(std::max_align_t)
                          ? std::malloc(std::max<std::size_t>(size, 1))
                          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}

void begin() {
  std::array<void*, max_depth> stack{};
  (void)backtrace(stack.data(), max_depth);  // loads what it needs
  state.size = 0;
  state.failed = false;
  state.failing = nullptr;
  state.allocations = 0;
  state.counts_allocations = false;
  state.failing_allocation = static_cast<std::size_t>(-1);
  state.starter = gettid();
}

}  // namespace

watched_start::watched_start() : watched_start(static_cast<std::size_t>(-1)) {}

watched_start::watched_start(const fault& failing) {
  begin();
  state.failing = &failing;
  state.watching = true;
}

watched_start::watched_start(std::size_t failing_allocation) {
  begin();
  state.counts_allocations = true;
  state.failing_allocation = failing_allocation;
  state.watching = true;
}

watched_start::~watched_start() { end(); }

pinfold::start_options watched_start::options(pinfold::start_options chosen) {
  chosen.on_thread_start = [](const pinfold::pool_thread_info&) { is_past_start = true; };
  return chosen;
}

void watched_start::end() noexcept { state.watching = false; }

bool watched_start::has_failed() const noexcept { return state.failed; }

std::size_t watched_start::allocations() const noexcept { return state.allocations; }

std::vector<call_site> watched_start::sites() const {
  std::vector<call_site> all;
  for (const site_record& record : std::span(state.records.data(), state.size)) {
    all.push_back({.symbol = record.symbol,
                   .caller = caller_of(record),
                   .by_starter = record.by_starter,
                   .calls = record.calls,
                   .frames = record.frames});
  }
  return all;
}

}  // namespace pinfold_test

void* operator new(std::size_t size) { return pinfold_test::allocate(size, 0); }
void* operator new[](std::size_t size) { return pinfold_test::allocate(size, 0); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return pinfold_test::allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return pinfold_test::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* bytes) noexcept { std::free(bytes); }
void operator delete[](void* bytes) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::size_t) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::align_val_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::align_val_t) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::size_t, std::align_val_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::size_t, std::align_val_t) noexcept { std::free(bytes); }

// Each forwards to the C library's, found as the next of its name. The first kind fails with -1 and errno, the second
// returns the error, the third returns nullptr.
namespace {

template <class Function>
Function next(const char* symbol) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, symbol));
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses): types and parameter lists
#define PINFOLD_TEST_FORWARD(result, symbol, parameters, arguments, failure)                          \
  result symbol parameters {                                                                          \
    static const auto real = next<result(*) parameters>(#symbol);                                     \
    if (const int error = pinfold_test::error_of_call(#symbol, __builtin_return_address(0))) failure; \
    return real arguments;                                                                            \
  }
#define PINFOLD_TEST_FAIL(value) \
  {                              \
    errno = error;               \
    return value;                \
  }
// NOLINTEND(bugprone-macro-parentheses)

extern "C" {

PINFOLD_TEST_FORWARD(int, sched_setaffinity, (pid_t thread, std::size_t size, const cpu_set_t* mask) noexcept,
                     (thread, size, mask), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, sched_getaffinity, (pid_t thread, std::size_t size, cpu_set_t* mask) noexcept,
                     (thread, size, mask), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, getpriority, (__priority_which_t which, id_t who) noexcept, (which, who),
                     PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, getrlimit, (__rlimit_resource_t resource, rlimit* limit) noexcept, (resource, limit),
                     PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, mlockall, (int flags) noexcept, (flags), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(ssize_t, write, (int file, const void* bytes, std::size_t size), (file, bytes, size),
                     PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(ssize_t, read, (int file, void* bytes, std::size_t size), (file, bytes, size),
                     PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(ssize_t, readlink, (const char* path, char* bytes, std::size_t size) noexcept, (path, bytes, size),
                     PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(FILE*, fopen64, (const char* path, const char* mode), (path, mode), PINFOLD_TEST_FAIL(nullptr))
PINFOLD_TEST_FORWARD(DIR*, opendir, (const char* path), (path), PINFOLD_TEST_FAIL(nullptr))
PINFOLD_TEST_FORWARD(dirent*, readdir, (DIR * folder), (folder), PINFOLD_TEST_FAIL(nullptr))
PINFOLD_TEST_FORWARD(int, epoll_create1, (int flags) noexcept, (flags), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, epoll_ctl, (int epoll, int what, int file, epoll_event* event) noexcept,
                     (epoll, what, file, event), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, eventfd, (unsigned count, int flags) noexcept, (count, flags), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, timerfd_create, (clockid_t clock, int flags) noexcept, (clock, flags), PINFOLD_TEST_FAIL(-1))
PINFOLD_TEST_FORWARD(int, pthread_attr_init, (pthread_attr_t * attributes) noexcept, (attributes), return error)
PINFOLD_TEST_FORWARD(int, pthread_attr_setstacksize, (pthread_attr_t * attributes, std::size_t size) noexcept,
                     (attributes, size), return error)
PINFOLD_TEST_FORWARD(int, pthread_attr_setsigmask_np, (pthread_attr_t * attributes, const sigset_t* mask) noexcept,
                     (attributes, mask), return error)
PINFOLD_TEST_FORWARD(int, pthread_attr_getstack,
                     (const pthread_attr_t* attributes, void** lowest, std::size_t* size) noexcept,
                     (attributes, lowest, size), return error)
PINFOLD_TEST_FORWARD(int, pthread_getattr_np, (pthread_t thread, pthread_attr_t* attributes) noexcept,
                     (thread, attributes), return error)
PINFOLD_TEST_FORWARD(int, pthread_create,
                     (pthread_t * thread, const pthread_attr_t* attributes, void* (*body)(void*),
                      void* argument) noexcept,
                     (thread, attributes, body, argument), return error)
PINFOLD_TEST_FORWARD(int, pthread_setname_np, (pthread_t thread, const char* name) noexcept, (thread, name),
                     return error)
PINFOLD_TEST_FORWARD(int, pthread_getname_np, (pthread_t thread, char* name, std::size_t size) noexcept,
                     (thread, name, size), return error)
PINFOLD_TEST_FORWARD(int, pthread_mutex_init, (pthread_mutex_t * mutex, const pthread_mutexattr_t* attributes) noexcept,
                     (mutex, attributes), return error)
PINFOLD_TEST_FORWARD(int, pthread_cond_init,
                     (pthread_cond_t * condition, const pthread_condattr_t* attributes) noexcept,
                     (condition, attributes), return error)

int prctl(int option, ...) noexcept {
  static const auto real = next<int (*)(int, ...)>("prctl");
  va_list arguments;
  va_start(arguments, option);
  std::array<unsigned long, 4> values{};
  for (unsigned long& each : values) each = va_arg(arguments, unsigned long);
  va_end(arguments);
  if (const int error = pinfold_test::error_of_call("prctl", __builtin_return_address(0))) PINFOLD_TEST_FAIL(-1)
  return real(option, values[0], values[1], values[2], values[3]);
}

int open(const char* path, int flags, ...) {
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  va_end(arguments);
  if (const int error = pinfold_test::error_of_call("open", __builtin_return_address(0))) PINFOLD_TEST_FAIL(-1)
  return real(path, flags, mode);
}

long syscall(long number, ...) noexcept {
  static const auto real = next<long (*)(long, ...)>("syscall");
  va_list arguments;
  va_start(arguments, number);
  std::array<long, 6> values{};
  for (long& each : values) each = va_arg(arguments, long);
  va_end(arguments);
  const char* const symbol = number == SYS_sched_setattr   ? "sched_setattr"
                             : number == SYS_sched_getattr ? "sched_getattr"
                                                           : nullptr;  // futexes
  if (symbol != nullptr) {
    if (const int error = pinfold_test::error_of_call(symbol, __builtin_return_address(0))) PINFOLD_TEST_FAIL(-1)
  }
  return real(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

}  // extern "C"
