#include <pinfold/detail/os.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "cpu_list.hpp"

namespace pinfold::detail::os {
namespace {

std::error_code error_of(int number) { return {number, std::system_category()}; }
std::error_code errno_unless(bool success) { return success ? std::error_code{} : error_of(errno); }

// cpu_set_t ends at 1024 CPUs; the kernel's masks do not.
class cpu_mask {
 public:
  explicit cpu_mask(std::size_t cpus) : cpus_(std::max<std::size_t>(cpus, CPU_SETSIZE)), set_(CPU_ALLOC(cpus_)) {
    if (set_ == nullptr) throw std::bad_alloc();
    CPU_ZERO_S(bytes(), set_.get());
  }

  [[nodiscard]] std::size_t bytes() const { return CPU_ALLOC_SIZE(cpus_); }
  [[nodiscard]] cpu_set_t* get() const { return set_.get(); }
  void add(int cpu) { CPU_SET_S(cpu, bytes(), set_.get()); }

  [[nodiscard]] cpu_list list() const {
    cpu_list cpus;
    for (std::size_t cpu = 0; cpu < cpus_; ++cpu) {
      if (CPU_ISSET_S(cpu, bytes(), set_.get())) cpus.push_back(static_cast<int>(cpu));
    }
    return cpus;
  }

 private:
  struct free_set {
    void operator()(cpu_set_t* set) const { CPU_FREE(set); }
  };

  std::size_t cpus_;
  std::unique_ptr<cpu_set_t, free_set> set_;
};

int kernel_policy(sched_policy policy) {
  switch (policy) {
    case sched_policy::other:
      return SCHED_OTHER;
    case sched_policy::batch:
      return SCHED_BATCH;
    case sched_policy::idle:
      return SCHED_IDLE;
    case sched_policy::fifo:
      return SCHED_FIFO;
    case sched_policy::rr:
      return SCHED_RR;
    case sched_policy::deadline:
      return SCHED_DEADLINE;
  }
  return SCHED_OTHER;
}

sched_policy policy_of_kernel(std::uint32_t policy) {
  switch (policy) {
    case SCHED_BATCH:
      return sched_policy::batch;
    case SCHED_IDLE:
      return sched_policy::idle;
    case SCHED_FIFO:
      return sched_policy::fifo;
    case SCHED_RR:
      return sched_policy::rr;
    case SCHED_DEADLINE:
      return sched_policy::deadline;
    default:
      return sched_policy::other;
  }
}

constexpr std::uint64_t nanoseconds_per_us = 1000;

// The kernel's struct sched_attr; its header does not go together with <sched.h>.
struct schedule_attributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};
static_assert(sizeof(schedule_attributes) == 48, "SCHED_ATTR_SIZE_VER0");

constexpr std::uint64_t reset_on_fork = 1;  // SCHED_FLAG_RESET_ON_FORK

// The C library lays the thread_locals of the program and of its libraries onto each thread's stack.
std::size_t thread_local_bytes() {
  std::size_t sum = 0;
  const auto add_module = [](dl_phdr_info* module, std::size_t, void* bytes) {
    for (int i = 0; i < module->dlpi_phnum; ++i) {
      const auto& header = module->dlpi_phdr[i];
      if (header.p_type == PT_TLS) *static_cast<std::size_t*>(bytes) += header.p_memsz + header.p_align;
    }
    return 0;
  };
  dl_iterate_phdr(add_module, &sum);
  return sum;
}

// SIGPROF is for profilers, and excepted.
sigset_t asynchronous_signals() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int kept : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) sigdelset(&signals, kept);
  return signals;
}

constinit unsigned forks = 0;  // between the first process and this one
void (*child_handler)() = nullptr;

// The number behind `key` in /proc/self/status.
std::optional<std::uint64_t> number_in_status(std::string_view key, bool is_hexadecimal = false) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != key) continue;
    std::uint64_t number = 0;
    if (is_hexadecimal) status >> std::hex;
    if (status >> number) return number;
    break;
  }
  return std::nullopt;
}

// Also where that cannot be found out.
bool has_capability(unsigned capability) {
  const auto capabilities = number_in_status("CapEff:", true);
  return !capabilities || (*capabilities >> capability & 1U) != 0;
}

}  // namespace

