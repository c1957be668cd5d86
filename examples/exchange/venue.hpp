// An exchange to trade with, played by the caller's thread and one more: ticks over UDP, orders over TCP.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <future>
#include <random>
#include <thread>
#include <vector>

#include "market.hpp"

class venue {
 public:
  struct session {
    std::vector<market::tick> ticks;
    std::vector<market::order> orders;
    std::vector<double> tick_to_order_us;  ///< from sending a tick, late or not, until the order it led to was read
  };

  /// Publishes so many ticks to the feed, one each 200 us, and takes orders until the trader logs out. Blocks.
  session trade(std::size_t count, const boost::asio::ip::udp::endpoint& feed) {
    auto orders = std::async(std::launch::async, [this] { return take_orders(); });
    std::vector<market::tick> ticks;
    for (auto due = std::chrono::steady_clock::now(); ticks.size() <= count; due += std::chrono::microseconds(200)) {
      std::this_thread::sleep_until(due);
      market::tick& tick = ticks.emplace_back(next_tick(ticks.size()));
      if (ticks.size() > count) tick.side = market::side::end_of_session;
      tick.sent_ns = market::now_ns();
      feed_.send_to(boost::asio::buffer(&tick, sizeof tick), feed);
    }
    while (orders.wait_for(std::chrono::milliseconds(10)) != std::future_status::ready) {
      feed_.send_to(boost::asio::buffer(&ticks.back(), sizeof ticks.back()), feed);  // the last one may be lost, too
    }
    session session = orders.get();
    session.ticks = std::move(ticks);
    return session;
  }

  boost::asio::ip::tcp::endpoint gateway() const { return gateway_.local_endpoint(); }

 private:
  session take_orders() {
    session session;
    boost::asio::ip::tcp::socket trader = gateway_.accept();
    for (;;) {
      market::order order;
      boost::asio::read(trader, boost::asio::buffer(&order, sizeof order));
      if (order.tick == market::logout) return session;
      session.tick_to_order_us.push_back(static_cast<double>(market::now_ns() - order.tick_sent_ns) / 1000);
      session.orders.push_back(order);
    }
  }

  // Each of the best five prices of both sides changes now and then; bids stay below asks.
  market::tick next_tick(std::uint64_t number) {
    const bool is_bid = random_() % 2 == 0;
    const auto depth = static_cast<std::uint16_t>(random_() % 5);
    const auto price = static_cast<std::uint16_t>(market::prices / 2 + (is_bid ? -1 - depth : depth));
    const auto quantity = static_cast<std::uint16_t>(random_() % 20);
    return {number, 0, price, quantity, is_bid ? market::side::bid : market::side::ask};
  }

  std::minstd_rand random_;
  boost::asio::io_context unused_;  // all calls block
  boost::asio::ip::udp::socket feed_{unused_, boost::asio::ip::udp::v4()};
  boost::asio::ip::tcp::acceptor gateway_{unused_, {boost::asio::ip::address_v4::loopback(), 0}};
};
