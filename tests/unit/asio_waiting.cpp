// Threads that serve I/O do not wait for other pools.
#include <atomic>
#include <string>

#include <reactors/topology.hpp>

#include "catch.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
using namespace reactors::asio_pools;

namespace {

template <class Pool, class F>
std::string refusal(Pool& caller, F&& f) {
  return caller.install([&] { return message_of<pinfold::would_block>(f); });
}

}  // namespace

TEST_CASE("a reactor's thread that would wait for another pool is refused and told what to do") {
  const auto running = reactors::topology.start();
  auto& work = reactors::native_pools::work;

  for (const std::string& message :
       {refusal(shared, [&] { work.install([] {}); }), refusal(apart, [&] { shared.install([] {}); }),
        refusal(shared, [&] { work.broadcast([] {}); }), refusal(shared, [&] { work.wait_idle(); }),
        refusal(files, [&] { apart.wait_idle(); })}) {
    CHECK(contains(message, "() would stall asio."));
    CHECK(contains(message,
                   "whose thread called it and serves I/O: post the work and let it post back, or set "
                   "allow_blocking = true in [asio."));
  }
  CHECK(contains(refusal(shared, [&] { work.install([] {}); }), "native.work.install() would stall asio.shared"));
}

TEST_CASE("a refused wait leaves nothing behind in the other pool") {
  const auto running = reactors::topology.start();
  std::atomic<int> runs = 0;
  refusal(shared, [&] { reactors::native_pools::work.install([&] { ++runs; }); });
  refusal(shared, [&] { reactors::native_pools::work.broadcast([&] { ++runs; }); });
  reactors::native_pools::work.wait_idle();
  CHECK(runs == 0);
}

TEST_CASE("a reactor's thread may install into its own pool and post everywhere") {
  const auto running = reactors::topology.start();
  std::atomic<int> runs = 0;
  shared.install([&] {
    shared.install([&] { ++runs; });
    shared.broadcast([&] { ++runs; });
    reactors::native_pools::work.post([&] { ++runs; });
  });
  running.wait_idle();
  CHECK(runs == 4);
}

TEST_CASE("with allow_blocking a reactor's thread waits for other pools") {
  const auto running = reactors::topology.start();
  auto& work = reactors::native_pools::work;
  const int sum = patient.install([&] {
    work.wait_idle();
    return work.install([] { return 1; }) + static_cast<int>(shared.broadcast([] { return 1; }).size());
  });
  CHECK(sum == 3);
}
