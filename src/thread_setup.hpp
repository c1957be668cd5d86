// How one thread is to be, made so and read back by the thread itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <pinfold/detail/os.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/start_error.hpp>

namespace pinfold::detail {

struct thread_plan {
  pool_core* pool = nullptr;
  const pool_place* place = nullptr;
  thread_role role = thread_role::worker;
  std::size_t index = 0;
  std::string name;       // at most max_thread_name bytes
  std::vector<int> cpus;  // empty: the affinity is left alone
  os::schedule schedule;
  std::int64_t timer_slack_ns = -1;  // -1: left alone
};

/// "asio.net thread 3", "asio.net blocking thread 0", "native.default managed thread 'poller'".
[[nodiscard]] std::string describe(const thread_plan& plan);

[[nodiscard]] os::schedule declared_schedule(const pool_spec& spec);

/// In all that `wanted` states.
[[nodiscard]] bool is_as_wanted(const os::schedule& found, const os::schedule& wanted);

/// "SCHED_FIFO 50", "nice -5".
[[nodiscard]] std::string describe(const os::schedule& schedule);

/// Run by the thread itself: name, affinity, policy, timer slack, stack; everything is read back.
/// Returns what was refused or did not stick.
[[nodiscard]] std::vector<problem> set_up_this_thread(thread_plan& plan);

}  // namespace pinfold::detail
