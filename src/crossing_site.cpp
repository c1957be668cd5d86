#include <pinfold/detail/crossing_site.hpp>

#include <chrono>
#include <cstdio>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/warning_sink.hpp>

namespace pinfold::detail {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::size_t sites_at_most = 512;
constexpr std::size_t looks_at_most = 32;
constexpr std::uint64_t samples_at_least = 16;
constexpr std::uint64_t golden_ratio = 0x9E37'79B9'7F4A'7C15;  // of 2^64: its multiples spread evenly

constinit std::array<crossing_site, sites_at_most> sites;

// "1,234,567"
std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

}  // namespace

constinit std::atomic<nanosecond_clock> crossing_clock{+[]() noexcept -> std::uint64_t {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}};

std::string place_of(const char* file, std::uint32_t line) { return std::string(file) + ':' + std::to_string(line); }

bool crossing_site::is(const warning_sink& sink, const char* file, std::uint32_t line) const noexcept {
  return sink_ == &sink && file_ == file && line_ == line;
}

// An entry that is being written may be this place's: the place is watched from its next task on.
crossing_site* crossing_site::find(warning_sink& sink, const char* file, std::uint32_t line) noexcept {
  if (warning_sink::gives_here()) return nullptr;
  const std::uint64_t key =
      ((reinterpret_cast<std::uintptr_t>(file) + line) * golden_ratio) ^ reinterpret_cast<std::uintptr_t>(&sink);
  const std::uint64_t start = key * golden_ratio >> 32U;
  for (std::size_t look = 0; look < looks_at_most; ++look) {
    crossing_site& site = sites[(start + look) % sites.size()];
    state seen = site.state_.load(std::memory_order_acquire);
    if (seen == state::free && site.state_.compare_exchange_strong(seen, state::taken, std::memory_order_acquire)) {
      site.file_ = file;
      site.line_ = line;
      site.sink_ = &sink;
      site.state_.store(state::ready, std::memory_order_release);
      return &site;
    }
    if (seen == state::taken) return nullptr;
    if (site.is(sink, file, line)) return &site;
  }
  return nullptr;
}

bool crossing_site::wants_sample() const noexcept {
  return sent_.load(std::memory_order_relaxed) * golden_ratio >> 60U == 0;
}

void crossing_site::sent(const pool_core& to, std::uint64_t tasks, bool sampled) noexcept {
  const std::uint64_t sent = sent_.fetch_add(tasks, std::memory_order_relaxed) + tasks;
  if (!sampled) return;
  const std::uint64_t at = now();
  if (busy_.test_and_set(std::memory_order_acquire)) return;
  if (window_.run != sink_->run() || at > window_.opened + second_ns) {
    window_ = {.run = sink_->run(), .opened = at, .before = sent_.load(std::memory_order_relaxed), .to = &to};
  } else {
    window_.to_others = window_.to_others || window_.to != &to;
    if (sent > window_.before + window_.sent) {
      window_.sent = sent - window_.before;
      window_.last = at;
    }
  }
  busy_.clear(std::memory_order_release);
}

bool crossing_site::is_beyond_limits() const noexcept {
  return window_.sent > tasks_a_second && window_.samples >= samples_at_least &&
         window_.ran_ns < window_.samples * tiny_ns;
}

void crossing_site::ran(std::uint64_t nanoseconds) noexcept {
  if (busy_.test_and_set(std::memory_order_acquire)) return;
  ++window_.samples;
  window_.ran_ns += nanoseconds;
  const bool tells = tasks_told_in_ != window_.run && is_beyond_limits();
  if (tells) tasks_told_in_ = window_.run;
  const window seen = window_;
  busy_.clear(std::memory_order_release);
  if (tells) warn(seen);
}

void crossing_site::warn(const window& seen) noexcept {
  const std::uint64_t lasted = seen.last > seen.opened ? seen.last - seen.opened : 1;
  const auto rate =
      static_cast<std::uint64_t>(static_cast<double>(seen.sent) * second_ns / static_cast<double>(lasted));
  std::array<char, 32> microseconds{};
  std::snprintf(microseconds.data(), microseconds.size(), "%.1f",
                static_cast<double>(seen.ran_ns) / static_cast<double>(seen.samples) / 1'000);
  const std::string pool = seen.to->qualified_name();
  const std::string place = place_of(file_, line_);
  const std::string text = place + " sent " + with_commas(rate) + " tasks a second to " + pool +
                           (seen.to_others ? " and others" : "") + " that ran " + microseconds.data() +
                           " us each: batch them, or run them where they come from";
  sink_->give({.habit = crossing_habit::tiny_tasks, .place = place, .pool = pool, .lock = {}, .text = text});
}

bool crossing_site::tells_of_lock() noexcept {
  const std::uint64_t run = sink_->run() + 1;  // told of before the first run is told of, too
  return lock_told_in_.exchange(run, std::memory_order_relaxed) != run;
}

}  // namespace pinfold::detail