cpu_list online_cpus() {
  std::ifstream file("/sys/devices/system/cpu/online");
  std::string text;
  std::getline(file, text);
  cpu_list cpus = parse_cpu_list(text);
  // Without /sys (some containers): count what the C library finds.
  if (cpus.empty()) {
    for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

std::error_code read_affinity(thread_id thread, cpu_list& found) {
  // EINVAL: the kernel's mask is larger than ours.
  for (std::size_t cpus = CPU_SETSIZE; cpus <= std::size_t{1} << 20; cpus *= 2) {
    const cpu_mask mask(cpus);
    if (sched_getaffinity(thread, mask.bytes(), mask.get()) == 0) {
      found = mask.list();
      return {};
    }
    if (errno != EINVAL) break;
  }
  return error_of(errno);
}

cpu_list affinity(thread_id thread) {
  cpu_list found;
  return read_affinity(thread, found) ? cpu_list{} : found;
}

std::string program_name() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "the program" : path.filename().string();
}

bool may_set_any_schedule() { return has_capability(CAP_SYS_NICE); }

int realtime_priority_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_RTPRIO, &limit) != 0) return 0;
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 99));
}

int nice_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NICE, &limit) != 0) return 0;
  return 20 - static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 40));
}

// The kernel asks root and these two capabilities for nothing.
std::optional<std::uint64_t> thread_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  if (getuid() == 0 || has_capability(CAP_SYS_RESOURCE) || has_capability(CAP_SYS_ADMIN)) return std::nullopt;
  return limit.rlim_cur;
}

unsigned user_id() { return getuid(); }

std::optional<std::uint64_t> lockable_bytes_left() {
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  if (has_capability(CAP_IPC_LOCK)) return std::nullopt;
  const std::uint64_t locked = number_in_status("VmLck:").value_or(0) * 1024;
  return limit.rlim_cur - std::min<std::uint64_t>(locked, limit.rlim_cur);
}

std::error_code create_thread(thread_handle& created, std::size_t stack_bytes, void* (*body)(void*), void* argument) {
  const sigset_t blocked = asynchronous_signals();

  pthread_attr_t attributes;
  if (const int error = pthread_attr_init(&attributes)) return error_of(error);
  pthread_t thread{};
  int error = pthread_attr_setstacksize(&attributes, stack_bytes + thread_local_bytes());
  if (error == 0) error = pthread_attr_setsigmask_np(&attributes, &blocked);
  // Clang's address sanitizer gives a thread the mask of its creator instead of that.
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  if (error == 0) error = pthread_create(&thread, &attributes, body, argument);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  created = {.value = static_cast<std::uintptr_t>(thread), .forks = forks};
  return error_of(error);
}

void block_asynchronous_signals() noexcept {
  const sigset_t blocked = asynchronous_signals();
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

unsigned forks_so_far() noexcept { return forks; }

void join(thread_handle thread) {
  if (thread.forks == forks) pthread_join(static_cast<pthread_t>(thread.value), nullptr);
}

// The standard library's directory_iterator ends the process where it has no memory.
std::vector<thread_id> threads_of_this_process(std::error_code& error) {
  std::vector<thread_id> threads;
  struct close_folder {
    void operator()(DIR* folder) const { closedir(folder); }
  };
  const std::unique_ptr<DIR, close_folder> folder(opendir("/proc/self/task"));
  if (folder == nullptr) {
    error = error_of(errno);
    return threads;
  }
  const auto next = [&] {
    errno = 0;
    return readdir(folder.get());
  };
  const dirent* entry = next();
  for (; entry != nullptr; entry = next()) {
    if (entry->d_name[0] != '.') threads.push_back(std::atoi(entry->d_name));
  }
  error = errno_unless(errno == 0);
  return threads;
}

thread_id this_thread_id() { return gettid(); }

std::error_code set_affinity(thread_id thread, std::span<const int> cpus) {
  cpu_mask mask(cpus.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(cpus)) + 1);
  for (const int cpu : cpus) mask.add(cpu);
  return errno_unless(sched_setaffinity(thread, mask.bytes(), mask.get()) == 0);
}

// sched_setattr sets policy, priority and deadline in one call; glibc 2.36 has no wrapper for it.
std::error_code set_schedule(const schedule& wanted) {
  schedule_attributes attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = static_cast<std::uint32_t>(kernel_policy(wanted.policy));
  // Else the kernel would not let a deadline thread start another.
  if (wanted.policy == sched_policy::deadline) attributes.flags = reset_on_fork;
  errno = 0;
  attributes.nice = wanted.nice ? *wanted.nice : getpriority(PRIO_PROCESS, 0);
  if (errno != 0) return error_of(errno);
  attributes.priority = static_cast<std::uint32_t>(wanted.priority);
  attributes.runtime_ns = wanted.deadline.runtime_us * nanoseconds_per_us;
  attributes.deadline_ns = wanted.deadline.deadline_us * nanoseconds_per_us;
  attributes.period_ns = wanted.deadline.period_us * nanoseconds_per_us;
  return errno_unless(syscall(SYS_sched_setattr, 0, &attributes, 0) == 0);
}

