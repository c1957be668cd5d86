// Rights that the calling thread, and threads that it starts, do without for a while.
#pragma once

#include <sys/resource.h>
#include <cstdint>

namespace pinfold_test {

/// Takes a capability (CAP_SYS_NICE ...) out of the effective set; harmless where it was not there.
class without_capability {
 public:
  explicit without_capability(int capability);
  without_capability(const without_capability&) = delete;
  without_capability& operator=(const without_capability&) = delete;
  ~without_capability();

 private:
  std::uint32_t effective_before_[2] = {};
};

/// Lowers a soft limit (RLIMIT_RTPRIO ...).
class lowered_limit {
 public:
  lowered_limit(int resource, rlim_t value);
  lowered_limit(const lowered_limit&) = delete;
  lowered_limit& operator=(const lowered_limit&) = delete;
  ~lowered_limit();

 private:
  int resource_;
  rlimit before_{};
};

}  // namespace pinfold_test
