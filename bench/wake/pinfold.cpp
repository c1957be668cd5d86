// How late the handlers of a periodic timer run on an asio pool, alone and beside a pool that computes without a pause.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <suite/topology.hpp>
#include <vector>

#include "program.hpp"
#include "quantiles.hpp"
#include "variant.hpp"
#include "workload.hpp"

namespace {

// Every worker of the other pool computes while it lives, in memory that its level 2 cache holds.
class load {
  static auto& pool() { return suite::native_pools::load; }

 public:
  load() {
    for (std::size_t i = 0; i < pool().size(); ++i) pool().post([this] { compute(); });
    while (working_ != pool().size()) bench::pause();
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() {
    over_ = true;
    pool().wait_idle();
  }

 private:
  void compute() {
    std::vector<std::uint64_t> words(std::size_t{1} << 15U, 1);
    ++working_;
    while (!over_.load(std::memory_order_relaxed)) {
      for (std::uint64_t& each : words) each = each * 6364136223846793005U + 1442695040888963407U;
      bench::opaque(words);
    }
  }

  std::atomic<bool> over_ = false;
  std::atomic<std::size_t> working_ = 0;
};

class waking {
 public:
  /// --size: ticks, of a millisecond each.
  waking(bench::options& given, long workers) : ticks_(given.required("size", 1, 1'000'000)) {
    if (workers != 1) throw bench::usage_error("--workers: the timer has 1");
  }

  void warm_up() { late_ns(std::min(ticks_, 100L)); }

  bench::outcome measure() {
    const std::vector<double> late = late_ns(ticks_);
    const auto answer = static_cast<long>(late.size());
    bench::require_answer(answer, ticks_);
    const double longest = *std::ranges::max_element(late);
    const bench::quantiles all(late);
    return {answer,
            {{"late_p50_ns", all.per_mille(500)},
             {"late_p99_ns", all.per_mille(990)},
             {"late_p99.9_ns", all.per_mille(999)},
             {"late_max_ns", longest}}};
  }

 private:
  static std::vector<double> late_ns(long ticks) {
    std::optional<load> beside;
    if (!bench::has_variant("unloaded")) beside.emplace();
    return workload::ticking(suite::asio_pools::timer.context(), static_cast<std::size_t>(ticks)).run();
  }

  long ticks_;
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<waking>(argc, argv); }
