// Topologies and fork(): a child has the thread that forked, and none of a pool's.
#pragma once

namespace pinfold::detail {

class topology_core;

/// From now on the topology is consistent in forked children, and knows that it does not run there. Before it uses any
/// mutex of its own; again it does nothing. Throws std::bad_alloc.
void watch_for_forks(topology_core& topology);

}  // namespace pinfold::detail
