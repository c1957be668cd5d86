#include <pinfold/running_topology.hpp>

#include <stdexcept>
#include <utility>

#include <pinfold/detail/topology_core.hpp>

namespace pinfold {

running_topology& running_topology::operator=(running_topology&& other) noexcept {
  if (this == &other) return *this;
  stop();
  core_ = std::exchange(other.core_, nullptr);
  generation_ = other.generation_;
  problems_ = std::move(other.problems_);
  warnings_ = std::move(other.warnings_);
  return *this;
}

void running_topology::request_stop() noexcept {
  if (core_ != nullptr) core_->request_stop(generation_);
}

void running_topology::stop() noexcept {
  if (core_ != nullptr) core_->stop(generation_, detail::no_deadline);
}

std::vector<unfinished_work> running_topology::stop(std::chrono::steady_clock::time_point deadline) {
  if (core_ == nullptr || core_->stop(generation_, deadline)) return {};
  return core_->unfinished(generation_);
}

detail::pool_core& running_topology::pool_for_completions() const {
  if (core_ == nullptr) throw std::logic_error("running_topology::async_wait_idle(): it was moved from");
  return core_->pool_with_workers();
}

std::vector<problem> running_topology::verify() const {
  return core_ != nullptr ? core_->verify(generation_) : std::vector<problem>{};
}

trace_recording running_topology::trace(std::string file, const trace_options& options) const {
  if (core_ == nullptr) throw std::logic_error("running_topology::trace(): it was moved from");
  return trace_recording(core_->begin_trace(generation_, std::move(file), options));
}

void running_topology::report(std::ostream& out) const {
  if (core_ != nullptr) core_->report(out);
}

bool running_topology::is_idle() const noexcept { return core_ == nullptr || core_->is_idle(); }

void running_topology::wait_idle() const {
  if (core_ != nullptr) core_->wait_idle();
}

}  // namespace pinfold
