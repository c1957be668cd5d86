// Trades under two thread layouts in turn, and prints how long it took from a tick to the order that it led to.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <partitioned/topology.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unpartitioned/topology.hpp>

#include "trader.hpp"
#include "venue.hpp"

namespace {

struct percentiles {
  double p50, p99;
};

unsigned count_of(std::string_view what, std::string_view text) {
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0) {
    throw std::invalid_argument(std::string(what) + " is '" + std::string(text) + "'; it must be a number from 1");
  }
  return count;
}

void write_journal(std::ostream& journal, std::string_view layout, const venue::session& session) {
  for (const market::tick& tick : session.ticks) {
    constexpr const char* sides[] = {" bid ", " ask ", " end "};
    journal << layout << " tick " << tick.number << sides[static_cast<int>(tick.side)] << tick.price << ' '
            << tick.quantity << '\n';
  }
  for (const market::order& order : session.orders) {
    journal << layout << " order " << order.tick << ' ' << order.price << ' ' << order.quantity << '\n';
  }
}

template <const auto& topology>
percentiles trade(const pinfold::start_options& start, std::size_t ticks, std::ostream& journal) {
  const auto running = topology.start(start);
  venue venue;
  auto& net = topology.template asio<"net">();
  asio::ip::udp::socket feed(net.get_executor(), {asio::ip::address_v4::loopback(), 0});
  asio::ip::tcp::socket orders(net.get_executor());
  orders.connect(venue.gateway());
  orders.set_option(asio::ip::tcp::no_delay(true));
  const auto address = feed.local_endpoint();
  const trader<topology> trader(std::move(feed), std::move(orders));
  venue::session session = venue.trade(ticks, address);

  const std::string layout(topology.name());
  write_journal(journal, layout, session);
  auto& times = session.tick_to_order_us;
  if (times.empty()) throw std::runtime_error("no tick led to an order; publish more");
  std::ranges::sort(times);
  const percentiles found{times[times.size() / 2], times[times.size() * 99 / 100]};
  std::printf("%-13s  %7zu  %4zu  %6zu  %8.1f  %8.1f  %8.1f\n", layout.c_str(), session.ticks.size() - 1,
              std::size_t{trader.lost_ticks()}, times.size(), found.p50, found.p99, times.back());
  return found;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto start = pinfold::start_options{}.read_arguments(argc, argv);
  const unsigned ticks = argc > 1 ? count_of("TICKS", argv[1]) : 10'000;
  const unsigned rounds = argc > 2 ? count_of("ROUNDS", argv[2]) : 5;
  const char* const path = argc > 3 ? argv[3] : "/dev/null";
  std::ofstream journal(path);
  if (!journal) throw std::runtime_error(std::string("cannot write ") + path);
  std::puts("layout           ticks  lost  orders    p50 us    p99 us  worst us");
  unsigned lower_p50 = 0, lower_p99 = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    const percentiles without = trade<unpartitioned::topology>(start, ticks, journal);
    const percentiles with = trade<partitioned::topology>(start, ticks, journal);
    lower_p50 += with.p50 < without.p50 ? 1 : 0;
    lower_p99 += with.p99 < without.p99 ? 1 : 0;
  }
  std::printf("\nWith the partition p50 was lower in %u of %u rounds, p99 in %u.\n", lower_p50, rounds, lower_p99);
} catch (const std::exception& error) {
  std::fprintf(stderr, "exchange: %s\nusage: exchange [TICKS [ROUNDS [JOURNAL]]] [--pinfold-cpu-map MAP]\n",
               error.what());
  return 1;
}
