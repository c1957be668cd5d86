#include <pinfold/topology_ref.hpp>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/thread_context.hpp>

namespace pinfold {

std::string_view topology_ref::name() const noexcept {
  return core_ != nullptr ? core_->facts().name : std::string_view();
}

bool topology_ref::is_running() const noexcept { return core_ != nullptr && core_->is_current(generation_); }

bool topology_ref::is_idle() const noexcept { return !is_running() || core_->is_idle(); }

void topology_ref::request_stop() const noexcept {
  if (core_ != nullptr) core_->request_stop(generation_);
}

topology_ref this_topology() noexcept {
  if (detail::this_thread.pool == nullptr) return {};
  detail::topology_core& core = detail::this_thread.pool->topology();
  return {core, core.current_run()};
}

}  // namespace pinfold
