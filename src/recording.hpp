// One trace of a topology, from its beginning to its file, and what a run knows of its traces.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <pinfold/detail/os.hpp>
#include <pinfold/trace_recording.hpp>

#include "trace_buffer.hpp"
#include "trace_file.hpp"

namespace pinfold::detail {

class pool_core;
class topology_core;

/// A thread that is recorded.
struct trace_track {
  std::size_t pool = 0;  ///< index into the recording's
  std::string thread;    ///< "net-0"
  os::thread_id id = 0;
  std::unique_ptr<trace_buffer> buffer = nullptr;
};

/// States: prepared -> recording -> ended -> written. It records while a run's traces have it as the current one; the
/// topology's run_mutex_ guards that. All else is of the thread that has the trace_recording.
class recording {
 public:
  recording(topology_core& topology, std::uint64_t run, std::string path)
      : file(std::move(path)), topology_(topology), run_(run) {}

  trace_file file;
  std::string name;                     ///< the topology's
  std::vector<const pool_core*> pools;  ///< in declared order
  std::vector<trace_track> tracks;      ///< in the order of the run's threads
  trace_buffer::clock::time_point origin = trace_buffer::clock::now();
  std::size_t events_per_thread = 0;
  std::uint64_t begin = 0;  ///< in nanoseconds since `origin`: what is recorded before or after does not count
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t now() const noexcept;
  /// Until then every event was kept.
  [[nodiscard]] std::uint64_t complete_until() const noexcept;
  /// If it records still.
  void stop() noexcept;
  /// Once; again only if it has thrown. Not in a forked child: the file is the parent's.
  void write();
  [[nodiscard]] bool is_unasked() const noexcept { return !asked_; }

 private:
  topology_core& topology_;
  std::uint64_t run_;
  unsigned forks_ = os::forks_so_far();
  bool asked_ = false;
  bool written_ = false;
};

/// Of one run; guarded by the topology's run_mutex_. Its destructor comes when the threads are joined: a recording that
/// goes on ends there with everything in it, and keeps its events for the file.
class run_traces {
 public:
  run_traces() = default;
  run_traces(const run_traces&) = delete;
  run_traces& operator=(const run_traces&) = delete;
  ~run_traces() { end(); }

  /// Before the threads are created, one for each in their order.
  [[nodiscard]] trace_channel& add_channel() { return channels_.emplace_back(); }

  [[nodiscard]] const recording* current() const noexcept { return current_.get(); }
  void begin(std::shared_ptr<recording> next);
  void end() noexcept;

 private:
  void forget_ended() noexcept;

  std::deque<trace_channel> channels_;
  std::shared_ptr<recording> current_;
  std::vector<std::shared_ptr<recording>> ended_;  // in whose buffers a thread may be writing still
};

/// The recording as text, to its file.
void write_trace(const recording& recorded, trace_file& file);

}  // namespace pinfold::detail
