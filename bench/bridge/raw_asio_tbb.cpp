// What one would write with Asio and TBB alone. raw_asio_tbb_run and _poll: how the I/O thread waits; the compute
// thread is a dedicated one, or in raw_asio_tbb_observer_run and _poll TBB's own, pinned by an observer.
#include <boost/asio/append.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <type_traits>
#include <utility>

#include "one_worker/asio.hpp"
#include "one_worker/tbb.hpp"
#include "variant.hpp"
#include "workload.hpp"

namespace {

namespace asio = boost::asio;

// TBB calls what is enqueued as a constant.
template <class F, class Handler, class Executor>
struct call {
  void operator()() const { asio::post(executor, asio::append(std::move(handler), f())); }

  F f;
  mutable Handler handler;
  Executor executor;  // keeps its context at work
};

template <class F, class Handler, class Executor>
call(F, Handler, Executor) -> call<F, Handler, Executor>;

class bridge {
 public:
  auto get_executor() { return io_.get_executor(); }

  template <class F, class Token>
  auto async_compute(F f, Token&& token) {
    return asio::async_initiate<Token, void(std::invoke_result_t<F>)>(
        [this](auto handler, F f) {
          auto executor = asio::prefer(asio::get_associated_executor(handler, io_.get_executor()),
                                       asio::execution::outstanding_work.tracked);
          compute_.post(call{std::move(f), std::move(handler), std::move(executor)});
        },
        token, std::move(f));
  }

 private:
  bench::asio_worker<bench::has_variant("poll")> io_;
  std::conditional_t<bench::has_variant("observer"), bench::observed_tbb_worker, bench::dedicated_tbb_worker> compute_{
      bench::worker_cpu + 1};
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::crossing<bridge>>(argc, argv); }
