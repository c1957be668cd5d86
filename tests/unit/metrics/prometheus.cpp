// What Prometheus scrapes of a running topology.
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <metrics/topology.hpp>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <pinfold/prometheus.hpp>

#include "catch.hpp"
#include "metrics/metered_pools.hpp"

using namespace pinfold_test;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

namespace {

using labels = std::map<std::string, std::string>;

labels labels_of(const ClientMetric& sample) {
  labels found;
  for (const auto& [name, value] : sample.label) found.emplace(name, value);
  return found;
}

class scrape {
 public:
  scrape() : families_(pinfold::prometheus_metrics(metrics::topology).Collect()) {}

  [[nodiscard]] const std::vector<MetricFamily>& families() const { return families_; }
  // nullptr: there is none.
  [[nodiscard]] const ClientMetric* find(const std::string& family, const labels& wanted) const {
    const ClientMetric* found = nullptr;
    for (const MetricFamily& each : families_) {
      if (each.name != family) continue;
      for (const ClientMetric& sample : each.metric) {
        if (labels_of(sample) != wanted) continue;
        CHECK(found == nullptr);  // no two of the same labels
        found = &sample;
      }
    }
    return found;
  }
  [[nodiscard]] double counter(const std::string& family, const labels& wanted) const {
    const ClientMetric* const sample = find(family, wanted);
    REQUIRE(sample != nullptr);
    return sample->counter.value;
  }
  [[nodiscard]] double gauge(const std::string& family, const labels& wanted) const {
    const ClientMetric* const sample = find(family, wanted);
    REQUIRE(sample != nullptr);
    return sample->gauge.value;
  }

 private:
  std::vector<MetricFamily> families_;
};

labels of_pool(const std::string& kind, const std::string& pool) {
  return {{"topology", "metrics"}, {"kind", kind}, {"pool", pool}};
}

labels of_thread(const std::string& kind, const std::string& pool, const std::string& thread) {
  labels all = of_pool(kind, pool);
  all.emplace("thread", thread);
  return all;
}

double number(std::uint64_t count) { return static_cast<double>(count); }

}  // namespace

TEST_CASE("samples are what stats() says, pool by pool and thread by thread") {
  auto running = metrics::topology.start();
  auto& pair = metrics::native_pools::pair;
  auto& files = metrics::asio_pools::latency;
  for (int i = 0; i < 50; ++i) pair.post([] { pass_time(std::chrono::microseconds(20)); });
  files.async_blocking([] {}, [](const std::exception_ptr&) {});
  running.wait_idle();
  CHECK(scrape().gauge("pinfold_topology_running", {{"topology", "metrics"}}) == 1);
  running.stop();
  CHECK_THROWS_AS(pair.post([] {}), pinfold::pool_stopped);

  const scrape found;
  CHECK(found.gauge("pinfold_topology_running", {{"topology", "metrics"}}) == 0);
  const pinfold::pool_stats stats = pair.stats();
  const labels pool = of_pool("native", "pair");
  CHECK(stats.finished >= 50);
  CHECK(stats.refused != 0);
  CHECK(found.counter("pinfold_tasks_accepted_total", pool) == number(stats.accepted));
  CHECK(found.counter("pinfold_tasks_finished_total", pool) == number(stats.finished));
  CHECK(found.counter("pinfold_tasks_refused_total", pool) == number(stats.refused));
  CHECK(found.gauge("pinfold_tasks_running", pool) == 0);
  CHECK(found.gauge("pinfold_tasks_waiting", pool) == 0);
  CHECK(found.gauge("pinfold_queue_high_water_tasks", pool) == number(stats.queue_high_water));
  for (std::size_t i = 0; i < pair.size(); ++i) {
    const pinfold::worker_stats own = pair.worker_stats(i);
    const labels thread = of_thread("native", "pair", "n-pair-" + std::to_string(i));
    CHECK(found.counter("pinfold_tasks_run_total", thread) == number(own.run));
    CHECK(found.counter("pinfold_tasks_stolen_total", thread) == number(own.stolen));
    CHECK(found.counter("pinfold_forks_inline_total", thread) == number(own.forked_inline));
    CHECK(found.counter("pinfold_thread_parks_total", thread) == number(own.parks));
    CHECK(found.counter("pinfold_thread_wakes_total", thread) == number(own.wakes));
    CHECK(found.counter("pinfold_thread_spins_total", thread) == number(own.spins));
    CHECK(found.counter("pinfold_busy_seconds_total", thread) == Approx(number(own.busy.count()) * 1e-9));
  }
  CHECK(found.counter("pinfold_tasks_run_total", of_thread("asio", "latency", "a-latency-b0")) ==
        number(files.worker_stats(1).run));
  CHECK(files.worker_stats(1).run != 0);
}