std::error_code current_schedule(thread_id thread, schedule& found) {
  schedule_attributes attributes{};
  if (syscall(SYS_sched_getattr, thread, &attributes, sizeof attributes, 0) != 0) return error_of(errno);
  found.policy = policy_of_kernel(attributes.policy);
  found.priority = static_cast<int>(attributes.priority);
  errno = 0;
  found.nice = getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
  if (errno != 0) return error_of(errno);
  found.deadline = {.runtime_us = attributes.runtime_ns / nanoseconds_per_us,
                    .deadline_us = attributes.deadline_ns / nanoseconds_per_us,
                    .period_us = attributes.period_ns / nanoseconds_per_us};
  return {};
}

std::error_code set_thread_name(std::string_view name) {
  return error_of(pthread_setname_np(pthread_self(), std::string(name).c_str()));
}

std::error_code read_thread_name(thread_id thread, std::string& found) {
  if (thread != calling_thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/comm");
    return std::getline(file, found) ? std::error_code{} : error_of(ESRCH);
  }
  std::array<char, max_thread_name + 1> name{};
  if (const int error = pthread_getname_np(pthread_self(), name.data(), name.size())) return error_of(error);
  found = name.data();
  return {};
}

std::string thread_name(thread_id thread) {
  std::string found;
  return read_thread_name(thread, found) ? std::string{} : found;
}

// Page by page downwards. What lies above this frame is in use already; 16 KiB at the far end stay for the guard page
// and for libraries that measure.
std::error_code prefault_stack(std::size_t stack_bytes) noexcept {
  constexpr std::size_t reserve = std::size_t{16} * 1024;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

  pthread_attr_t attributes;
  if (const int error = pthread_getattr_np(pthread_self(), &attributes)) return error_of(error);
  void* lowest = nullptr;
  std::size_t size = 0;
  const int unknown = pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  if (unknown != 0) return error_of(unknown);

  auto* const top = static_cast<char*>(lowest) + size;
  auto* const end = top - std::min(size, stack_bytes + thread_local_bytes()) + reserve;
  auto* const frame = static_cast<char*>(__builtin_frame_address(0));
  const auto used = (static_cast<std::size_t>(top - frame) + page - 1) / page * page;
  for (char* here = top - used - page; here > end; here -= page) {
    *static_cast<volatile char*>(here) = 0;
  }
  return {};
}

std::error_code set_timer_slack(std::uint64_t nanoseconds) {
  return errno_unless(prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0) == 0);
}

std::error_code read_timer_slack(std::uint64_t& nanoseconds) {
  const int found = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  if (found < 0) return error_of(errno);
  nanoseconds = static_cast<std::uint64_t>(found);
  return {};
}

std::error_code inheriting_lock::open() noexcept {
  pthread_mutexattr_t attributes;
  if (const int error = pthread_mutexattr_init(&attributes)) return error_of(error);
  int error = pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  if (error == 0) error = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  if (error == 0) error = pthread_mutex_init(&mutex_, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return error_of(error);
}

inheriting_lock::~inheriting_lock() { pthread_mutex_destroy(&mutex_); }

std::error_code inheriting_lock::lock() noexcept { return error_of(pthread_mutex_lock(&mutex_)); }

bool inheriting_lock::try_lock() noexcept { return pthread_mutex_trylock(&mutex_) == 0; }

void inheriting_lock::unlock() noexcept { pthread_mutex_unlock(&mutex_); }

void on_fork(void (*before)(), void (*in_parent)(), void (*in_child)()) {
  child_handler = in_child;
  const auto in_a_child = [] {
    ++forks;
    child_handler();
  };
  if (pthread_atfork(before, in_parent, in_a_child) != 0) throw std::bad_alloc();
}

std::error_code lock_memory() { return errno_unless(mlockall(MCL_CURRENT | MCL_FUTURE) == 0); }

void unlock_memory() noexcept { munlockall(); }

void cpu_dma_latency::let_go() noexcept {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

std::error_code cpu_dma_latency::hold(std::int32_t microseconds) {
  file_ = ::open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
  if (file_ < 0) return error_of(errno);
  return errno_unless(::write(file_, &microseconds, sizeof microseconds) == sizeof microseconds);
}

}  // namespace pinfold::detail::os
