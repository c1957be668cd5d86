// How tasks come to the workers of an asio pool that look for them.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>

#include <pinfold/detail/injector.hpp>

namespace pinfold::detail {

/// Beside each io_context whose threads look around (`idle` "spin" and "busy"). Through the io_context a task would
/// take its mutex on both sides, a slot and a system call's wait for the reactor; from here the next look takes it.
///
/// `parked` counts the threads that sleep in the io_context or are about to. Who hands a task over pushes it and then
/// looks at `parked`; who is about to sleep counts itself and then looks at the tasks, both in the one order of seq_cst
/// operations, so one of them sees the other. Who sees a parked thread posts an empty handler to the io_context, for
/// each task one: it ends one thread's sleep, and that thread looks around. A thread that is awake may take the handler
/// first; it looks at the tasks next, before it runs any other handler. So a handler that is gone has been answered by
/// a look behind its task's push, and a thread that is held up keeps nobody's. tests/model/inbox.pml is this protocol
/// for the model checker.
struct alignas(64) inbox {
  explicit constexpr inbox(std::span<injector_cell> cells) noexcept : tasks(cells) {}

  injector tasks;
  alignas(64) std::atomic<std::size_t> parked{0};
};

}  // namespace pinfold::detail
