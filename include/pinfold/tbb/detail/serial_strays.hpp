// TBB work outside every pool, kept to the thread that started it.
#pragma once

namespace pinfold::detail {

/// While one of these exists, TBB work outside the pools has no thread but its own. Thread-safe; does not block.
///
/// The obvious max_allowed_parallelism = 1 has a price: with no worker allowed, TBB 2021.8 answers an enqueue by waking
/// one all the same, and as long as that arena has work this worker looks for a free slot in it without a pause, at the
/// cost of half a core. So one worker is allowed, and it waits in an arena of its own.
class serial_strays {
 public:
  serial_strays();
  ~serial_strays();
  serial_strays(const serial_strays&) = delete;
  serial_strays& operator=(const serial_strays&) = delete;
};

}  // namespace pinfold::detail
