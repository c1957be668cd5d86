// The way of a tick to an order: feed (asio) -> book (native, busy) -> risk (tbb) -> orders (asio).
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <pinfold/async_task.hpp>
#include <stdexcept>
#include <utility>

#include "book.hpp"
#include "risk.hpp"

namespace asio = boost::asio;

/// Lives while `topology` runs. Its coroutines end when the session does.
template <const auto& topology>
class trader {
 public:
  trader(asio::ip::udp::socket feed, asio::ip::tcp::socket orders)
      : receiver_(net_.spawn_async(receive_ticks(std::move(feed)))),
        sender_(net_.spawn_async(send_orders(std::move(orders)))) {}

  ~trader() {  // who waits for the other side is cancelled, who works on this object is waited for
    receiver_.cancel();
    sender_.cancel();
    net_.wait_idle();
    book_thread_.wait_idle();
    risk_threads_.wait_idle();
  }

  [[nodiscard]] std::uint64_t lost_ticks() const { return lost_; }

 private:
  asio::awaitable<void> receive_ticks(asio::ip::udp::socket feed) {  // on net
    for (market::tick tick{}; tick.side != market::side::end_of_session;) {
      co_await feed.async_receive(asio::buffer(&tick, sizeof tick), asio::use_awaitable);
      book_thread_.post([this, tick] { build_book(tick); });
    }
  }

  void build_book(const market::tick& tick) {  // on book: one thread, in the order of arrival
    lost_ += tick.number - next_;
    next_ = tick.number + 1;
    if (tick.side == market::side::end_of_session) {
      risk_threads_.wait_idle();
      send(market::order{});
    } else if (const auto order = book_.apply(tick)) {
      risk_threads_.post([this, order = *order] {
        if (risk_.accepts(order)) send(order);
      });
    }
  }

  void send(const market::order& order) {
    if (!orders_.try_send(boost::system::error_code(), order)) throw std::runtime_error("too many orders wait");
  }

  asio::awaitable<void> send_orders(asio::ip::tcp::socket venue) {  // on net
    for (market::order order{.tick = 0}; order.tick != market::logout;) {
      order = co_await orders_.async_receive(asio::use_awaitable);
      co_await asio::async_write(venue, asio::buffer(&order, sizeof order), asio::use_awaitable);
    }
  }

  static constexpr auto& net_ = topology.template asio<"net">();
  static constexpr auto& book_thread_ = topology.template native<"book">();
  static constexpr auto& risk_threads_ = topology.template tbb<"risk">();

  book book_;
  risk risk_;
  std::uint64_t next_ = 0;  ///< tick
  std::atomic<std::uint64_t> lost_{0};
  asio::experimental::concurrent_channel<void(boost::system::error_code, market::order)> orders_{net_.get_executor(),
                                                                                                 4096};
  pinfold::async_task<void> receiver_, sender_;  ///< last: they use all of the above
};
