// What a pool costs that has nothing to do: the processor time of the whole process while it idles.
#include <sys/resource.h>

#include <chrono>
#include <suite/topology.hpp>
#include <thread>

#include "program.hpp"

namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class idle_pool {
 public:
  /// --size: milliseconds.
  idle_pool(bench::options& given, long workers) : duration_(given.required("size", 1, 3'600'000)) {
    if (workers != 2) throw bench::usage_error("--workers: the pool has 2");
  }

  void warm_up() { wake_all(); }

  // Every worker has just worked: what it does before it sleeps counts.
  bench::outcome measure() {
    const long answer = wake_all();
    const double before = cpu_seconds();
    std::this_thread::sleep_for(duration_);
    const double used = cpu_seconds() - before;
    return {answer, {{"cpu_seconds", used}}};
  }

 private:
  static auto& pool() { return suite::native_pools::two; }

  static long wake_all() {
    long sum = 0;
    for (const long worker : pool().broadcast([] { return 1L; })) sum += worker;
    bench::require_answer(sum, static_cast<long>(pool().size()));
    return sum;
  }

  std::chrono::milliseconds duration_;
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<idle_pool>(argc, argv); }
