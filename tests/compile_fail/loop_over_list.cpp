// TOPOLOGY: names.toml
// EXPECT: parallel_for
// EXPECT: random_access_iterator
#include <list>

#include <md/topology.hpp>

void f(std::list<int>& list) {
  pinfold::parallel_for(list.begin(), list.end(), [](auto) {});
}
