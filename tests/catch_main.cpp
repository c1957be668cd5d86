// main() of the tests under Catch2 2, which has no library of its own for it.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
