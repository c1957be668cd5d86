// asio_run and asio_poll.
#include "one_worker/asio.hpp"
#include "variant.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  using worker = bench::asio_worker<bench::has_variant("poll")>;
  return bench::repeat<workload::posting<worker>>(argc, argv);
}
