#include "primes.hpp"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_reduce.h>
#include <functional>

namespace pipeline {
namespace {

bool is_prime(long number) {
  for (long divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return number >= 2;
}

}  // namespace

long primes_below(long end) {
  const auto count = [](const tbb::blocked_range<long>& numbers, long found) {
    for (long number = numbers.begin(); number != numbers.end(); ++number) found += is_prime(number) ? 1 : 0;
    return found;
  };
  return tbb::parallel_reduce(tbb::blocked_range<long>(0, end), 0L, count, std::plus<>());
}

}  // namespace pipeline
