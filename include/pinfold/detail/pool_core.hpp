// What the pools of every kind share: admission, waiting, exceptions. Compiled once.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <pinfold/detail/deadline.hpp>
#include <pinfold/detail/slab.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/thread_metrics.hpp>
#include <pinfold/detail/tracked_list.hpp>
#include <pinfold/detail/work_gate.hpp>
#include <pinfold/detail/work_gauge.hpp>
#include <pinfold/errors.hpp>
#include <pinfold/latency_histogram.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/pool_stats.hpp>

namespace boost::asio {
class execution_context;
}

namespace pinfold::detail {

class event;
class idle_waiters;
class topology_core;
class warning_sink;
struct scope_task;
struct thread_plan;

/// Whether what is handed to a pool is new work, or part of work that its topology has accepted and not finished: that
/// is taken while the topology drains, whoever hands it over.
enum class admission : bool { of_new_work, of_part };

/// A managed thread of a native pool.
struct managed_thread_facts {
  std::string name;
  std::shared_ptr<const thread_plan> plan;  ///< as the thread was set up
  int id = 0;                               ///< the kernel's
};

/// Static memory for what a pool is given; where none is left, the heap serves. And what its threads count.
struct pool_memory {
  std::span<task_slot> closures;
  std::span<operation_slot> operations;
  std::span<work_gauge> gauges;              ///< for each thread
  std::span<worker_counters> counters = {};  ///< for each thread or none, see metrics_mode
  std::span<latency_counts> latencies = {};
};

/// Life of a pool: constant-initialised -> start() -> its threads call work() -> the gate opens -> ... -> the gate
/// drains and closes -> release() -> threads joined -> abandon() -> stop() -> may be started again. Each step is taken
/// for all pools of a topology before the next. Those are the topology's; everything else may be called by any thread
/// at any time.
class pool_core {
 public:
  constexpr pool_core(const pool_spec& spec, const pool_memory& memory) noexcept
      : spec_(spec),
        slab_(memory.closures),
        operations_(memory.operations),
        gauges_(memory.gauges),
        counters_(memory.counters),
        latencies_(memory.latencies),
        gate_(work_gate::marks_depth{spec.metrics != metrics_mode::off}) {}
  pool_core(const pool_core&) = delete;
  pool_core& operator=(const pool_core&) = delete;

