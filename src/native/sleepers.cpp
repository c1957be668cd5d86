#include <pinfold/native/detail/sleepers.hpp>

#include <pinfold/native/detail/native_worker.hpp>

namespace pinfold::detail {

void sleepers::add(native_worker& worker, appetite who) noexcept {
  const std::lock_guard lock(mutex_);
  worker.appetite_ = who;
  worker.listed_ = true;
  worker.next_sleeper_ = top_;
  top_ = &worker;
  count_.fetch_add(1);
}

bool sleepers::leave(native_worker& worker) noexcept {
  const std::lock_guard lock(mutex_);
  if (!worker.listed_) return false;
  for (native_worker** link = &top_; *link != nullptr; link = &(*link)->next_sleeper_) {
    if (*link != &worker) continue;
    *link = worker.next_sleeper_;
    break;
  }
  worker.listed_ = false;
  count_.fetch_sub(1);
  return true;
}

bool sleepers::wake_one_of_list(work_kind what) noexcept {
  native_worker* chosen = nullptr;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    for (native_worker** link = &top_; *link != nullptr;) {
      native_worker& worker = **link;
      if (!takes(worker.appetite_, what)) {
        link = &worker.next_sleeper_;
      } else if (chosen == nullptr) {
        chosen = &worker;
        *link = worker.next_sleeper_;
      } else {
        more = true;
        break;
      }
    }
    if (chosen == nullptr) return false;
    chosen->listed_ = false;
    chosen->called_for_ = what;
    count_.fetch_sub(1);
  }
  chosen->unpark();
  return more;
}

}  // namespace pinfold::detail
