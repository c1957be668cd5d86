#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "one_worker/cpus.hpp"
#include "pin.hpp"
#include "workload.hpp"

namespace {

class thread_pool_of_one {
 public:
  thread_pool_of_one() {
    boost::asio::post(thread_, [] { bench::pin_this_thread(bench::worker_cpu); });
  }

  template <class F>
  void post(F&& f) {
    boost::asio::post(thread_, std::forward<F>(f));
  }

 private:
  boost::asio::thread_pool thread_{1};
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::flooding<thread_pool_of_one>>(argc, argv); }
