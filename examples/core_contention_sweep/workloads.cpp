#include "workloads.hpp"

#include "vector_item.hpp"

namespace demo {
namespace {

std::array<metric, 5> metrics_of(std::string_view name) {
  return {{{name, "1/s", &measurement::served_per_second},
           {"p50", "us", &measurement::p50_us},
           {"p99", "us", &measurement::p99_us},
           {"p99.9", "us", &measurement::p999_us},
           {"items", "1/s", &measurement::items_per_second}}};
}

}  // namespace

std::span<const workload> all_workloads() {
  static const std::array workloads{
      workload{
          .name = "requests",
          .description = "two HTTP servers, whose handlers wait 1 ms, beside a computation; how long requests took",
          .run = &layout::requests,
          .metrics = metrics_of("requests")},
      workload{.name = "ticks",
               .description = "a tick each ms beside vector arithmetic (" + std::string(vector_instructions()) +
                              "); how late it was",
               .run = &layout::ticks,
               .metrics = metrics_of("ticks")}};
  return workloads;
}

}  // namespace demo
