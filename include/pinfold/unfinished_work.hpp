// What a stop has to leave behind when its deadline has passed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace pinfold {

/// Of one pool; of moments shortly after the deadline.
struct unfinished_work {
  std::string pool;            ///< "tbb.sig_verify"; or "start_options::verify_every", whose thread has not ended
  std::uint64_t accepted = 0;  ///< and not finished: running and waiting
  std::uint64_t running = 0;   ///< begun and not ended
  std::uint64_t waiting = 0;   ///< not begun, or coroutines of spawn_async() that have not ended
  std::vector<std::string> managed_threads;  ///< names of those that have not ended
  std::size_t threads = 0;                   ///< of the pool's own, those that have not ended
};

/// "tbb.sig_verify: 3 tasks running, 17 waiting; managed threads: poller; 4 threads"
std::ostream& operator<<(std::ostream& out, const unfinished_work& left);

}  // namespace pinfold
