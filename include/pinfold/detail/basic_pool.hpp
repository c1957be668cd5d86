// The members that the pools of every kind have.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <pinfold/detail/broadcast.hpp>
#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/detail/default_token.hpp>
#include <pinfold/detail/idle_operation.hpp>
#include <pinfold/detail/invoke_operation.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/scope_operation.hpp>
#include <pinfold/detail/spawn_async.hpp>
#include <pinfold/detail/waited_call.hpp>
#include <pinfold/detail/waited_scopes.hpp>
#include <pinfold/executor.hpp>
#include <pinfold/latency_histogram.hpp>
#include <pinfold/pool_scope.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/pool_stats.hpp>

namespace pinfold::detail {

/// Variables of their own because they are all zero and cost no space in the binary.
template <class Tables, std::size_t Index, std::size_t Slots>
inline std::array<task_slot, Slots> task_slots;
template <class Tables, std::size_t Index, std::size_t Slots>
inline std::array<operation_slot, Slots> operation_slots;

template <class Tables, std::size_t Index>
inline constinit std::array<work_gauge, Tables::pools[Index].threads + Tables::pools[Index].blocking_threads>
    work_gauges{};

/// None where the pool's `metrics` do not say so.
template <class Tables, std::size_t Index>
inline constexpr std::size_t counting_threads =
    Tables::pools[Index].metrics == metrics_mode::off ? 0 : work_gauges<Tables, Index>.size();
template <class Tables, std::size_t Index>
inline constinit std::array<worker_counters, counting_threads<Tables, Index>> counters_of_workers{};
template <class Tables, std::size_t Index>
inline constinit std::array<latency_counts,
                            Tables::pools[Index].metrics == metrics_mode::latency ? counting_threads<Tables, Index> : 0>
    latencies_of_workers{};

/// Memory for so many closures that wait to be run, and for 1024 asynchronous operations.
template <class Tables, std::size_t Index, std::size_t Closures>
inline constexpr pool_memory memory_of{.closures = task_slots<Tables, Index, Closures>,
                                       .operations = operation_slots < Tables,
                                       Index,
                                       Closures == 0 ? 0 : 1024 >,
                                       .gauges = work_gauges<Tables, Index>,
                                       .counters = counters_of_workers<Tables, Index>,
                                       .latencies = latencies_of_workers<Tables, Index>};

/// `Core` is the kind's pool_core, `Scope` what spawns tasks in it. A pool is one object in static storage, alive from
/// before main to the end; it takes work while its topology runs.
template <class Tables, std::size_t Index, class Core, class Scope = pool_scope>
class basic_pool {
 public:
  /// What the topology file says about this pool.
  static constexpr const pool_spec& spec = Tables::pools[Index];

  /// Number of worker threads.
  static constexpr std::size_t size() noexcept { return spec.threads; }

  basic_pool(const basic_pool&) = delete;
  basic_pool& operator=(const basic_pool&) = delete;

  /// Of get_executor(), as Asio's objects call it.
  using executor_type = executor;
  /// What the body of a scope is called with.
  using scope_type = Scope;

  /// Any thread; never blocks. An Asio executor for the pool.
  [[nodiscard]] executor get_executor() noexcept {
    require_workers();
    return {core_, pool_core::any_context};
  }

  /// Fire and forget. Any thread; does not block; does not allocate while one of the pool's slots is free and the
  /// function fits one (see the pool). Throws pool_stopped where the pool takes no work, or what copying `f` throws.
  /// An exception that leaves `f` goes to start_options::on_exception.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  void post(F&& f, call_site site = call_site::current()) {
    require_workers();
    core_.post(detail::send(core_, site, std::forward<F>(f)));
  }

  /// Runs `f` on a thread of the pool, waits, and returns or rethrows what it ends with; on a thread of the pool it is
  /// a plain call. A worker of a tbb or native pool runs its own pool's tasks while it waits. Does not allocate, but
  /// for what Asio and TBB take to wake a thread (asio: one of the pool's slots while any is free). Throws would_block
  /// on a thread of another asio pool, pool_stopped where the pool takes no work.
  template <std::invocable F>
  std::invoke_result_t<F> install(F&& f, call_site site = call_site::current()) {
    require_workers();
    if (contains_this_thread()) return std::invoke(std::forward<F>(f));
    detail::look_at_locks(core_, "install", site);
    return detail::run_and_wait(core_, detail::send_reference(core_, site, std::forward<F>(f)), "install");
  }

