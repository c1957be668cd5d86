// A recording of what the threads of a topology do, for ui.perfetto.dev and chrome://tracing.
#pragma once

#include <cstddef>
#include <memory>

namespace pinfold {

namespace detail {
class recording;
}

/// How much a recording can hold.
struct trace_options {
  /// What a thread can record, 24 bytes each; a task takes two, and one more where it is posted by a pool's thread. The
  /// rest is dropped, and the file says how much that was.
  std::size_t events_per_thread = 65'536;
};

/// What `running_topology::trace()` returns. Records until the first of: write(), the destructor, the end of the
/// topology's run. Movable; one thread at a time. It may outlive the running topology.
class trace_recording {
 public:
  /// For pinfold itself.
  explicit trace_recording(std::shared_ptr<detail::recording> recorded) noexcept;
  /// The other records nothing any more.
  trace_recording(trace_recording&& other) noexcept;
  /// Ends and writes what was recorded here, as the destructor does; the other records nothing any more.
  trace_recording& operator=(trace_recording&& other) noexcept;
  /// Writes the file if write() was never called; then an error is printed, as nobody could catch it.
  ~trace_recording();

  /// Ends the recording and writes the file: Chrome's trace-event format (JSON). Once it has succeeded, and on a
  /// moved-from object, it does nothing. Allocates; blocks as the file system does, and takes about half a microsecond
  /// an event; holds up no pool. Throws trace_error with path and errno where the file cannot be written; then it may
  /// be called again, which opens the file anew.
  void write();

 private:
  void end() noexcept;

  std::shared_ptr<detail::recording> recorded_;
};

}  // namespace pinfold
