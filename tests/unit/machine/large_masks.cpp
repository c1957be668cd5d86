// Affinities on a kernel of 4096 CPUs, which this program is instead of the real one: its sched_setaffinity() and
// sched_getaffinity() are the ones that pinfold calls.
#include <sched.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include <pinfold/detail/os.hpp>

#include "catch.hpp"

namespace os = pinfold::detail::os;

namespace {

constexpr std::size_t kernel_bytes = 4096 / 8;
std::array<unsigned char, kernel_bytes> mask{};
std::size_t bytes_given = 0;

}  // namespace

// As the kernel does: what is beyond its CPUs is ignored, what the caller left out is zero.
extern "C" int sched_setaffinity(pid_t, std::size_t bytes, const cpu_set_t* set) noexcept {
  bytes_given = bytes;
  mask.fill(0);
  std::memcpy(mask.data(), set, std::min(bytes, kernel_bytes));
  return 0;
}

extern "C" int sched_getaffinity(pid_t, std::size_t bytes, cpu_set_t* set) noexcept {
  if (bytes < kernel_bytes) {
    errno = EINVAL;
    return -1;
  }
  std::memset(set, 0, bytes);
  std::memcpy(set, mask.data(), kernel_bytes);
  return 0;
}

TEST_CASE("affinities beyond CPU 1023 are set and read back") {
  for (const std::vector<int>& cpus :
       {std::vector<int>{0}, {1023}, {1024}, {2000}, {0, 1023, 1024, 2000, 4095}, {63, 64, 1087, 1088}}) {
    CAPTURE(cpus);
    REQUIRE_FALSE(os::set_affinity(os::calling_thread, cpus));
    CHECK(os::affinity(os::calling_thread) == cpus);
    CHECK(bytes_given * 8 > static_cast<std::size_t>(cpus.back()));
  }
}
