#include <pinfold/tbb/detail/serial_strays.hpp>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pinfold/detail/os.hpp>

namespace pinfold::detail {
namespace {

namespace tbb = oneapi::tbb;
constexpr auto parallelism = tbb::global_control::max_allowed_parallelism;

// The parked worker waits until this moves on. Static: the worker may look at it after everything else is gone.
constinit std::atomic<std::uint32_t> parking{0};

// Its arena has high priority, and as long as the worker is wanted there TBB allots it to no other. Nobody waits for it
// to come: it may be busy with work from before.
class parked_worker {
 public:
  parked_worker() {
    const std::uint32_t ticket = parking.load();
    arena_.enqueue([ticket] {
      const std::string name = os::thread_name();
      rename_to("tbb-parked");
      os::block_asynchronous_signals();  // and leaves it so, whatever TBB uses it for then
      parking.wait(ticket);
      rename_to(name);
    });
  }
  parked_worker(const parked_worker&) = delete;
  parked_worker& operator=(const parked_worker&) = delete;
  ~parked_worker() {
    ++parking;
    parking.notify_all();
  }

 private:
  // For people who look at the process's threads: TBB's worker has the name of the thread that started it. Without
  // consequences if it fails.
  static void rename_to(std::string_view name) { [[maybe_unused]] const auto refused = os::set_thread_name(name); }

  tbb::task_arena arena_{2, 1, tbb::task_arena::priority::high};
};

// One worker and the place where it stays; none at all where the program itself allows TBB none, since then nobody
// would come. (The program's limit may go while pinfold's stays.)
struct serial_tbb {
  serial_tbb() {
    const bool has_worker = tbb::global_control::active_value(parallelism) > 1;
    if (has_worker) {
      worker.emplace();
    } else {
      no_worker.emplace(parallelism, 1);
    }
  }

  tbb::global_control one_worker{parallelism, 2};
  std::optional<tbb::global_control> no_worker;
  std::optional<parked_worker> worker;
};

constinit std::mutex mutex;
constinit std::size_t users = 0;
constinit serial_tbb* serial = nullptr;  // while there are users

}  // namespace

serial_strays::serial_strays() {
  const std::lock_guard lock(mutex);
  if (users == 0) serial = new serial_tbb;
  ++users;
}

serial_strays::~serial_strays() {
  const std::lock_guard lock(mutex);
  if (--users == 0) delete std::exchange(serial, nullptr);
}

}  // namespace pinfold::detail
