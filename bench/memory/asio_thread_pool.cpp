#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "counted.hpp"

namespace {

class thread_pool {
 public:
  template <class F>
  void post(F&& f) {
    boost::asio::post(threads_, std::forward<F>(f));
  }

 private:
  boost::asio::thread_pool threads_{workload::workers};
};

}  // namespace

int main(int argc, char** argv) {
  return bench::repeat<workload::footprint<workload::counted<thread_pool>>>(argc, argv);
}
