// TOPOLOGY: names.toml
// EXPECT: parallel_for
// EXPECT: chunk_body
#include <md/topology.hpp>

void f() {
  pinfold::parallel_for(0, 10, [] {});
}