  [[nodiscard]] const pool_spec& spec() const noexcept { return spec_; }
  [[nodiscard]] std::string qualified_name() const;  ///< "asio.net"
  [[nodiscard]] work_gate& gate() noexcept { return gate_; }
  [[nodiscard]] const work_gate& gate() const noexcept { return gate_; }
  [[nodiscard]] task_slab& slab() noexcept { return slab_; }
  [[nodiscard]] operation_slab& operations() noexcept { return operations_; }
  /// Any thread. See pool_stats for what counts, and work_gauge for why the numbers fit each other.
  [[nodiscard]] pool_stats stats() const noexcept;
  /// Any thread. Workers come first, then blocking threads. Throws std::out_of_range.
  [[nodiscard]] pinfold::worker_stats worker_stats(std::size_t thread) const;
  [[nodiscard]] latency_histogram latency() const noexcept;
  [[nodiscard]] bool measures_latency() const noexcept { return !latencies_.empty(); }
  /// What a worker or blocking thread counts with; the last two are nullptr where the pool's `metrics` do not say so.
  [[nodiscard]] work_gauge* gauge(thread_role role, std::size_t index) const noexcept;
  [[nodiscard]] worker_counters* counters(thread_role role, std::size_t index) const noexcept;
  [[nodiscard]] latency_counts* latencies(thread_role role, std::size_t index) const noexcept;
  /// Those of the pool's topology; nullptr before its first start.
  [[nodiscard]] idle_waiters* waiters() const noexcept;
  /// What tracked executors of the pool keep outstanding.
  [[nodiscard]] work_gate& outstanding() noexcept { return outstanding_; }
  /// The coroutines of spawn_async() that have begun and not ended.
  [[nodiscard]] tracked_list& tracked() noexcept { return tracked_; }
  /// Once it has been started.
  [[nodiscard]] topology_core& topology() const noexcept { return *topology_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool shares_topology(const pool_core& other) const noexcept {
    return topology_.load(std::memory_order_relaxed) == other.topology_.load(std::memory_order_relaxed);
  }
  /// Throws pool_stopped while the pool does not run.
  void require_running() const;
  /// Throws pool_stopped.
  [[noreturn]] void refuse() const;
  /// Pieces of work that were not taken.
  void count_refused(std::uint64_t pieces) noexcept { refused_.fetch_add(pieces, std::memory_order_relaxed); }
  /// Itself; throws pool_stopped where it has no task workers, and so nobody would run a task.
  [[nodiscard]] pool_core& with_workers();

  /// Hands the task to some worker, in Asio pools to one of `context`. Throws pool_stopped, or std::bad_alloc where the
  /// kind's own library allocates; then the task was not taken.
  void submit(task& item, std::size_t context = any_context, admission as = admission::of_new_work);

  /// The same for a part of work that this pool has accepted and that does not end before it: taken in any case.
  void submit_part(task& item);

  /// For an item that does not count, of work of this pool that is accepted and does not end before the call does.
  void submit_uncounted(task& item) { enqueue(item, any_context); }

  /// Hands one task to each worker i of `items`, all or none (the calling worker's own is left out).
  void submit_to_each(std::span<task* const> items);

  /// Fire and forget. Throws pool_stopped where the pool takes no work.
  template <class F>
  void post(F&& f) {
    post_by([this](task& item) { submit(item); }, std::forward<F>(f));
  }

  /// The same as the pool's own post(), which may wait for room.
  template <class F>
  void post_with_back_pressure(F&& f) {
    post_by([this](task& item) { submit_or_wait(item); }, std::forward<F>(f));
  }

  /// post() as Asio needs it, where a function may be the continuation of a coroutine; memory comes from `allocator`,
  /// if it is not std::allocator. See submit_or_discard().
  template <class F, class Allocator = std::allocator<void>>
  void execute(F&& f, std::size_t context, const Allocator& allocator = {}, admission as = admission::of_new_work) {
    auto* const item = new_closure(std::forward<F>(f), allocator);
    submit_or_discard(*item, &std::remove_pointer_t<decltype(item)>::free_unrun, context, as);
  }

  /// submit(), or the task is destroyed by `discard`: an I/O handler of the topology that submits while it drains hands
  /// over work that nobody will run, so that is set aside and destroyed with the pending I/O; but while a coroutine of
  /// spawn_async() lives, which may wait for it, it is taken. Elsewhere the task is destroyed at once, and what its
  /// destructor submits (the coroutine's own unwinding) with it; then throws as submit() does, unless the whole is part
  /// of such a destruction.
  void submit_or_discard(task& item, task::function discard, std::size_t context,
                         admission as = admission::of_new_work);

  /// Runs an accepted task on the calling thread of the pool.
  static void run(task& item) noexcept;

  /// Every accepted task calls it once, on the thread that runs it, as the last it does with the pool.
  void finished() noexcept {
    if (this_thread.gauge != nullptr) this_thread.gauge->end();
    if (this_thread.latencies != nullptr) this_thread.latencies->is_finishing();
    gate_.leave();
  }

  /// For work of the pool that runs on a thread of somebody else. Throws pool_stopped.
  void begin_outside();
  void finish_outside() noexcept;

  /// An item that was entered. Where there is no memory for it, the process ends with a message.
  void enqueue_or_die(task& item) noexcept;

  void report_escaped(std::exception_ptr error) const noexcept;
  /// The same from any thread at any time; printed where the topology does not run any more.
  void report_unclaimed(std::exception_ptr error) noexcept;

  /// Throws would_block where `call` would stall a reactor; says what may be awaited instead.
  void require_may_wait(const char* call) const;
  /// Throws would_block when called by a task of this pool, which cannot end before the wait does.
  void wait_idle(const char* call = "wait_idle");
  /// The same, and until nothing is outstanding.
  void join();
  [[nodiscard]] std::string waits_for_itself(const char* call) const;
  /// The topology's; nullptr before its first start.
  [[nodiscard]] warning_sink* warnings() const noexcept;

  static constexpr std::size_t any_context = static_cast<std::size_t>(-1);

  // --- what the kinds differ in ---

  /// Hands over a task of a scope that the pool has accepted and that ends after it. On a worker of the pool it stays
  /// there, above those that the worker has spawned before, until somebody takes it. Throws std::bad_alloc; then the
  /// task was not taken.
  virtual void spawn_part(scope_task& item) = 0;

  /// submit() that may wait until the pool has room.
  virtual void submit_or_wait(task& item) { submit(item); }

  /// How the pool's worker `index`, which calls it, waits until `done` is set, and how another thread sets it.
  virtual void await(event& done, std::size_t index) noexcept = 0;
  virtual void set(event& done, std::size_t index) noexcept = 0;
  /// Throws pool_stopped while the pool does not run.
  [[nodiscard]] virtual boost::asio::execution_context& execution_context(std::size_t context) = 0;
  /// Work for `context` may run right here.
  [[nodiscard]] virtual bool serves_on_this_thread(std::size_t) const noexcept { return this_thread.works_for(this); }
  /// Forks of worker `index` that ran at once for want of room.
  [[nodiscard]] virtual std::uint64_t forked_inline(std::size_t /*index*/) const noexcept { return 0; }
  /// A context for work that is to stay in one, of pools that have several.
  [[nodiscard]] virtual std::size_t choose_context() noexcept { return any_context; }

  // --- for the topology ---

  /// How large a stack its threads need so that `stack_kib` of it are at the tasks' disposal.
  [[nodiscard]] virtual std::size_t stack_bytes() const noexcept { return spec_.stack_kib * 1024; }
  void start(topology_core& topology);
  void admit() noexcept;                ///< the start has succeeded: contexts and arenas may be used
  virtual void release() noexcept = 0;  ///< gate closed, all idle: ends every work()
  void abandon() noexcept;              ///< every pool's threads are joined: destroys what waits for I/O
  void stop() noexcept;                 ///< every pool has abandoned its I/O
  /// Everything is refused from now on, and nothing waited for.
  virtual void abandon_in_child() noexcept;
  virtual void work(thread_role role, std::size_t index) = 0;
  virtual void request_stop() noexcept {}
  /// False: the deadline has passed.
  [[nodiscard]] virtual bool join_managed_threads(deadline) noexcept { return true; }
  [[nodiscard]] virtual bool has_managed_threads() const noexcept { return false; }
  /// Those that have not ended.
  [[nodiscard]] virtual std::vector<managed_thread_facts> living_managed_threads() const { return {}; }

 protected:
  ~pool_core() = default;

  virtual void open() = 0;
  virtual void abandon_io() noexcept {}
  virtual void close() noexcept = 0;
  virtual void enqueue(task& item, std::size_t context) = 0;
  /// Hands the task to worker `worker` and no other. The task is accepted already and cannot be given back.
  virtual void direct(task& item, std::size_t worker) noexcept = 0;

  /// Counts tasks as accepted, for what does not go through submit(); see work_gate. Throws pool_stopped.
  void enter(std::uint64_t tasks, holding held);

  template <class F, class Allocator = std::allocator<void>>
  struct closure final : task {
    template <class Body>
    closure(pool_core& owner, Body&& body, const Allocator& memory)
        : task(&closure::run_and_free), pool(owner), f(std::forward<Body>(body)), allocator(memory) {}

    // The slot is free again before the function runs: a task that posts the next one takes it back, warm.
    // The closure is gone before the task counts as finished: an idle pool holds nobody's captures.
    static void run_and_free(task& item) noexcept {
      pool_core& pool = static_cast<closure&>(item).pool;
      try {
        struct owner {
          closure* item;
          void free() { delete_closure(std::exchange(item, nullptr)); }
          ~owner() {
            if (item != nullptr) free();
          }
        } self{static_cast<closure*>(&item)};
        F f(std::move(self.item->f));
        self.free();
        std::invoke(std::move(f));
      } catch (...) {
        pool.report_escaped(std::current_exception());
      }
      pool.finished();
    }

    static void free_unrun(task& item) noexcept { delete_closure(static_cast<closure*>(&item)); }

    pool_core& pool;
    F f;
    [[no_unique_address]] Allocator allocator;
  };

  template <class F, class Allocator = std::allocator<void>>
  auto* new_closure(F&& f, const Allocator& allocator = {}) {
    using item = closure<std::decay_t<F>, Allocator>;
    item* const bytes = allocate_item<item>(slots_for(allocator), allocator);
    try {
      return ::new (static_cast<void*>(bytes)) item(*this, std::forward<F>(f), allocator);
    } catch (...) {
      deallocate_item(slots_for(allocator), allocator, bytes);
      throw;
    }
  }

  template <class F, class Allocator>
  static void delete_closure(closure<F, Allocator>* item) noexcept {
    task_slab& slots = item->pool.slots_for(item->allocator);
    const Allocator allocator = item->allocator;
    std::destroy_at(item);
    deallocate_item(slots, allocator, item);
  }

 private:
  template <class Submit, class F>
  void post_by(const Submit& submit, F&& f) {
    auto* const item = new_closure(std::forward<F>(f));
    try {
      submit(*item);
    } catch (...) {
      delete_closure(item);
      throw;
    }
  }

  /// std::allocator says nothing: closures go into the pool's slots. Who names another one gets it used.
  template <class Allocator>
  [[nodiscard]] task_slab& slots_for(const Allocator&) noexcept {
    constexpr bool says_nothing = requires { typename Allocator::value_type; } &&
                                  std::is_same_v<Allocator, std::allocator<typename Allocator::value_type>>;
    return says_nothing ? slab_ : no_slots;
  }

  [[noreturn]] void refuse(std::uint64_t pieces);
  [[nodiscard]] bool is_abandoned() const noexcept;  ///< this is a forked child, and the topology ran at the fork
  [[nodiscard]] pinfold::worker_stats read_counters(std::size_t thread) const noexcept;
  [[nodiscard]] std::size_t number_of(thread_role role, std::size_t index) const noexcept;
  [[nodiscard]] bool try_enter(std::uint64_t tasks, holding held, admission as) noexcept;
  /// An item that was entered with a hold.
  void hand_over(task& item, std::size_t context);
  void set_aside(task& item) noexcept;
  [[nodiscard]] bool is_on_a_thread_of_the_topology() const noexcept;
  [[nodiscard]] bool admits_from_this_thread() const noexcept;

  const pool_spec& spec_;
  task_slab slab_;
  operation_slab operations_;
  std::span<work_gauge> gauges_;
  std::span<worker_counters> counters_;
  std::span<latency_counts> latencies_;
  work_gate gate_;
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> outside_{0};  // work that runs on threads of others
  work_gate outstanding_{work_gate::always_open};
  tracked_list tracked_;
  std::atomic<bool> running_{false};
  std::atomic<topology_core*> topology_{nullptr};  // the same in every run
  std::mutex aside_mutex_;
  task_list aside_;  // refused while draining; guarded by aside_mutex_
};

}  // namespace pinfold::detail
