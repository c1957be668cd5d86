#include <pinfold/detail/warning_sink.hpp>

#include <cstdio>
#include <utility>

#include "handlers.hpp"

namespace pinfold::detail {
namespace {

constinit thread_local bool in_handler = false;

}  // namespace

bool warning_sink::gives_here() noexcept { return in_handler; }

void warning_sink::open(const handler& chosen) noexcept {
  const std::lock_guard lock(mutex_);
  handler_ = chosen ? &chosen : nullptr;
  run_.store(run() + 1, std::memory_order_relaxed);
}

void warning_sink::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    handler_ = nullptr;
  }
  while (const std::uint32_t giving = giving_.load(std::memory_order_acquire)) {
    giving_.wait(giving, std::memory_order_relaxed);
  }
}

void warning_sink::give(const crossing_warning& warning) noexcept {
  const handler* chosen = nullptr;
  {
    const std::lock_guard lock(mutex_);
    chosen = handler_;
    if (chosen != nullptr) giving_.fetch_add(1, std::memory_order_relaxed);
  }
  if (chosen == nullptr) {
    std::fprintf(stderr, "pinfold: %.*s\n", static_cast<int>(warning.text.size()), warning.text.data());
    return;
  }
  const bool before = std::exchange(in_handler, true);
  call_handler("start_options::on_warning", [&] { (*chosen)(warning); });
  in_handler = before;
  if (giving_.fetch_sub(1, std::memory_order_release) == 1) giving_.notify_all();
}

}  // namespace pinfold::detail
