// post_throughput of a pool that counts: the variant is what its `metrics` are.
#include "../post_throughput/workload.hpp"

#include "one_worker/pinfold.hpp"

int main(int argc, char** argv) { return bench::repeat<workload::flooding<bench::pinfold_worker>>(argc, argv); }
