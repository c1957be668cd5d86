// What a checked build (PINFOLD_CHECKED) has seen on the way between pools that costs more than it should.
#pragma once

#include <cstdint>
#include <string_view>

namespace pinfold {

/// What a checked build warns of.
enum class crossing_habit : std::uint8_t {
  tiny_tasks,  ///< one call sends more than 10,000 tasks a second to other pools, which run for less than 1 us each
  lock_held,   ///< a checked_mutex is held by a thread that waits for a pool, or that starts an asynchronous operation
  lock_moved   ///< a checked_mutex is unlocked on another thread than it was locked on
};

/// Places are "main.cpp:41", with the file as the compiler was given it. The views end when the handler returns.
struct crossing_warning {
  crossing_habit habit;  ///< what was seen
  std::string_view
      place;  ///< of the call; of lock_moved: where the mutex was unlocked, empty if inside std's own headers
  std::string_view pool;  ///< the one that was called, "tbb.risk"; empty for lock_moved
  std::string_view lock;  ///< which one and where it was locked; empty for tiny_tasks
  std::string_view text;  ///< all of it in a sentence, with the remedy
};

}  // namespace pinfold
