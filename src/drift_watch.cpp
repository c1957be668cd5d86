#include "drift_watch.hpp"

#include <algorithm>
#include <cstdio>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "handlers.hpp"
#include "problem_text.hpp"
#include "process_settings.hpp"

namespace pinfold::detail {
namespace {

constexpr std::string_view name_end = "-watch";
// A thread that is born with its creator's affinity and then sets its own is no drift.
constexpr std::chrono::milliseconds second_look{10};

constinit thread_local const topology_core* watched_here = nullptr;

}  // namespace

std::error_code drift_watch::begin(const topology_core& topology, std::uint64_t generation,
                                   const start_options& options, std::vector<int> cpus) {
  topology_ = &topology;
  generation_ = generation;
  options_ = &options;
  cpus_ = std::move(cpus);
  is_watching_ = true;
  const auto error = os::create_thread(thread_, stack_bytes, thread_main, this);
  is_created_ = !error;
  if (error) is_watching_ = false;
  return error;
}

void drift_watch::request_end() noexcept {
  const std::lock_guard lock(mutex_);
  is_ending_ = true;
  changed_.notify_all();
}

bool drift_watch::end(deadline limit) noexcept {
  if (!is_created_) return true;
  request_end();
  {
    std::unique_lock lock(mutex_);
    if (!wait_until(changed_, lock, limit, [this] { return !is_watching_; })) return false;
  }
  os::join(thread_);
  is_created_ = false;
  return true;
}

bool drift_watch::is_watching() const noexcept {
  const std::lock_guard lock(mutex_);
  return is_watching_;
}

bool drift_watch::runs_here(const topology_core& topology) noexcept { return watched_here == &topology; }

void* drift_watch::thread_main(void* self) noexcept {
  drift_watch& watch = *static_cast<drift_watch*>(self);
  watched_here = watch.topology_;
  std::optional<pool_thread_mark> mark;  // it is pinfold's: nobody moves it, nor calls its place drift
  try {
    mark.emplace();
    watch.set_up_this_thread();
  } catch (const std::bad_alloc&) {
    std::fputs("pinfold: no memory left to set up the thread for start_options::verify_every\n", stderr);
  }
  watch.watch();
  const std::lock_guard lock(watch.mutex_);
  watch.is_watching_ = false;
  watch.changed_.notify_all();
  return nullptr;
}

// Where the kernel refuses a setting, the thread watches without it.
void drift_watch::set_up_this_thread() const {
  const std::string_view name = topology_->facts().name;
  std::error_code refused =
      os::set_thread_name(std::string(name.substr(0, max_thread_name - name_end.size())) + std::string(name_end));
  if (!cpus_.empty()) refused = os::set_affinity(os::calling_thread, cpus_);
  // Not SCHED_IDLE: it holds the topology's mutex for moments, and stop() waits for its end.
  refused = os::set_schedule({.policy = sched_policy::other, .priority = 0, .nice = 19, .deadline = {}});
}

void drift_watch::watch() noexcept {
  std::vector<problem> known;
  while (wait_for(options_->verify_every)) {
    try {
      std::vector<problem> found = drift_that_stays();
      if (found == known) continue;
      known = std::move(found);
    } catch (const std::bad_alloc&) {
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      if (is_ending_) return;
    }
    report(known);
  }
}

std::vector<problem> drift_watch::drift_that_stays() {
  std::vector<problem> found = topology_->verify(generation_);
  if (found.empty() || !wait_for(second_look)) return found;
  const std::vector<problem> again = topology_->verify(generation_);
  std::erase_if(found, [&](const problem& each) { return std::ranges::find(again, each) == again.end(); });
  return found;
}

void drift_watch::report(std::span<const problem> found) const noexcept {
  if (options_->on_drift) {
    call_handler("start_options::on_drift", [&] { options_->on_drift(found); });
    return;
  }
  try {
    const std::string topology = "pinfold: topology '" + std::string(topology_->facts().name) + '\'';
    const std::string text = found.empty()
                                 ? topology + " is as it was started again"
                                 : problem_text(topology + " is no longer as it was started", "problem", found);
    std::fprintf(stderr, "%s\n", text.c_str());
  } catch (const std::bad_alloc&) {
    std::fputs("pinfold: a topology is no longer as it was started, and no memory is left to say how\n", stderr);
  }
}

bool drift_watch::wait_for(std::chrono::nanoseconds period) {
  const auto now = deadline::clock::now();
  const deadline until = period < no_deadline - now ? now + period : no_deadline;
  std::unique_lock lock(mutex_);
  return !wait_until(changed_, lock, until, [this] { return is_ending_; });
}

}  // namespace pinfold::detail
