// A running topology that looks at itself again and again.
#include <sched.h>
#include <sys/resource.h>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <latch>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <drift/topology.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;

namespace {

// What the handler was called with, in order.
class reports {
 public:
  [[nodiscard]] std::function<void(std::span<const pinfold::problem>)> handler() {
    return [this](std::span<const pinfold::problem> found) {
      const std::lock_guard lock(mutex_);
      all_.emplace_back(found.begin(), found.end());
      thread_ = id_of_this_thread();
      changed_.notify_all();
    };
  }

  // The report of that number, once there is one.
  std::vector<pinfold::problem> wait_for(std::size_t number) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, 60s, [&] { return all_.size() > number; }));
    return all_[number];
  }

  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }

  int thread() {
    const std::lock_guard lock(mutex_);
    return thread_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<pinfold::problem>> all_;
  int thread_ = 0;
};

pinfold::start_options watched(std::chrono::nanoseconds period, reports& to) {
  pinfold::start_options options = on_this_machine();
  options.verify_every = period;
  options.on_drift = to.handler();
  return options;
}

int id_of(const std::string& name) {
  const auto thread = thread_named(name);
  REQUIRE(thread);
  return thread->id;
}

bool has_one_cpu() { return cpu_of_core(0) == cpu_of_core(1); }

// A thread that can be disturbed. Where there is but one CPU none can be moved; one can be reniced.
int victim() { return id_of(has_one_cpu() ? "batch-0" : "net-1"); }

void move(int thread, const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus_of_cores(cores)) CPU_SET(cpu, &set);
  REQUIRE(sched_setaffinity(thread, sizeof set, &set) == 0);
}

void renice(int thread, int nice) { REQUIRE(setpriority(PRIO_PROCESS, static_cast<id_t>(thread), nice) == 0); }

void disturb(int thread) { has_one_cpu() ? renice(thread, 9) : move(thread, {0, 1}); }
void put_back(int thread) { has_one_cpu() ? renice(thread, 5) : move(thread, {1}); }

}  // namespace

TEST_CASE("a thread that is moved is reported once, and once more when it is back") {
  cpus_of_cores({0, 1});
  reports seen;
  auto running = drift::topology.start(watched(2ms, seen));
  const int thread = victim();
  disturb(thread);

  const auto drift = seen.wait_for(0);
  REQUIRE(drift.size() == 1);
  CHECK(drift.front().id == "PF217");
  CHECK(drift.front().where == (has_one_cpu() ? "native.batch thread 0" : "asio.net thread 1"));
  std::this_thread::sleep_for(50ms);
  CHECK(seen.count() == 1);
  CHECK(seen.thread() == id_of("drift-watch"));

  put_back(thread);
  CHECK(seen.wait_for(1).empty());
  running.stop();
  CHECK(seen.count() == 2);
}

TEST_CASE("the thread that watches has low priority, keeps to the process's cores, and is no drift itself") {
  const auto process_cores = cpus_of_cores({0});
  reports seen;
  auto running = drift::topology.start(watched(2ms, seen));
  CHECK(eventually([] { return thread_named("drift-watch").has_value(); }));
  CHECK(eventually([] { return thread_named("drift-watch")->nice == 19; }));
  const auto watch = thread_named("drift-watch");
  CHECK(watch->cpus == process_cores);
  CHECK(watch->policy == SCHED_OTHER);
  std::this_thread::sleep_for(30ms);
  CHECK(running.verify().empty());
  CHECK(seen.count() == 0);
  running.stop();
  CHECK_FALSE(thread_named("drift-watch"));
}

TEST_CASE("without a period nothing watches") {
  const auto running = drift::topology.start(on_this_machine());
  CHECK(count_threads_named_like("drift-watch") == 0);
}

