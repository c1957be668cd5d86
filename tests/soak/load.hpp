// A producer's work: one operation after the other, of all that pools offer.
#pragma once

#include <cstdint>
#include <random>

#include "ledger.hpp"

namespace soak {

class producer {
 public:
  producer(ledger& counts, std::uint32_t seed) : counts_(counts), random_(seed) {}

  /// Begins an operation and sees it end, or refused. False: refused.
  bool work();

 private:
  std::uint32_t up_to(std::uint32_t limit) { return static_cast<std::uint32_t>(random_()) % limit; }

  void operate();
  void post_some();
  void compute();
  void ask_across();
  void ask_asynchronously();
  void open_scopes();
  void tell_everyone();
  void stream();
  void wait_for_timers();
  void call_blocking();
  void start_a_thread();

  ledger& counts_;
  std::minstd_rand random_;
};

}  // namespace soak
