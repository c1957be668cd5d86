// The running topology that the calling thread belongs to.
#pragma once

#include <cstdint>
#include <ranges>
#include <span>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace pinfold {

/// One run of a topology, seen from inside; or nothing. Two words, cheap to copy; may be kept beyond the run, where it
/// is not running, idle, and has nothing to stop. Any thread may use it; nothing here blocks or allocates.
class topology_ref {
 public:
  constexpr topology_ref() noexcept = default;
  topology_ref(detail::topology_core& core, std::uint64_t generation) noexcept
      : core_(&core), generation_(generation) {}

  [[nodiscard]] explicit operator bool() const noexcept { return core_ != nullptr; }

  /// "md"; empty for none.
  [[nodiscard]] std::string_view name() const noexcept;

  /// The qualified names ("asio.net") of its pools, in declared order: a range of std::string_view.
  [[nodiscard]] auto pools() const noexcept {
    const auto places = core_ != nullptr ? core_->facts().places : std::span<const detail::pool_place>();
    return places | std::views::transform(&detail::pool_place::table);
  }

  /// From the success of start() to the end of the stop.
  [[nodiscard]] bool is_running() const noexcept;

  /// As running_topology's: no pool has accepted work that is not finished; never inside of such work.
  [[nodiscard]] bool is_idle() const noexcept;

  /// As running_topology's: new work is refused from now on, what was accepted goes on. Also from the topology's own
  /// threads, which cannot stop it.
  void request_stop() const noexcept;

  friend bool operator==(const topology_ref&, const topology_ref&) noexcept = default;

 private:
  detail::topology_core* core_ = nullptr;
  std::uint64_t generation_ = 0;
};

/// The topology of the pool that the calling thread belongs to: a worker, a thread for blocking calls, or a managed
/// thread. Nothing on every other thread.
[[nodiscard]] topology_ref this_topology() noexcept;

}  // namespace pinfold