  /// An Asio asynchronous operation: runs `f` on a thread of the pool and completes with (std::exception_ptr, R), for
  /// void with (std::exception_ptr), on the handler's associated executor, by default this pool's. Any thread, also of
  /// asio pools; does not block. Without a token it is for coroutines: `co_await pool.async_invoke(f)`.
  /// Completes with pool_stopped where the pool takes no work, and with operation_aborted when the handler's
  /// cancellation slot is told so before `f` begins; `f` that has begun is waited for. R must be default-constructible:
  /// it is what an exception comes with. The state of an operation takes one of the pool's 1024 slots of 304 bytes, or
  /// where none is free or it is larger, memory of the handler's associated allocator. Throws what moving `f` and the
  /// handler throws, and where the handler's own executor takes no work either, what that throws.
  template <class F, class CompletionToken = detail::default_token>
    requires std::invocable<std::decay_t<F>>
  auto async_invoke(F&& f, CompletionToken&& token = {}, call_site site = call_site::current()) {
    require_workers();
    return detail::async_invoke_in(core_, detail::send(core_, site, std::forward<F>(f)),
                                   std::forward<CompletionToken>(token),
                                   detail::submission{.pool = core_, .site = site});
  }

  /// Calls `body(scope)` on a thread of the pool, waits until every task that it, or one of them, has spawned there has
  /// ended, and returns what the body returned. Tasks may borrow what outlives the scope. All of them run even if one
  /// throws or the body does; then the exception that came first is rethrown. On a thread of the pool the body is
  /// called there, and the pool's threads run tasks while they wait, so one is enough. Waits and throws as install().
  template <class Body>
  decltype(auto) scope(Body&& body, call_site site = call_site::current()) {
    require_workers();
    return scope_in_pool<Scope>(std::forward<Body>(body), "scope", site);
  }

  /// The same with the body on the caller, whatever thread it is. While it runs the pool does not stop.
  template <class Body>
  decltype(auto) in_place_scope(Body&& body, call_site site = call_site::current()) {
    require_workers();
    return scope_in_place<Scope>(std::forward<Body>(body), "in_place_scope", site);
  }

  /// scope() as an Asio asynchronous operation, in which no thread waits: completes as async_invoke() with what the
  /// body returned, or the first exception, when the body and all tasks have ended and never before, so that both may
  /// borrow the awaiting coroutine's locals: `co_await pool.async_scope([&](auto& scope) { ... })`. Cancelled before
  /// the body begins, it ends at once; after that (by `terminal` or `partial`) it cancels the scope: tasks that have
  /// not begun are dropped, the others and the body, which may ask the scope, are waited for, and it completes with
  /// operation_aborted, unless one of them has thrown. Does not block; allocates as async_invoke().
  template <class Body, class CompletionToken = detail::default_token>
  auto async_scope(Body&& body, CompletionToken&& token = {}, call_site site = call_site::current()) {
    require_workers();
    require_scope_body<std::decay_t<Body>, Scope>();
    return detail::async_scope_in<Scope>(core_, std::forward<Body>(body), std::forward<CompletionToken>(token),
                                         detail::submission{.pool = core_, .site = site, .call = "async_scope"});
  }

  /// Starts a coroutine in the pool, an asio::awaitable or a function that returns one, and returns its handle, an
  /// async_task<R>. Until its end it is work of the pool: is_idle(), wait_idle(), join() and the topology's stop see it
  /// also where it waits for I/O, and while the topology stops it is resumed and may submit. It runs on one thread at a
  /// time (on a strand, where the pool has several threads), never inside this call. A stopping topology emits its
  /// cancellation signal with every type but `terminal`: for coroutines that say so, by
  /// `co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation())`; others are waited for.
  /// Any thread; does not block. The state takes one of the pool's 1024 slots of 304 bytes, or the heap; Asio
  /// allocates the frames. Throws pool_stopped where the pool takes no work, std::bad_alloc, and what moving the
  /// function throws.
  template <class Coroutine>
    requires detail::is_awaitable<Coroutine> || detail::coroutine_function<Coroutine>
  auto spawn_async(Coroutine&& coroutine) {
    require_workers();
    constexpr bool is_serial = spec.threads == 1 || spec.contexts == context_mode::per_thread;
    return detail::spawn_async_in<is_serial>(core_, std::forward<Coroutine>(coroutine));
  }

  /// Runs `f` once on every thread of the pool, waits, and returns the results in thread order (std::monostate for
  /// void). All run even when some throw; the first exception in thread order is rethrown. `f` is called concurrently.
  /// Blocks until the busiest thread gets to it; waits and throws as install().
  template <std::invocable F>
  auto broadcast(F&& f, call_site site = call_site::current()) {
    require_workers();
    if (!contains_this_thread()) core_.require_may_wait("broadcast");
    detail::look_at_locks(core_, "broadcast", site);
    auto&& sent = detail::send_reference(core_, site, f, spec.threads);
    using function = std::remove_reference_t<decltype(sent)>;
    broadcast_call<function, std::invoke_result_t<function&>, spec.threads> call(core_, sent);
    call.run();
    return call.results();
  }

