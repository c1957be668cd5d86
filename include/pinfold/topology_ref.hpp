// The running topology that the calling thread belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include <pinfold/detail/topology_core.hpp>

namespace pinfold {

/// The qualified names ("asio.net") of a topology's pools, in declared order: a forward range of std::string_view.
class pool_names {
 public:
  /// A forward iterator over them.
  class iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;

    constexpr iterator() noexcept = default;
    explicit constexpr iterator(const detail::pool_place* at) noexcept : at_(at) {}
    constexpr std::string_view operator*() const noexcept { return at_->table; }
    constexpr iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    constexpr iterator operator++(int) noexcept { return iterator(at_++); }
    friend constexpr bool operator==(const iterator&, const iterator&) noexcept = default;

   private:
    const detail::pool_place* at_ = nullptr;
  };

  /// For pinfold itself.
  explicit constexpr pool_names(std::span<const detail::pool_place> places) noexcept : places_(places) {}
  /// As of a standard container. Any thread; nothing blocks or allocates.
  /// @{
  [[nodiscard]] constexpr iterator begin() const noexcept { return iterator(places_.data()); }
  [[nodiscard]] constexpr iterator end() const noexcept { return iterator(places_.data() + places_.size()); }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] constexpr bool empty() const noexcept { return places_.empty(); }
  /// @}

 private:
  std::span<const detail::pool_place> places_;
};

static_assert(std::forward_iterator<pool_names::iterator>);

/// One run of a topology, seen from inside; or nothing. Two words, cheap to copy; may be kept beyond the run, where it
/// is not running, idle, and has nothing to stop. Any thread may use it; nothing here blocks or allocates.
class topology_ref {
 public:
  /// Nothing.
  constexpr topology_ref() noexcept = default;
  /// For pinfold itself.
  topology_ref(detail::topology_core& core, std::uint64_t generation) noexcept
      : core_(&core), generation_(generation) {}

  /// It is of some topology, running or not.
  [[nodiscard]] explicit operator bool() const noexcept { return core_ != nullptr; }

  /// "md"; empty for none.
  [[nodiscard]] std::string_view name() const noexcept;

  /// The names of all its pools; none for none.
  [[nodiscard]] pool_names pools() const noexcept {
    return pool_names(core_ != nullptr ? core_->facts().places : std::span<const detail::pool_place>());
  }

  /// From the success of start() to the end of the stop.
  [[nodiscard]] bool is_running() const noexcept;

  /// As running_topology's: no pool has accepted work that is not finished; never inside of such work.
  [[nodiscard]] bool is_idle() const noexcept;

  /// As running_topology's: new work is refused from now on, what was accepted goes on. Also from the topology's own
  /// threads, which cannot stop it.
  void request_stop() const noexcept;

  /// The same run of the same topology.
  friend bool operator==(const topology_ref&, const topology_ref&) noexcept = default;

 private:
  detail::topology_core* core_ = nullptr;
  std::uint64_t generation_ = 0;
};

/// The topology of the pool that the calling thread belongs to: a worker, a thread for blocking calls, or a managed
/// thread. Nothing on every other thread.
[[nodiscard]] topology_ref this_topology() noexcept;

}  // namespace pinfold
