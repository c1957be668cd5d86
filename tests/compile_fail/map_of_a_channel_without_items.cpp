// TOPOLOGY: names.toml
// EXPECT: compute_map: this is no source: it takes a range, an Asio channel of void(error_code, T)
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <md/topology.hpp>
#include <pinfold/compute_map.hpp>

void f(boost::asio::experimental::concurrent_channel<void(boost::system::error_code)>& signals) {
  (void)pinfold::compute_map(md::native_pools::default_, signals, [] {});
}
