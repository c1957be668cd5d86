#include "one_worker/tbb.hpp"

#include "workload.hpp"

int main(int argc, char** argv) { return bench::repeat<workload::flooding<bench::dedicated_tbb_worker>>(argc, argv); }
