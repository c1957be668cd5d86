// A processor for a thread of those contenders that leave that to their users.
#pragma once

namespace bench {

/// Throws std::system_error.
void pin_this_thread(int cpu);

}  // namespace bench
