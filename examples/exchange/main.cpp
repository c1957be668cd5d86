// Trades under three thread layouts in turn, and prints how long it took from a tick to the order that it led to.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <partitioned/topology.hpp>
#include <spinning/topology.hpp>
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

constexpr const char* usage = "usage: exchange [TICKS [ROUNDS [JOURNAL]]] [--pinfold-cpu-map MAP]\n";

unsigned count_of(std::string_view what, std::string_view text, unsigned most) {
  unsigned count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count == 0 || count > most) {
    throw std::invalid_argument(std::string(what) + " is '" + std::string(text) + "'; it must be a number from 1 to " +
                                std::to_string(most));
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
  std::fflush(stdout);
  return found;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto start = pinfold::start_options{}.read_arguments(argc, argv);
  if (argc > 1 && std::string_view(argv[1]) == "--help") return std::fputs(usage, stdout) < 0 ? 1 : 0;
  if (argc > 4) throw std::invalid_argument(std::string("'") + argv[4] + "' is one word too many");
  const unsigned ticks = argc > 1 ? count_of("TICKS", argv[1], 1'000'000) : 10'000;
  const unsigned rounds = argc > 2 ? count_of("ROUNDS", argv[2], 1'000) : 6;
  const std::string path = argc > 3 ? argv[3] : "/dev/null";
  std::ofstream journal(path);
  if (!journal) throw std::runtime_error("cannot write " + path);

  constexpr std::array layouts{trade<partitioned::topology>, trade<unpartitioned::topology>, trade<spinning::topology>};
  constexpr std::array names{"partitioned", "unpartitioned", "spinning"};
  std::array<std::size_t, layouts.size()> order{0, 1, 2};  // another one in each round
  std::array<unsigned, layouts.size()> lower_p50{}, lower_p99{};
  std::puts("layout           ticks  lost  orders    p50 us    p99 us  worst us");
  for (unsigned round = 0; round < rounds; ++round) {
    std::array<percentiles, layouts.size()> found{};
    for (const std::size_t next : order) found[next] = layouts[next](start, ticks, journal);
    std::ranges::next_permutation(order);
    for (std::size_t other = 1; other < layouts.size(); ++other) {
      lower_p50[other] += found[0].p50 < found[other].p50 ? 1 : 0;
      lower_p99[other] += found[0].p99 < found[other].p99 ? 1 : 0;
    }
  }
  if (!journal.flush()) throw std::runtime_error("cannot write " + path);
  std::puts("");
  for (std::size_t other = 1; other < layouts.size(); ++other) {
    std::printf("partitioned had a lower p50 than %s in %u of %u rounds, a lower p99 in %u\n", names[other],
                lower_p50[other], rounds, lower_p99[other]);
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "exchange: %s\n%s", error.what(), usage);
  return 1;
}