TEST_CASE("the histogram is cumulative, and agrees with latency()") {
  {
    const auto running = metrics::topology.start();
    for (int i = 0; i < 200; ++i) metrics::native_pools::latency.post([] { pass_time(std::chrono::microseconds(5)); });
  }
  const pinfold::latency_histogram latency = metrics::native_pools::latency.latency();
  const scrape found;
  const ClientMetric* const sample = found.find("pinfold_post_to_start_seconds", of_pool("native", "latency"));
  REQUIRE(sample != nullptr);
  const ClientMetric::Histogram& histogram = sample->histogram;
  CHECK(histogram.sample_count == latency.count());
  CHECK(histogram.sample_sum == Approx(number(latency.sum().count()) * 1e-9));
  REQUIRE(histogram.bucket.size() == 28);
  CHECK(histogram.bucket.front().upper_bound == Approx(128e-9));
  CHECK(histogram.bucket.back().upper_bound == Approx(17.179869184));
  for (const ClientMetric::Bucket& each : histogram.bucket) {
    std::uint64_t within = 0;
    for (std::size_t i = 0; i < pinfold::latency_histogram::buckets; ++i) {
      const auto bound = std::chrono::duration<double>(pinfold::latency_histogram::bound(i)).count();
      if (bound <= each.upper_bound * (1 + 1e-12)) within += latency.count_in(i);
    }
    CHECK(each.cumulative_count == within);
  }
  CHECK(histogram.bucket.back().cumulative_count != 0);
}

TEST_CASE("a pool has the samples that its mode counts") {
  const scrape found;
  CHECK(found.find("pinfold_tasks_run_total", of_thread("native", "off", "n-off-0")) != nullptr);
  CHECK(found.find("pinfold_queue_high_water_tasks", of_pool("native", "off")) == nullptr);
  CHECK(found.find("pinfold_thread_parks_total", of_thread("native", "off", "n-off-0")) == nullptr);
  CHECK(found.find("pinfold_queue_high_water_tasks", of_pool("native", "counters")) != nullptr);
  CHECK(found.find("pinfold_thread_parks_total", of_thread("native", "counters", "n-counters-0")) != nullptr);
  CHECK(found.find("pinfold_busy_seconds_total", of_thread("native", "counters", "n-counters-0")) == nullptr);
  CHECK(found.find("pinfold_post_to_start_seconds", of_pool("native", "counters")) == nullptr);
  CHECK(found.find("pinfold_post_to_start_seconds", of_pool("asio", "latency")) != nullptr);
  CHECK(found.find("pinfold_tasks_stolen_total", of_thread("asio", "latency", "a-latency-0")) == nullptr);
}

// The rules of prometheus.io/docs/practices/naming, and of the text format.
TEST_CASE("names follow Prometheus's conventions, and the text can be parsed") {
  const scrape found;
  std::set<std::string> names;
  for (const MetricFamily& each : found.families()) {
    CHECK(names.insert(each.name).second);
    CHECK(each.name.starts_with("pinfold_"));
    CHECK(each.name.ends_with("_total") == (each.type == MetricType::Counter));
    CHECK_FALSE(each.help.empty());
    CHECK_FALSE(each.metric.empty());
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, found.families());
  const std::regex comment(R"(# (HELP|TYPE) pinfold_[a-z_]+ .+)");
  const std::regex sample(R"re((pinfold_[a-z_]+)\{([a-z]+="[^"\\]+",?)+\} (\+Inf|[0-9.e+-]+))re");
  std::istringstream in(text.str());
  std::size_t samples = 0;
  for (std::string line; std::getline(in, line);) {
    CAPTURE(line);
    const bool is_sample = std::regex_match(line, sample);
    CHECK((is_sample || std::regex_match(line, comment)));
    samples += is_sample ? 1 : 0;
  }
  CHECK(samples > 100);
}
