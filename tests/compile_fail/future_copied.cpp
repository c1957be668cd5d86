// A future's value is taken once.
// TOPOLOGY: names.toml
// EXPECT: future
// EXPECT: delete
#include <md/topology.hpp>

void f(pinfold::future<int>& future) { auto copy = future; }
