#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <utility>

#include "workload.hpp"

namespace {

class asio_pool {
 public:
  explicit asio_pool(long workers) : threads_(static_cast<std::size_t>(workers)) {}

  template <class F>
  void post(F&& f) {
    boost::asio::post(threads_, std::forward<F>(f));
  }

 private:
  boost::asio::thread_pool threads_;
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::posting<asio_pool>>(argc, argv); }
