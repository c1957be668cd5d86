// The compiled part of a native pool.
#pragma once

#include <array>
#include <boost/asio/execution_context.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/native/detail/managed_state.hpp>

namespace pinfold::detail {

/// A base of the pool, so that it is there before the core that refers to it.
template <std::size_t Cores>
struct lease_storage {
  std::array<std::uint32_t, Cores> leases{};
};

/// Managed threads: `managed_mutex_` guards their number, the list of those not joined, and `leases_`, which counts for
/// each of the pool's cores the managed threads that hold it. A thread gives back its lease and its place in the number
/// as the last thing of its function, and leaves the list when it is joined.
class native_pool_core final : public pool_core {
 public:
  constexpr native_pool_core(const pool_spec& spec, std::span<task_slot> slots,
                             std::span<std::uint32_t> leases) noexcept
      : pool_core(spec, slots), leases_(leases) {}

  void spawn(const std::shared_ptr<managed_state>& thread, std::string_view name);
  void join(managed_state& thread) noexcept;
  /// Throws would_block where join() would stall a reactor or never end.
  void require_may_join(const managed_state& thread) const;
  [[nodiscard]] std::size_t managed_threads() const noexcept;
  static void report_unclaimed(const managed_state& thread, std::exception_ptr error) noexcept;

  [[nodiscard]] bool helps_while_waiting() const noexcept override { return true; }
  [[nodiscard]] boost::asio::execution_context& execution_context(std::size_t) override;
  void work(thread_role role, std::size_t index) override;
  void release() noexcept override;
  void request_stop() noexcept override;
  void join_managed_threads() noexcept override;

 protected:
  void open() override;
  void close() noexcept override;
  void enqueue(task& item, std::size_t context) override;
  void ring(std::size_t) override {}  // a push wakes every sleeper itself

 private:
  void admit(managed_state& thread);
  void give_back(managed_state& thread) noexcept;
  void finish(managed_state& thread) noexcept;
  void await_end(managed_state& thread) noexcept;
  void add(managed_state& thread) noexcept;
  void remove(managed_state& thread) noexcept;
  void start_thread(const std::shared_ptr<managed_state>& thread);

  std::span<std::uint32_t> leases_;
  lazy<boost::asio::execution_context> context_;
  mutable std::mutex managed_mutex_;
  std::size_t managed_ = 0;
  managed_state* unjoined_ = nullptr;
};

}  // namespace pinfold::detail
