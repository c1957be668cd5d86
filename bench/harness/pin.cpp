#include "pin.hpp"

#include <sched.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace bench {

void pin_this_thread(int cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(cpu, &only);
  if (sched_setaffinity(0, sizeof only, &only) == 0) return;
  throw std::system_error(errno, std::generic_category(), "cannot pin a thread to CPU " + std::to_string(cpu));
}

}  // namespace bench
