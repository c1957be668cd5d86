// Running topologies and fork(): a child has the thread that forked, and none of a pool's.
#pragma once

namespace pinfold::detail {

class topology_core;

/// Whoever is on the list is consistent in a forked child, and knows that it does not run there.
class watched_for_forks {
 public:
  /// Throws std::bad_alloc. The topology is not on the list.
  static void enter(topology_core& topology);
  static void leave(topology_core& topology) noexcept;
};

}  // namespace pinfold::detail
