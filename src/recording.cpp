#include "recording.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/errors.hpp>

#include "topology_run.hpp"

namespace pinfold {

trace_recording::trace_recording(std::shared_ptr<detail::recording> recorded) noexcept
    : recorded_(std::move(recorded)) {}

trace_recording::trace_recording(trace_recording&& other) noexcept = default;

trace_recording& trace_recording::operator=(trace_recording&& other) noexcept {
  if (this == &other) return *this;
  end();
  recorded_ = std::move(other.recorded_);
  return *this;
}

trace_recording::~trace_recording() { end(); }

void trace_recording::end() noexcept {
  if (recorded_ == nullptr || !recorded_->is_unasked()) return;
  try {
    recorded_->write();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pinfold: %s\n", error.what());
  }
}

void trace_recording::write() {
  if (recorded_ != nullptr) recorded_->write();
}

namespace detail {

std::uint64_t recording::now() const noexcept {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(trace_buffer::clock::now() - origin).count());
}

std::uint64_t recording::complete_until() const noexcept {
  std::uint64_t until = end;
  for (const trace_track& each : tracks) {
    if (each.buffer->dropped() != 0) until = std::min(until, each.buffer->full_since());
  }
  return until;
}

void recording::stop() noexcept { topology_.end_trace(run_, *this); }

void recording::write() {
  if (forks_ != os::forks_so_far()) return;
  asked_ = true;
  if (written_) return;
  stop();
  file.open();
  try {
    write_trace(*this, file);
    file.close();
  } catch (...) {
    file.give_up();
    throw;
  }
  written_ = true;
}

// The channels come first: who sees that something is recorded finds a buffer. So whoever takes over a task whose post
// is in the recording records as well.
void run_traces::begin(std::shared_ptr<recording> next) {
  ended_.reserve(ended_.size() + 1);  // for end()
  forget_ended();
  current_ = std::move(next);
  for (std::size_t i = 0; i < channels_.size(); ++i) channels_[i].set(current_->tracks[i].buffer.get());
  recordings.fetch_add(1);
  current_->begin = current_->now();
}

void run_traces::end() noexcept {
  if (current_ == nullptr) return;
  current_->end = current_->now();
  recordings.fetch_sub(1);
  for (trace_channel& each : channels_) each.set(nullptr);
  ended_.push_back(std::move(current_));
  forget_ended();
}

// Each channel is null by then, and so was when each of these ended.
void run_traces::forget_ended() noexcept {
  if (std::ranges::none_of(channels_, &trace_channel::is_writing)) ended_.clear();
}

// Memory and the file are seen to while nothing is locked. The run may end meanwhile, or another trace begin.
std::shared_ptr<recording> topology_core::begin_trace(std::uint64_t generation, std::string path,
                                                      const trace_options& options) {
  const auto require_free = [&] {
    const std::string subject = "topology '" + std::string(facts_.name) + "' ";
    if (run_ == nullptr || generation_ != generation) {
      throw trace_error(subject + "cannot be traced: it has stopped; trace it between start() and stop()");
    }
    if (const recording* const other = run_->traces.current()) {
      throw trace_error(subject + "is traced already, into '" + other->file.path() +
                        "': write() that trace or destroy it, then begin the next");
    }
  };
  auto made = std::make_shared<recording>(*this, generation, std::move(path));
  made->name = facts_.name;
  made->events_per_thread = options.events_per_thread;
  made->pools.assign(facts_.pools.begin(), facts_.pools.end());
  {
    const std::lock_guard short_lock(run_mutex_);
    require_free();
    for (const pool_thread& each : run_->threads) {
      const auto pool = std::ranges::find(facts_.pools, each.plan.pool) - facts_.pools.begin();
      made->tracks.push_back({.pool = static_cast<std::size_t>(pool), .thread = each.plan.name, .id = each.id});
    }
  }
  for (trace_track& each : made->tracks) {
    each.buffer = std::make_unique<trace_buffer>(options.events_per_thread, made->origin);
  }
  made->file.open();  // which empties it: memory for the events is there
  const std::lock_guard short_lock(run_mutex_);
  require_free();
  run_->traces.begin(made);
  return made;
}

void topology_core::end_trace(std::uint64_t generation, const recording& recorded) noexcept {
  const std::lock_guard short_lock(run_mutex_);
  if (run_ != nullptr && generation_ == generation && run_->traces.current() == &recorded) run_->traces.end();
}

}  // namespace detail
}  // namespace pinfold
