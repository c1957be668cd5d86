// Starts a topology and compares each of its threads with what the file declares, as the kernel shows them.
#pragma once

#include <cstddef>
#include <cstdio>
#include <latch>
#include <string>
#include <type_traits>
#include <vector>

#include <pinfold/native/managed_thread.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/start_error.hpp>

namespace pinfold_vm {

struct declared_thread {
  const pinfold::pool_spec* pool = nullptr;
  std::string name;
  std::vector<int> cpus;      ///< empty: not pinned
  bool one_of_cpus = false;   ///< it holds one of them, the start decides which
  std::vector<int> ran_on{};  ///< where it found itself, ascending; empty: it was not asked
};

/// The workers of the pool, then its threads for blocking calls.
std::vector<declared_thread> declared_threads(const pinfold::pool_spec& pool);
declared_thread declared_managed_thread(const pinfold::pool_spec& pool, std::size_t index);

/// The CPUs on which the calling thread was while it worked and slept by turns.
std::vector<int> where_this_thread_runs();

/// Prints a table of the threads. How many are not as declared, plus those of the process that are not in the table.
int compare(const std::vector<declared_thread>& threads);

/// Ends what waits for it, however the block is left.
class gate {
 public:
  gate() = default;
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate() { latch_.count_down(); }
  void wait() const { latch_.wait(); }

 private:
  std::latch latch_{1};
};

/// Prints "ready" and sleeps until the process is killed.
[[noreturn]] void stay();

/// The program's exit status: 0 where every thread is as declared.
template <class Topology>
int check_layout(const Topology& topology, bool hold) try {
  const auto running = topology.start();
  std::vector<declared_thread> threads;
  std::vector<pinfold::managed_thread<void>> managed;
  const gate compared;
  topology.for_each([&](auto& pool) {
    constexpr const pinfold::pool_spec& spec = std::remove_cvref_t<decltype(pool)>::spec;
    auto of_pool = declared_threads(spec);
    if constexpr (spec.threads != 0) {
      const auto found = pool.broadcast([] { return where_this_thread_runs(); });
      for (std::size_t i = 0; i < spec.threads; ++i) of_pool[i].ran_on = found[i];
    }
    if constexpr (spec.max_threads != 0) {
      for (std::size_t i = 0; i < spec.max_threads; ++i) {
        declared_thread thread = declared_managed_thread(spec, i);
        std::latch has_looked(1);
        managed.push_back(pool.spawn_thread(thread.name, [&compared, &has_looked, &found = thread.ran_on] {
          found = where_this_thread_runs();
          has_looked.count_down();
          compared.wait();
        }));
        has_looked.wait();
        of_pool.push_back(std::move(thread));
      }
    }
    threads.insert(threads.end(), of_pool.begin(), of_pool.end());
  });
  const int wrong = compare(threads);
  if (wrong == 0 && hold) stay();
  return wrong == 0 ? 0 : 1;
} catch (const pinfold::start_error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}

}  // namespace pinfold_vm
