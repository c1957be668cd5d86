// What a trace's file says of what has happened.
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <pinfold/native/fork.hpp>

#include <recorded/topology.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"
#include "support/threads.hpp"
#include "trace/trace_text.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;

namespace {

/// Counts the calling thread's tasks.
class tally {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ++tasks_[id_of_this_thread()];
  }
  [[nodiscard]] std::map<int, std::size_t> tasks() {
    const std::lock_guard lock(mutex_);
    return tasks_;
  }

 private:
  std::mutex mutex_;
  std::map<int, std::size_t> tasks_;
};

std::string name_of(const pinfold::pool_spec& spec) {
  constexpr std::array kinds{"asio.", "tbb.", "native."};
  return kinds[static_cast<std::size_t>(spec.kind)] + std::string(spec.name);
}

bool is_inside(const trace_entry& inner, const trace_entry& outer) {
  return inner.thread == outer.thread && inner.begin_ns >= outer.begin_ns && inner.end_ns <= outer.end_ns;
}

}  // namespace

TEST_CASE("every task that ran is in the file once, on the thread that ran it, in its pool") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto trace = running.trace(place.file());
  std::map<std::string, std::map<int, std::size_t>> ran;
  recorded::topology.for_each([&](auto& pool) {
    tally here;
    for (int i = 0; i < 200; ++i) pool.post([&] { here.add(); });
    pool.wait_idle();
    ran[name_of(pool.spec)] = here.tasks();
  });
  const trace_text text = text_of(trace, place.file());
  CHECK(text.dropped() == 0);
  CHECK(text.facts.at("topology") == "recorded");
  CHECK(text.pools.size() == ran.size());
  std::size_t tasks = 0;
  for (const auto& [number, pool] : text.pools) {
    INFO(pool);
    for (const auto& [thread, count] : ran.at(pool)) {
      const auto found = text.named_on("task", thread);
      CHECK(found.size() == count);
      CHECK(std::ranges::all_of(found, [&, at = number](const trace_entry& each) { return each.pool == at; }));
      tasks += count;
    }
  }
  CHECK(tasks == 200 * ran.size());
  CHECK(text.named("task").size() == tasks);
}

TEST_CASE("threads have the names that the kernel knows, quotes and backslashes too") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto trace = running.trace(place.file());
  const trace_text text = text_of(trace, place.file());
  for (const thread_facts& each : threads_of_this_process()) {
    if (text.threads.contains(each.id)) CHECK(text.threads.at(each.id) == each.name);
  }
  std::vector<std::string> names;
  for (const auto& [thread, name] : text.threads) names.push_back(name);
  CHECK(std::ranges::count(names, "say \"1\" \\-0") == 1);
  CHECK(std::ranges::count(names, "net-b0") == 1);
}

TEST_CASE("a task that runs while another one waits is inside of it") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto& pool = recorded::native_pools::one;
  auto trace = running.trace(place.file());
  pool.install([&] {
    std::atomic<bool> inner = false;
    pool.post([&] { inner = true; });
    recorded::native_pools::two.install([&] {
      while (!inner) std::this_thread::yield();
    });
  });
  pool.wait_idle();
  const trace_text text = text_of(trace, place.file());
  const auto tasks = text.named_on("task", pool.install(id_of_this_thread));
  REQUIRE(tasks.size() == 2);
  CHECK(is_inside(tasks[1], tasks[0]));
}

TEST_CASE("an arrow goes from a post by a pool's thread to the start; posts by others have none") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto trace = running.trace(place.file());
  std::atomic<bool> both = false;
  const int sender = recorded::asio_pools::spinning.install([&] {
    recorded::native_pools::one.post([&] {
      while (!both) std::this_thread::yield();
      std::this_thread::sleep_for(1ms);
    });
    recorded::native_pools::one.post([] {});
    both = true;
    return id_of_this_thread();
  });
  recorded::native_pools::one.wait_idle();
  const trace_text text = text_of(trace, place.file());
  const int receiver = recorded::native_pools::one.install(id_of_this_thread);
  const auto from = text.of_phase("s");
  const auto to = text.of_phase("f");
  REQUIRE(from.size() == 2);
  REQUIRE(to.size() == 2);
  const auto posts = text.named_on("post", sender);
  const auto tasks = text.named_on("task", receiver);
  REQUIRE(posts.size() == 2);
  REQUIRE(tasks.size() == 2);
  const auto sent = text.named_on("task", sender);
  REQUIRE(sent.size() == 1);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(posts[i].arguments.at("to") == "native.one");
    CHECK(from[i].thread == sender);
    CHECK(from[i].begin_ns == posts[i].begin_ns);
    CHECK(is_inside(posts[i], sent[0]));
    CHECK(to[i].arrow == from[i].arrow);
    CHECK(to[i].thread == receiver);
    CHECK(to[i].begin_ns == tasks[i].begin_ns);
    CHECK(tasks[i].arguments.contains("waited_us"));
  }
  CHECK(std::stod(tasks[1].arguments.at("waited_us")) >= 500);
  CHECK(!sent[0].arguments.contains("waited_us"));
}

