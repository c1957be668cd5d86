// What the map returns must be of the identity's type.
// TOPOLOGY: names.toml
// EXPECT: parallel_reduce
// EXPECT: chunk_map
#include <functional>
#include <string>

#include <md/topology.hpp>

std::string f() {
  return pinfold::parallel_reduce(0, 10, std::string(), [](int i) { return i; }, std::plus<>());
}
