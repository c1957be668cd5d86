// soak [SECONDS]: a mixed load on pools of every kind, with restarts of the topology, while nothing may be lost, left
// behind or pile up. Exit status 1 where something is.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <pinfold/start_options.hpp>

#include <soak/topology.hpp>

#include "ledger.hpp"
#include "load.hpp"
#include "process.hpp"

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr unsigned producers = 4;
constexpr auto run_time = 700ms;  // of one run of the topology
// By so much memory may have grown from the end of the warm-up on, measured while the topology is stopped. Of what is
// resident, TBB and the C library's arenas keep more or less.
constexpr std::size_t resident_limit_kib = 8 * 1024;
constexpr std::size_t heap_limit_kib = 256;

class soak_test {
 public:
  explicit soak_test(std::chrono::seconds length) : begin_(clock::now()), end_(begin_ + length) {}

  int run() {
    std::printf("soak: %lld s, %u producers, a restart every %.1f s\n",
                static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(end_ - begin_).count()),
                producers, std::chrono::duration<double>(run_time).count());
    const auto warm = begin_ + (end_ - begin_) / 4;
    while (clock::now() < end_ && complaints_.empty()) {
      run_once();
      if (!warm_ && clock::now() >= warm) warm_ = soak::trimmed_process_now();
    }
    conclude();
    return complaints_.empty() ? 0 : 1;
  }

 private:
  // Producers go on until they are refused: the stop comes in the middle of their work.
  void run_once() {
    pinfold::start_options options;
    options.on_exception = [this](const pinfold::escaped_exception&) { ++counts_.escaped; };
    auto running = soak::topology.start(options);
    ++starts_;
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < producers; ++i) {
        threads.emplace_back([this, seed = starts_ * producers + i] {
          soak::producer producer(counts_, static_cast<std::uint32_t>(seed));
          while (producer.work()) {
          }
        });
      }
      for (const auto until = std::min(clock::now() + run_time, end_); clock::now() < until;) {
        std::this_thread::sleep_for(50ms);
        report_progress();
      }
      if (starts_ % 2 == 0) running.request_stop();
      if (!running.stop(60s).empty()) {
        running.report(std::cerr);
        complain("run " + std::to_string(starts_) + " has not stopped within 60 s");
      }
    }
    check_counters();
  }

  void check_counters() {
    for (const std::string& each : counts_.contradictions()) complain(each);
    soak::topology.for_each([&](auto& pool) {
      const pinfold::pool_stats stats = pool.stats();
      if (stats.accepted == stats.finished && stats.running == 0) return;
      complain(std::string(pool.spec.name) + ": accepted " + std::to_string(stats.accepted) + ", finished " +
               std::to_string(stats.finished) + ", running " + std::to_string(stats.running));
    });
  }

  void report_progress() {
    if (clock::now() < next_line_) return;
    next_line_ += 1s;
    const soak::process now = soak::process_now();
    std::printf(
        "%5.0f s: %llu starts, %llu operations, %llu posts, %llu refused, RSS %zu KiB, heap %zu KiB, %zu threads, %zu "
        "files\n",
        std::chrono::duration<double>(clock::now() - begin_).count(), starts_, number(counts_.offered),
        number(counts_.posted), number(counts_.refused), now.resident_kib, now.heap_kib, now.threads, now.files);
    std::fflush(stdout);
  }

  void conclude() {
    const soak::process last = soak::trimmed_process_now();
    soak::topology.for_each([](auto& pool) {
      const pinfold::pool_stats stats = pool.stats();
      std::printf("%-12.*s accepted %llu = finished %llu\n", static_cast<int>(pool.spec.thread_name.size()),
                  pool.spec.thread_name.data(), static_cast<unsigned long long>(stats.accepted),
                  static_cast<unsigned long long>(stats.finished));
    });
    std::printf(
        "offered %llu = accepted %llu + refused %llu; posted %llu = run %llu; thrown %llu = escaped %llu; "
        "coroutines begun %llu = ended %llu\n",
        number(counts_.offered), number(counts_.accepted), number(counts_.refused), number(counts_.posted),
        number(counts_.run), number(counts_.thrown), number(counts_.escaped), number(counts_.coroutines_begun),
        number(counts_.coroutines_ended));
    if (warm_) {
      std::printf(
          "after warm-up and at the end: RSS %zu, %zu KiB; heap in use %zu, %zu KiB; threads %zu, %zu; files %zu, "
          "%zu\n",
          warm_->resident_kib, last.resident_kib, warm_->heap_kib, last.heap_kib, warm_->threads, last.threads,
          warm_->files, last.files);
      if (last.resident_kib > warm_->resident_kib + resident_limit_kib) complain("resident memory has grown");
      if (last.heap_kib > warm_->heap_kib + heap_limit_kib) complain("the heap has grown");
      if (last.threads > warm_->threads) complain("threads are left");
      if (last.files > warm_->files) complain("files are left open");
    }
    std::printf("soak: %s\n", complaints_.empty() ? "passed" : "failed");
    for (const std::string& each : complaints_) std::printf("  %s\n", each.c_str());
  }

  void complain(std::string what) { complaints_.push_back(std::move(what)); }
  static unsigned long long number(const soak::count& count) { return count.load(); }

  const clock::time_point begin_;
  const clock::time_point end_;
  clock::time_point next_line_ = begin_ + 1s;
  soak::ledger counts_;
  unsigned long long starts_ = 0;
  std::optional<soak::process> warm_;
  std::vector<std::string> complaints_;
};

}  // namespace

int main(int argc, char** argv) {
  unsigned seconds = 600;
  const std::string_view argument = argc > 1 ? argv[1] : "600";
  const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), seconds);
  if (argc > 2 || error != std::errc() || end != argument.data() + argument.size() || seconds == 0) {
    std::fprintf(stderr, "usage: soak [SECONDS]\n");
    return 2;
  }
  try {
    return soak_test(std::chrono::seconds(seconds)).run();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "soak: %s\n", failure.what());
    return 1;
  }
}
