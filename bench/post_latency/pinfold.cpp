#include "one_worker/pinfold.hpp"
#include "workload.hpp"

int main(int argc, char** argv) { return bench::repeat<workload::posting<bench::pinfold_worker>>(argc, argv); }
