// A pool of threads that serve Boost.Asio io_contexts.
#pragma once

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <pinfold/asio/detail/asio_pool_core.hpp>
#include <pinfold/asio/detail/asio_statics.hpp>
#include <pinfold/detail/basic_pool.hpp>
#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/detail/invoke_operation.hpp>
#include <pinfold/detail/sample_tables.hpp>
#include <pinfold/pool.hpp>

namespace pinfold {

/// `spec.threads` workers run one io_context, or one each with `contexts = "per_thread"`. `spec.idle` decides their
/// loop: "park" run(); "spin" looks for tasks and polls for spin_us, then run_one(); "busy" does so for ever. A task of
/// the pool and a handler of the io_context that are ready at the same time run in any order.
/// Posting does not allocate while one of 1024 slots of 112 bytes is free (with "park" two for each waiting function).
template <class Tables, std::size_t Index>
class asio_pool : public detail::basic_pool<Tables, Index, detail::asio_pool_core> {
  using statics = detail::asio_statics<Tables, Index>;
  using base = detail::basic_pool<Tables, Index, detail::asio_pool_core>;

 public:
  using base::spec;

  constexpr asio_pool() noexcept : base(detail::memory_of<Tables, Index, slots>, statics::contexts, statics::inboxes) {}

  /// Where sockets and timers live; their handlers run on this pool's threads. With one context a thread: the calling
  /// worker's own, else each in turn. Any thread; throws pool_stopped unless the topology runs. The context ends with
  /// the topology: pending operations are abandoned then.
  [[nodiscard]] boost::asio::io_context& context() { return this->core_.context(detail::pool_core::any_context); }
  /// That of thread `index` with `contexts = "per_thread"`, else the only one, 0. Otherwise the same; throws
  /// std::out_of_range beyond.
  [[nodiscard]] boost::asio::io_context& context(std::size_t index) { return this->core_.context(index); }

  using base::get_executor;
  /// The executor of one context, of those that context(index) knows. Any thread; does not block.
  [[nodiscard]] executor get_executor(std::size_t context) noexcept { return {this->core_, context}; }

  /// So that the pool can be given wherever Asio takes an execution context: co_spawn(pool, ...), tcp::acceptor(pool).
  operator boost::asio::execution_context&() { return context(); }

  /// async_invoke() on one of the pool's blocking threads, for calls that wait: files, name resolution.
  template <class F, class CompletionToken = detail::default_token>
    requires std::invocable<std::decay_t<F>>
  auto async_blocking(F&& f, CompletionToken&& token = {}, detail::call_site site = detail::call_site::current()) {
    static_assert(spec.blocking_threads > 0, "this pool has no blocking threads: set blocking_threads in its table");
    return detail::async_invoke_in(this->core_, detail::send(this->core_, site, std::forward<F>(f)),
                                   std::forward<CompletionToken>(token), blocking_submission{this->core_, site});
  }

 private:
  struct blocking_submission {
    detail::asio_pool_core& pool;
    [[no_unique_address]] detail::call_site site;

    void operator()(detail::task& item) const {
      detail::look_at_locks(pool, "async_blocking", site);
      pool.submit_blocking(item);
    }
  };

  static constexpr std::size_t slots = 1024;
};

static_assert(pool<asio_pool<detail::sample_tables, 0>>);

}  // namespace pinfold
