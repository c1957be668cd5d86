// An io_context and a thread for it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <thread>
#include <utility>

#include "clock.hpp"
#include "one_worker/cpus.hpp"
#include "pin.hpp"

namespace bench {

/// `Polls`: the thread asks the context again and again, and never sleeps.
template <bool Polls>
class asio_worker {
 public:
  asio_worker() = default;
  asio_worker(const asio_worker&) = delete;
  asio_worker& operator=(const asio_worker&) = delete;
  ~asio_worker() {
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] auto get_executor() noexcept { return context_.get_executor(); }

  template <class F>
  void post(F&& f) {
    boost::asio::post(context_, std::forward<F>(f));
  }

 private:
  void serve() {
    pin_this_thread(worker_cpu);
    if constexpr (Polls) {
      while (!context_.stopped()) {
        if (context_.poll() == 0) pause();
      }
    } else {
      context_.run();
    }
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{context_.get_executor()};
  std::thread thread_{[this] { serve(); }};
};

}  // namespace bench
