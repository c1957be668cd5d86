// this_topology(): what a thread of a pool knows of its topology, and others do not.
#include <boost/asio/use_future.hpp>
#include <contract/topology.hpp>
#include <reactors/topology.hpp>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

TEST_CASE("a thread of a pool finds the topology that it runs in, any other thread finds none") {
  CHECK_FALSE(contract::topology.is_running());
  CHECK_FALSE(pinfold::this_topology());
  {
    const auto running = contract::topology.start();
    CHECK(contract::topology.is_running());
    CHECK_FALSE(reactors::topology.is_running());
    CHECK_FALSE(pinfold::this_topology());
    bool found = true;
    std::thread([&] { found = static_cast<bool>(pinfold::this_topology()); }).join();
    CHECK_FALSE(found);
    contract::topology.for_each([](auto& pool) {
      const pinfold::topology_ref inside = pool.install([] { return pinfold::this_topology(); });
      CHECK(inside);
      CHECK(inside.name() == "contract");
      CHECK(inside.is_running());
    });
    auto managed = contract::native_pools::two.spawn_thread("managed", [] { return pinfold::this_topology(); });
    CHECK(managed.join().name() == "contract");
  }
  CHECK_FALSE(contract::topology.is_running());
  const auto running = reactors::topology.start();
  auto blocking = reactors::asio_pools::files.async_blocking([] { return pinfold::this_topology(); }, asio::use_future);
  CHECK(blocking.get().name() == "reactors");
  CHECK_FALSE(pinfold::this_topology());
}

TEST_CASE("each of two running topologies is known to its own threads") {
  const auto first = contract::topology.start();
  const auto second = reactors::topology.start();
  const auto name = [] { return std::string(pinfold::this_topology().name()); };
  CHECK(contract::native_pools::one.install(name) == "contract");
  CHECK(reactors::native_pools::work.install(name) == "reactors");
}

TEST_CASE("a topology lists its pools by kind and name, as declared") {
  const auto running = reactors::topology.start();
  const auto inside = reactors::asio_pools::shared.install([] { return pinfold::this_topology(); });
  std::vector<std::string> names;
  for (const std::string_view name : inside.pools()) names.emplace_back(name);
  CHECK(names == std::vector<std::string>{"asio.shared", "asio.apart", "asio.files", "asio.patient", "native.work"});
  CHECK(pinfold::topology_ref().pools().empty());
  CHECK(pinfold::topology_ref().name().empty());
}

TEST_CASE("a thread of a pool may ask its topology to stop, whose owner then stops it") {
  auto running = contract::topology.start();
  held_gate gate;
  bool idle = true;
  contract::asio_pools::one.post([&] {
    idle = pinfold::this_topology().is_idle();
    pinfold::this_topology().request_stop();
    gate.wait();
  });
  gate.wait_for_arrivals(1);
  CHECK_THROWS_AS(contract::native_pools::one.post([] {}), pinfold::pool_stopped);
  CHECK(contract::topology.is_running());
  gate.open();
  running.stop();
  CHECK_FALSE(idle);
}

TEST_CASE("a reference to an earlier run is not running, idle, and stops nothing") {
  pinfold::topology_ref kept;
  {
    const auto first = contract::topology.start();
    kept = contract::native_pools::one.install([] { return pinfold::this_topology(); });
    CHECK(kept == contract::asio_pools::two.install([] { return pinfold::this_topology(); }));
  }
  const auto second = contract::topology.start();
  CHECK(kept);
  CHECK_FALSE(kept.is_running());
  CHECK(kept.is_idle());
  kept.request_stop();
  CHECK(contract::native_pools::one.install([] { return 7; }) == 7);
  CHECK(kept != contract::native_pools::one.install([] { return pinfold::this_topology(); }));
}