  /// The calling thread is one of the pool's `size()` workers.
  [[nodiscard]] bool contains_this_thread() const noexcept { return this_thread.works_for(&core_); }

  /// 0..size()-1 on a worker of this pool, else nothing.
  [[nodiscard]] std::optional<std::size_t> this_thread_index() const noexcept {
    return contains_this_thread() ? std::optional(this_thread.index) : std::nullopt;
  }

  /// Work accepted, running and finished since the program began, and what the pool's threads did, as far as its key
  /// `metrics` says; see pool_stats for what counts. Any thread; does not block or allocate, and costs those who work
  /// nothing but a look at their cache lines.
  [[nodiscard]] pool_stats stats() const noexcept { return core_.stats(); }

  /// The same of one thread: workers come first, from 0, then the blocking threads of an asio pool. Any thread; does
  /// not block. Throws std::out_of_range.
  [[nodiscard]] pinfold::worker_stats worker_stats(std::size_t thread) const { return core_.worker_stats(thread); }

  /// How long what the pool ran had waited, from the call that handed it over to its begin, with a wait for room; since
  /// the program began, with `metrics = "latency"`, else empty. Each piece of work that finished once (see pool_stats),
  /// but for what a native worker spawns on its own stack, in-place scopes, and coroutines of spawn_async() (whose
  /// steps are in it). Any thread; does not block or allocate; reads 4.6 KiB of each thread.
  [[nodiscard]] latency_histogram latency() const noexcept { return core_.latency(); }

  /// Nothing that counts in stats() is unfinished, and nobody is in a call that hands work over. Any thread; does not
  /// block.
  [[nodiscard]] bool is_idle() const noexcept { return core_.gate().is_idle(); }

  /// Blocks until is_idle() was true. Throws would_block on the pool's own threads, and as install().
  void wait_idle(call_site site = call_site::current()) {
    detail::look_at_locks(core_, "wait_idle", site);
    core_.wait_idle();
  }

  /// The same as an Asio asynchronous operation: completes with (std::exception_ptr) on the handler's associated
  /// executor, by default this pool's. Any thread, also the pool's own: a suspended coroutine is no unfinished work, so
  /// it may await its own pool; but one of spawn_async() is until it ends, and would await itself. Does not block.
  /// Completes once is_idle() was true since the call, at once where the pool does not run, and with operation_aborted
  /// when the handler's cancellation slot is told so before. A topology that stops meanwhile waits for the completion;
  /// it counts as work of the pool. Memory and exceptions as async_invoke().
  template <class CompletionToken>
  auto wait_idle(CompletionToken&& token, call_site site = call_site::current()) {
    return async_wait_idle(std::forward<CompletionToken>(token), site);
  }

  /// The same, without a token for coroutines: `co_await pool.async_wait_idle()`.
  template <class CompletionToken = detail::default_token>
  auto async_wait_idle(CompletionToken&& token = {}, call_site site = call_site::current()) {
    require_workers();
    detail::look_at_locks(core_, "async_wait_idle", site);
    return detail::async_wait_idle_in(core_, core_.waiters(), detail::idle_scope::pool,
                                      std::forward<CompletionToken>(token));
  }

  /// wait_idle(), and until no executor of the pool exists that tracks outstanding work: coroutines, work guards,
  /// pending operations. The pool goes on running. Blocks and throws as wait_idle().
  void join(call_site site = call_site::current()) {
    detail::look_at_locks(core_, "join", site);
    core_.pool_core::join();
  }

  /// For generated code.
  [[nodiscard]] constexpr Core& core() noexcept { return core_; }

 protected:
  template <class... Arguments>
  explicit constexpr basic_pool(Arguments&&... arguments) noexcept
      : core_(spec, std::forward<Arguments>(arguments)...) {}
  ~basic_pool() = default;

  static constexpr void require_workers() {
    static_assert(spec.threads > 0, "this pool has no task workers (threads = 0): it only spawns managed threads");
  }

  template <class Body, class OfScope>
  static constexpr void require_scope_body() {
    static_assert(std::invocable<Body, OfScope&>,
                  "the body of a scope is called with the scope: [&](auto& scope) { scope.spawn(...); }");
  }

  template <class OfScope, class Body>
  decltype(auto) scope_in_pool(Body&& body, const char* call, call_site site) {
    require_scope_body<Body, OfScope>();
    return detail::scope_in_pool<OfScope>(core_, std::forward<Body>(body), call, site);
  }

  template <class OfScope, class Body>
  decltype(auto) scope_in_place(Body&& body, const char* call, call_site site) {
    require_scope_body<Body, OfScope>();
    return detail::scope_in_place<OfScope>(core_, std::forward<Body>(body), call, site);
  }

  Core core_;
};

}  // namespace pinfold::detail
