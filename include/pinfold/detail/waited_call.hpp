// A function call in a pool whose caller waits for it.
#pragma once

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

/// Lives on the caller's stack.
template <class F, class R>
struct waited_call final : task {
  waited_call(pool_core& owner, F&& body) : task(&waited_call::run_call, task_kind::awaited), pool(owner), f(body) {}

  // Idle again before the caller goes on: a call that has returned is not work any more.
  static void run_call(task& item) noexcept {
    auto& self = static_cast<waited_call&>(item);
    self.result.run(std::forward<F>(self.f));
    self.pool.finished();
    self.done.set();
  }

  pool_core& pool;
  std::remove_reference_t<F>& f;
  outcome<R> result;
  event done;
};

/// Hands `f` over and returns or rethrows what it ends with; `call` is named in would_block, which is thrown where
/// waiting would stall a reactor.
template <class F>
std::invoke_result_t<F> run_and_wait(pool_core& pool, F&& f, const char* call,
                                     std::size_t context = pool_core::any_context) {
  pool.require_may_wait(call);
  waited_call<F, std::invoke_result_t<F>> waited(pool, std::forward<F>(f));
  pool.submit(waited, context);
  waited.done.wait();
  return waited.result.get();
}

}  // namespace pinfold::detail
