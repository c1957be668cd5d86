// Every name that agave_thirty.toml has, as a pool or in a mapping, leads to its pool. Two have changed: fetch-stage
// and class are no C++ identifiers.
#include <cstddef>
#include <string_view>

#include <agave_thirty/topology.hpp>

namespace asio_pools = agave_thirty::asio_pools;
namespace native_pools = agave_thirty::native_pools;
namespace tbb_pools = agave_thirty::tbb_pools;

using agave_thirty::topology;

// native became native.
static_assert(&topology.native<"default">() == &native_pools::default_);
static_assert(&topology.native<"solPohTickProd">() == &native_pools::solPohTickProd);
static_assert(&topology.native<"solRcvrGossip">() == &native_pools::solRcvrGossip);
static_assert(&topology.native<"solSigVerTpuVote">() == &native_pools::solSigVerTpuVote);
static_assert(&topology.native<"solSigVerTpu">() == &native_pools::solSigVerTpu);
static_assert(&topology.native<"solClusterInfo">() == &native_pools::solClusterInfo);
static_assert(&topology.native<"solGossip">() == &native_pools::solGossip);
static_assert(&topology.native<"solRepair">() == &native_pools::solRepair);
static_assert(&topology.native<"fetch_stage">() == &native_pools::fetch_stage);
static_assert(&topology.native<"solShredFetch">() == &native_pools::solShredFetch);
static_assert(&topology.native<"solGossipRecv">() == &native_pools::solGossip);
static_assert(&topology.native<"fetcher">() == &native_pools::fetch_stage);

// rayon became tbb.
static_assert(&topology.tbb<"solReplayTx">() == &tbb_pools::solReplayTx);
static_assert(&topology.tbb<"solReplayFork">() == &tbb_pools::solReplayFork);
static_assert(&topology.tbb<"solSvrfyShred">() == &tbb_pools::solSvrfyShred);
static_assert(&topology.tbb<"solSigVerify">() == &tbb_pools::solSigVerify);
static_assert(&topology.tbb<"solRetransmit">() == &tbb_pools::solRetransmit);
static_assert(&topology.tbb<"solRunGossip">() == &tbb_pools::solRunGossip);
static_assert(&topology.tbb<"solGossipWork">() == &tbb_pools::solGossipWork);
static_assert(&topology.tbb<"solWinInsert">() == &tbb_pools::solWinInsert);
static_assert(&topology.tbb<"solGossipCons">() == &tbb_pools::solGossipCons);
static_assert(&topology.tbb<"solAccounts">() == &tbb_pools::solAccounts);
static_assert(&topology.tbb<"solAccountsLo">() == &tbb_pools::solAccountsLo);
static_assert(&topology.tbb<"solAcctHash">() == &tbb_pools::solAcctHash);
static_assert(&topology.tbb<"solVoteSigVerTpu">() == &tbb_pools::solVoteSigVerTpu);
static_assert(&topology.tbb<"default">() == &tbb_pools::solReplayFork);
static_assert(&topology.tbb<"solGossipConsume">() == &tbb_pools::solGossipCons);
static_assert(&topology.tbb<"solAccountsBackground">() == &tbb_pools::solAccountsLo);

// tokio became asio.
static_assert(&topology.asio<"default">() == &asio_pools::default_);
static_assert(&topology.asio<"solQuicClientRt">() == &asio_pools::solQuicClientRt);
static_assert(&topology.asio<"solQuicTVo">() == &asio_pools::solQuicTVo);
static_assert(&topology.asio<"solQuicTpu">() == &asio_pools::solQuicTpu);
static_assert(&topology.asio<"solQuicTpuFwd">() == &asio_pools::solQuicTpuFwd);
static_assert(&topology.asio<"solGossip">() == &asio_pools::solGossip);
static_assert(&topology.asio<"class_pool">() == &asio_pools::class_pool);
static_assert(&topology.asio<"solTurbineQuic">() == &asio_pools::solQuicTpu);
static_assert(&topology.asio<"solRepairQuic">() == &asio_pools::solQuicTpu);
// What nobody declared is still the default of its kind, which for tbb is a mapping.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static_assert(&topology.native<"undeclared">() == &native_pools::default_);
static_assert(&topology.tbb<"undeclared">() == &tbb_pools::solReplayFork);
static_assert(&topology.asio<"undeclared">() == &asio_pools::default_);
#pragma GCC diagnostic pop

static_assert(topology.size() == 30);
static_assert(asio_pools::solGossip.spec.name == native_pools::solGossip.spec.name);

int main() {
  std::size_t pools = 0;
  topology.for_each([&](auto& pool) { pools += !std::string_view(pool.spec.name).empty(); });
  return pools == topology.size() ? 0 : 1;
}
