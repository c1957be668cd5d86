// Something to compute.
#pragma once

namespace pipeline {

/// How many primes are below `end`, by trial division in a tbb::parallel_reduce: on the threads of the pool that it is
/// called in.
long primes_below(long end);

}  // namespace pipeline
