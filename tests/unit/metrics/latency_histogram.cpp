// The buckets of a latency_histogram over their whole range, and what it says of what was recorded.
#include <pinfold/latency_histogram.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "catch.hpp"

using pinfold::latency_histogram;
using std::chrono::nanoseconds;

namespace {

constexpr std::size_t last = latency_histogram::buckets - 1;

// The exact quantile: the smallest value that a share q does not exceed.
nanoseconds exact(const std::vector<std::int64_t>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return nanoseconds(sorted[rank == 0 ? 0 : rank - 1]);
}

}  // namespace

TEST_CASE("every bucket begins behind the one before and ends with its bound") {
  CHECK(latency_histogram::bound(0) == nanoseconds(1));
  CHECK(latency_histogram::bound(last) == nanoseconds(std::int64_t{1} << 40));
  for (std::size_t i = 0; i < last; ++i) {
    const nanoseconds bound = latency_histogram::bound(i);
    REQUIRE(latency_histogram::bucket_of(bound) == i);
    REQUIRE(latency_histogram::bucket_of(bound + nanoseconds(1)) == i + 1);
  }
}

TEST_CASE("no bucket is wider than a sixteenth of what it holds") {
  for (std::size_t i = 1; i <= last; ++i) {
    const std::int64_t least = latency_histogram::bound(i - 1).count() + 1;
    const std::int64_t error = latency_histogram::bound(i).count() - least;
    REQUIRE(16 * error <= least);
    if (least <= 32) REQUIRE(error == 0);
  }
}

TEST_CASE("what lies outside the range is in the first and the last bucket") {
  CHECK(latency_histogram::bucket_of(nanoseconds::min()) == 0);
  CHECK(latency_histogram::bucket_of(nanoseconds(0)) == 0);
  CHECK(latency_histogram::bucket_of(latency_histogram::bound(last)) == last);
  CHECK(latency_histogram::bucket_of(latency_histogram::bound(last) + nanoseconds(1)) == last);
  CHECK(latency_histogram::bucket_of(nanoseconds::max()) == last);
}

TEST_CASE("quantiles are never too low, and a sixteenth too high at most") {
  latency_histogram histogram;
  std::vector<std::int64_t> values;
  for (std::int64_t value = 1; value < std::int64_t{1} << 39; value += 1 + (value / 7)) values.push_back(value);
  for (const std::int64_t each : values) histogram.record(nanoseconds(each));
  REQUIRE(histogram.count() == values.size());
  for (int permille = 0; permille <= 1000; ++permille) {
    const double q = permille / 1000.0;
    const nanoseconds right = exact(values, q);
    REQUIRE(histogram.quantile(q) >= right);
    REQUIRE((histogram.quantile(q) - right) * 16 <= right);
  }
  CHECK(histogram.quantile(1) == nanoseconds(values.back()));
  CHECK(histogram.quantile(7) == histogram.quantile(1));
  CHECK(histogram.quantile(-1) == histogram.quantile(0));
  CHECK(histogram.quantile(std::numeric_limits<double>::quiet_NaN()) == histogram.quantile(0));
}

TEST_CASE("maximum, sum and mean are exact, also beyond the last bucket") {
  latency_histogram histogram;
  histogram.record(nanoseconds(1001));
  histogram.record(std::chrono::hours(1));
  CHECK(histogram.max() == std::chrono::hours(1));
  CHECK(histogram.sum() == std::chrono::hours(1) + nanoseconds(1001));
  CHECK(histogram.mean() == std::chrono::minutes(30) + nanoseconds(500));
  CHECK(histogram.quantile(1) == std::chrono::hours(1));
  CHECK(histogram.quantile(0.5) >= nanoseconds(1001));
  CHECK(histogram.quantile(0.5) <= nanoseconds(1001 + 63));
}

TEST_CASE("an empty histogram says zero") {
  constexpr latency_histogram empty;
  CHECK(empty.count() == 0);
  CHECK(empty.quantile(0.5) == nanoseconds(0));
  CHECK(empty.max() == nanoseconds(0));
  CHECK(empty.mean() == nanoseconds(0));
}

TEST_CASE("histograms are added bucket by bucket") {
  latency_histogram one;
  latency_histogram other;
  latency_histogram both;
  for (int i = 1; i < 1000; ++i) {
    (i % 3 == 0 ? one : other).record(nanoseconds(i * i));
    both.record(nanoseconds(i * i));
  }
  one += other;
  CHECK(one == both);
  CHECK(one.count() == 999);
  std::uint64_t counted = 0;
  for (std::size_t i = 0; i <= last; ++i) counted += one.count_in(i);
  CHECK(counted == 999);
}
