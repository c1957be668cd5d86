// A mutex whose holder inherits the priority of whom it keeps waiting.
#include <sched.h>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <pinfold/pi_mutex.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

// As the scheduler sees it now, inherited ones included: the 18th word of "1234 (name) S ..."; fifo 20 is -21.
int effective_priority(int thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::size_t at = line.rfind(')');
  for (int word = 2; word < 18; ++word) at = line.find(' ', at + 1);
  return std::stoi(line.substr(at + 1));
}

bool become_realtime(int priority) {
  const sched_param parameters{.sched_priority = priority};
  return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

}  // namespace

TEST_CASE("one thread at a time holds a pi_mutex") {
  pinfold::pi_mutex mutex;
  long sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10'000; ++round) {
        const std::lock_guard own(mutex);
        ++sum;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sum == 40'000);
}

TEST_CASE("try_lock of a pi_mutex takes it where nobody holds it") {
  pinfold::pi_mutex mutex;
  const auto elsewhere = [&] {
    bool taken = false;
    std::thread([&] {
      taken = mutex.try_lock();
      if (taken) mutex.unlock();
    }).join();
    return taken;
  };
  CHECK(elsewhere());
  const std::unique_lock own(mutex);
  CHECK_FALSE(elsewhere());
}

TEST_CASE("a thread that locks a pi_mutex twice is told, and holds it on") {
  pinfold::pi_mutex mutex;
  const std::lock_guard own(mutex);
  CHECK(contains(message_of<std::system_error>([&] { mutex.lock(); }), "pinfold::pi_mutex::lock"));
  bool free = true;
  std::thread([&] { free = mutex.try_lock(); }).join();
  CHECK_FALSE(free);
}

TEST_CASE("a condition variable waits with a pi_mutex") {
  pinfold::pi_mutex mutex;
  std::condition_variable_any changed;
  bool ready = false;
  std::thread other([&] {
    const std::lock_guard own(mutex);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock own(mutex);
    changed.wait(own, [&] { return ready; });
  }
  CHECK(ready);
  other.join();
}

TEST_CASE("who holds a pi_mutex runs at the priority of a realtime thread that waits for it, where that may be one") {
  pinfold::pi_mutex mutex;
  const int holder = id_of_this_thread();
  const int before = effective_priority(holder);
  std::atomic<int> waiter{0};
  std::atomic<bool> is_realtime{false};
  std::thread thread;
  {
    const std::lock_guard own(mutex);
    thread = std::thread([&] {
      is_realtime = become_realtime(20);
      waiter = id_of_this_thread();
      const std::lock_guard its(mutex);
    });
    REQUIRE(eventually([&] { return waiter != 0 && is_asleep(waiter); }));
    if (is_realtime) CHECK(eventually([&] { return effective_priority(holder) == -21; }));
  }
  thread.join();
  CHECK(effective_priority(holder) == before);
}
