// A topology whose start is dropped stops at once.
// TOPOLOGY: names.toml
// EXPECT-WARNING: the topology stops when what start() returns is destroyed: keep it
#include <md/topology.hpp>

void f() { md::topology.start(); }