TEST_CASE("a stop does not wait for the next look, and the topology starts again") {
  reports seen;
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) {
    for (const std::chrono::nanoseconds period : {std::chrono::nanoseconds(24h), std::chrono::nanoseconds::max()}) {
      auto running = drift::topology.start(watched(period, seen));
      CHECK(running.stop(60s).empty());
    }
  }
  CHECK(std::chrono::steady_clock::now() - before < 1h);
  CHECK(seen.count() == 0);
}

TEST_CASE("a stop waits until the handler returns, as long as its deadline says") {
  cpus_of_cores({0, 1});
  std::atomic<bool> is_called{false};
  std::atomic<bool> may_return{false};
  pinfold::start_options options = on_this_machine();
  options.verify_every = 1ms;
  options.on_drift = [&](std::span<const pinfold::problem>) {
    is_called = true;
    is_called.notify_all();
    may_return.wait(false);
  };
  auto running = drift::topology.start(std::move(options));
  disturb(victim());
  is_called.wait(false);
  CHECK_FALSE(running.stop(20ms).empty());
  CHECK_FALSE(running.stop(20ms).empty());
  may_return = true;
  may_return.notify_all();
  running.stop();
  CHECK(running.verify().empty());
}

TEST_CASE("the handler may ask for the end, and a start from it is refused") {
  cpus_of_cores({0, 1});
  std::optional<pinfold::running_topology> running;
  std::string refusal;
  std::atomic<bool> is_asked{false};
  std::latch is_started(1);
  pinfold::start_options options = on_this_machine();
  options.verify_every = 1ms;
  options.on_drift = [&](std::span<const pinfold::problem>) {
    is_started.wait();
    if (is_asked) return;
    refusal = message_of<pinfold::start_error>([] { (void)drift::topology.start(); });
    running->request_stop();
    is_asked = true;
    is_asked.notify_all();
  };
  running.emplace(drift::topology.start(std::move(options)));
  is_started.count_down();
  disturb(victim());
  is_asked.wait(false);
  running->stop();
  CHECK(contains(refusal, "PF213 topology 'drift': it is running already"));
}

TEST_CASE("child: the handler of drift stops the topology", "[.child]") {
  cpus_of_cores({0, 1});
  std::optional<pinfold::running_topology> running;
  std::latch is_started(1);
  pinfold::start_options options = on_this_machine();
  options.verify_every = 1ms;
  options.on_drift = [&](std::span<const pinfold::problem>) {
    is_started.wait();
    running->stop();
  };
  running.emplace(drift::topology.start(std::move(options)));
  is_started.count_down();
  disturb(victim());
  std::this_thread::sleep_for(60s);
}

TEST_CASE("a handler that stops the topology ends the process and names the thread") {
  const child_result child = run_case("child: the handler of drift stops the topology");
  CHECK(child.signal == SIGABRT);
  CHECK(contains(child.output,
                 "pinfold: topology 'drift' was stopped by its own thread drift-watch, which cannot join itself"));
}

TEST_CASE("child: drift is printed", "[.child]") {
  cpus_of_cores({0, 1});
  pinfold::start_options options = on_this_machine();
  options.verify_every = 1ms;
  auto running = drift::topology.start(std::move(options));
  drift::native_pools::batch.install([] { REQUIRE(setpriority(PRIO_PROCESS, 0, 9) == 0); });
  std::this_thread::sleep_for(1s);
  drift::native_pools::batch.install([] { (void)setpriority(PRIO_PROCESS, 0, 5); });
  std::this_thread::sleep_for(1s);
}

TEST_CASE("without a handler what has changed is printed") {
  const child_result child = run_case("child: drift is printed");
  CHECK(
      contains(child.output,
               "pinfold: topology 'drift' is no longer as it was started: 1 problem\n  PF217 native.batch thread 0: "
               "policy is SCHED_BATCH nice 9; the start set SCHED_BATCH nice 5\n        remedy: look for what changed "
               "it: chrt, renice, an agent, the program\n"));
  if (contains(child.output, "again")) {  // to lower a nice value takes a right
    CHECK(contains(child.output, "pinfold: topology 'drift' is as it was started again\n"));
  }
}
