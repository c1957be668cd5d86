#include "floor.hpp"
#include "workload.hpp"

int main(int argc, char** argv) { return bench::repeat<workload::posting<workload::single_task<false>>>(argc, argv); }