TEST_CASE("a full buffer drops what comes later, and the file says how much") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto& pool = recorded::native_pools::one;
  const int thread = pool.install(id_of_this_thread);
  pool.wait_idle();
  REQUIRE(eventually([&] { return is_asleep(thread); }));
  auto trace = running.trace(place.file(), {.events_per_thread = 12});
  pool.install([&] {
    for (int i = 0; i < 20; ++i) pool.post([] {});
  });
  pool.wait_idle();
  REQUIRE(eventually([&] { return is_asleep(thread); }));
  const trace_text text = text_of(trace, place.file());
  CHECK(text.facts.at("events_per_thread") == "12");
  // It woke up, began, and posted ten times; then ten posts, an end, twenty tasks, and that it sleeps.
  CHECK(text.dropped() == 10 + 1 + 40 + 1);
  CHECK(text.named_on("post", thread).size() == 10);
  const auto tasks = text.named_on("task", thread);
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].arguments.at("ended") == "after the recording");
  CHECK(text.of_phase("f").empty());
  const auto said = text.named_on("full: 52 events dropped", thread);
  REQUIRE(said.size() == 1);
  CHECK(said[0].begin_ns == tasks[0].end_ns);
  CHECK(said[0].arguments.at("dropped") == "52");
}

TEST_CASE("what had begun before or ends later is there as far as it was seen") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto& pool = recorded::native_pools::two;
  std::atomic<int> step = 0;
  std::vector<int> threads(2);
  pool.post([&] {
    threads[0] = id_of_this_thread();
    step = 1;
    while (step != 2) std::this_thread::yield();
  });
  REQUIRE(eventually([&] { return step == 1; }));
  auto trace = running.trace(place.file());
  std::atomic<bool> over = false;
  std::atomic<bool> begun = false;
  pool.post([&] {
    threads[1] = id_of_this_thread();
    begun = true;
    while (!over) std::this_thread::yield();
  });
  CHECK(eventually([&] { return begun.load(); }));
  step = 2;
  pool.install([] {});  // by the same thread, after it has recorded that end
  trace.write();
  over = true;
  const trace_text text = read_trace(place.file());
  const auto earlier = text.named_on("task", threads[0]);
  REQUIRE(earlier.size() == 2);
  CHECK(earlier[0].begin_ns == 0);
  CHECK(earlier[0].arguments.at("began") == "before the recording");
  const auto later = text.named_on("task", threads[1]);
  REQUIRE(later.size() == 1);
  CHECK(later[0].arguments.at("ended") == "after the recording");
  CHECK(later[0].end_ns > earlier[0].end_ns);
}

TEST_CASE("sleeps are seen where pinfold's own loops sleep; what wakes an asio thread ends its sleep") {
  const trace_place place;
  const auto running = recorded::topology.start();
  const auto check_sleeps = [&](auto& pool, const std::string& file) {
    const int thread = pool.install(id_of_this_thread);
    REQUIRE(eventually([&] { return is_asleep(thread); }));
    auto trace = running.trace(file);
    for (int i = 0; i < 2; ++i) {
      REQUIRE(eventually([&] { return is_asleep(thread); }));
      pool.install([] {});
    }
    const trace_text text = text_of(trace, file);
    const auto sleeps = text.named_on("asleep", thread);
    const auto tasks = text.named_on("task", thread);
    CHECK(!sleeps.empty());
    CHECK(tasks.size() == 2);
    for (const trace_entry& sleep : sleeps) {
      CHECK(std::ranges::none_of(
          tasks, [&](const auto& each) { return each.end_ns > sleep.begin_ns && each.begin_ns < sleep.end_ns; }));
    }
  };
  check_sleeps(recorded::native_pools::one, place.file("native.json"));
  check_sleeps(recorded::asio_pools::spinning, place.file("asio.json"));
}

TEST_CASE("a steal names the thread that was stolen from") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto& pool = recorded::native_pools::two;
  auto trace = running.trace(place.file());
  std::atomic<int> thief = 0;
  const int victim = pool.install([&] {
    while (thief == 0) {
      auto forked = pinfold::fork([&, own = id_of_this_thread()] {
        if (const int here = id_of_this_thread(); here != own) thief = here;
      });
      pinfold::fork([] {}).join();
      std::this_thread::yield();
      forked.join();
    }
    return id_of_this_thread();
  });
  const trace_text text = text_of(trace, place.file());
  const auto steals = text.named_on("steal", thief);
  REQUIRE(!steals.empty());
  CHECK(steals[0].arguments.at("from") == text.threads.at(victim));
}

TEST_CASE("parts of scopes are no tasks, and blocking threads have theirs") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto trace = running.trace(place.file());
  recorded::asio_pools::net.scope([](auto& scope) { scope.spawn([] {}); });
  const int blocking = recorded::asio_pools::net.async_blocking(id_of_this_thread, boost::asio::use_future).get();
  recorded::asio_pools::net.wait_idle();
  const trace_text text = text_of(trace, place.file());
  CHECK(text.named("part").size() == 1);
  CHECK(text.threads.at(blocking) == "net-b0");
  CHECK(text.named_on("task", blocking).size() == 1);
}
