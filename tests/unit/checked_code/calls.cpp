// What a checked build adds to calls: no_trace.py looks at the machine code of this file, checked and not. The
// functions X and X_plain are the same but for the public member's place.
#include <mutex>
#include <type_traits>

#include <pinfold/checked_mutex.hpp>
#include <reactors/topology.hpp>

namespace {

auto& work = reactors::native_pools::work;
auto& shared = reactors::asio_pools::shared;

#if !PINFOLD_CHECKED
static_assert(std::is_empty_v<pinfold::detail::call_site>);
static_assert(sizeof(pinfold::checked_mutex) == sizeof(std::mutex));
static_assert(sizeof(pinfold::detail::submission) == sizeof(void*));
static_assert(std::is_same_v<decltype(pinfold::detail::send(work.core(), {}, std::declval<int (&)()>())), int (&)()>);
#endif

struct increment {
  int* number;
  void operator()() const { ++*number; }
};

}  // namespace

extern "C" {

void post(int& number) { shared.post(increment{&number}); }
void post_plain(int& number) { shared.core().post(increment{&number}); }

void post_to_native(int& number) { work.post(increment{&number}); }
void post_to_native_plain(int& number) { work.core().post(increment{&number}); }

void locking(pinfold::checked_mutex& mutex) { mutex.lock(); }
void locking_plain(std::mutex& mutex) { mutex.lock(); }

void unlocking(pinfold::checked_mutex& mutex) { mutex.unlock(); }
void unlocking_plain(std::mutex& mutex) { mutex.unlock(); }

bool try_locking(pinfold::checked_mutex& mutex) { return mutex.try_lock(); }
bool try_locking_plain(std::mutex& mutex) { return mutex.try_lock(); }

int every_other_call() {
  int sum = work.install([] { return 1; }) + static_cast<int>(work.broadcast([] { return 1; }).size());
  if (!work.try_post([] {})) sum = 0;
  work.spawn([] {});
  work.spawn_fifo([] {});
  work.spawn_broadcast([] {});
  work.spawn_future([] {}).get();
  work.async_invoke([] {}, [](const std::exception_ptr&) {});
  work.scope([](auto& scope) { scope.spawn([] {}); });
  work.wait_idle();
  work.join();
  return sum;
}
}
