// The compiled part of a native pool.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/execution_context.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pinfold/detail/injector.hpp>
#include <pinfold/detail/lazy.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/native/detail/managed_state.hpp>
#include <pinfold/native/detail/native_worker.hpp>
#include <pinfold/native/detail/sleepers.hpp>
#include <pinfold/native/detail/steal_order.hpp>

namespace pinfold::detail {

/// A worker and its slots side by side: what its owner writes at each fork lies on one page, so stores to the first
/// slots are never taken for stores to the head (their addresses differ in the low 12 bits).
template <std::size_t Slots>
struct worker_storage {
  native_worker worker;
  std::array<fork_slot, Slots + 1> slots;  // the last one is never used: an end that can be pointed to
};

/// Where a pool's workers, slots and cells are: static data of the pool.
struct native_storage {
  std::span<native_worker* const> workers;
  std::span<fork_slot* const> slots;  ///< of each worker
  std::span<injector_cell> cells;
  std::span<std::uint32_t> leases;
  const steal_order& order;
};

/// Tasks come in through the injector, mailboxes (broadcast) and the workers' own deques; native_worker.hpp says how
/// they are found, sleepers.hpp how nobody sleeps over one.
///
/// Managed threads: `managed_mutex_` guards their number, the list of those not joined, and `leases`, which counts for
/// each of the pool's cores the managed threads that hold it. A thread gives back its lease and its place in the number
/// as the last thing of its function, and leaves the list when it is joined.
class native_pool_core final : public pool_core {
 public:
  constexpr native_pool_core(const pool_spec& spec, const pool_memory& memory, const native_storage& storage) noexcept
      : pool_core(spec, memory), storage_(storage), injector_(storage.cells) {}

  // --- tasks ---

  [[nodiscard]] std::span<native_worker* const> workers() const noexcept { return storage_.workers; }
  [[nodiscard]] injector& injected() noexcept { return injector_; }
  [[nodiscard]] sleepers& sleeping() noexcept { return sleepers_; }

  /// The calling thread's worker if it is one of this pool's, else nullptr.
  [[nodiscard]] native_worker* worker_here() const noexcept {
    return this_worker->pool() == this ? this_worker : nullptr;
  }

  /// Fire and forget. Waits while `inject_slots` tasks wait, but not on a pool's worker. Throws pool_stopped.
  template <class F>
  void post(F&& f) {
    post_with_back_pressure(std::forward<F>(f));
  }

  /// False where post() would wait. Throws pool_stopped.
  template <class F>
  bool try_post(F&& f) {
    auto* const item = new_closure(std::forward<F>(f));
    try {
      if (try_submit(*item)) return true;
    } catch (...) {
      delete_closure(item);
      throw;
    }
    delete_closure(item);
    return false;
  }

  /// Copies of `f` for each worker's mailbox.
  template <std::size_t Threads, class F>
  void spawn_broadcast(const F& f) {
    std::array<task*, Threads> items{};
    try {
      for (task*& each : items) each = new_closure(f);
      submit_to_each(items);
    } catch (...) {
      for (task* each : items) {
        if (each != nullptr) delete_closure(static_cast<closure<F>*>(each));
      }
      throw;
    }
  }

  /// Counts a task that the calling worker spawns; throws pool_stopped.
  using pool_core::enter;

  [[nodiscard]] std::uint64_t overflowed() const noexcept;

  // --- managed threads ---

  void spawn(const std::shared_ptr<managed_state>& thread, std::string_view name);
  void join(managed_state& thread) noexcept;
  /// Throws would_block where join() would stall a reactor or never end.
  void require_may_join(const managed_state& thread) const;
  /// For a handle's destructor, which may not throw: the thread's own function never ends while that waits for it.
  void end_process_if_called_by(const managed_state& thread) const noexcept;
  [[nodiscard]] std::size_t managed_threads() const noexcept;
  static void report_unclaimed(const managed_state& thread, std::exception_ptr error) noexcept;

  // --- for the topology ---

  void spawn_part(scope_task& item) override;
  void submit_or_wait(task& item) override;
  [[nodiscard]] boost::asio::execution_context& execution_context(std::size_t) override;
  void await(event& done, std::size_t index) noexcept override;
  void set(event& done, std::size_t index) noexcept override;
  [[nodiscard]] std::uint64_t forked_inline(std::size_t index) const noexcept override;
  void work(thread_role role, std::size_t index) override;
  void release() noexcept override;
  void request_stop() noexcept override;
  void abandon_in_child() noexcept override;
  [[nodiscard]] bool join_managed_threads(deadline limit) noexcept override;
  [[nodiscard]] bool has_managed_threads() const noexcept override;
  [[nodiscard]] std::vector<managed_thread_facts> living_managed_threads() const override;

 protected:
  void open() override;
  void close() noexcept override;
  void enqueue(task& item, std::size_t context) override;
  void direct(task& item, std::size_t worker) noexcept override;

 private:
  [[nodiscard]] bool try_submit(task& item);
  void wake_for(bool awaited) noexcept;

  void admit(managed_state& thread);
  void give_back(managed_state& thread) noexcept;
  void finish(managed_state& thread) noexcept;
  void await_end(managed_state& thread) noexcept;
  [[nodiscard]] bool await_end_until(const managed_state& thread, std::unique_lock<std::mutex>& lock,
                                     deadline limit) noexcept;
  void add(managed_state& thread) noexcept;
  void remove(managed_state& thread) noexcept;
  void start_thread(const std::shared_ptr<managed_state>& thread);

  const native_storage& storage_;
  injector injector_;
  sleepers sleepers_;
  std::atomic<bool> closing_{false};
  lazy<boost::asio::execution_context> context_;
  mutable std::mutex managed_mutex_;
  // Guarded by it.
  std::size_t managed_ = 0;
  managed_state* unjoined_ = nullptr;
  std::condition_variable* managed_ended_ = nullptr;  // of the stop that waits: one at most, which has the turn
};

}  // namespace pinfold::detail
