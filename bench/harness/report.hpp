// What a program prints: one JSON object a line for each counted repeat.
#pragma once

#include <functional>
#include <span>

namespace bench {

/// One figure; the runner knows units by name.
struct figure {
  const char* name;
  double value;
};

/// Prints {"answer": ..., "peak_rss_kib": ..., NAME: VALUE...} and flushes. The peak is the process's so far.
void print_line(long answer, std::span<const figure> figures);

/// Calls `body`, and turns what it throws into a line on standard error and the exit status: 0, 1 for a wrong answer
/// and every other failure, 2 for the command line.
int exit_status_of(const char* program, const std::function<void()>& body);

}  // namespace bench
