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

native_worker** sleepers::find_deep() noexcept {
  native_worker** link = &top_;
  while (*link != nullptr && (*link)->appetite_ != appetite::deep) link = &(*link)->next_sleeper_;
  return *link == nullptr ? nullptr : link;
}

bool sleepers::wake_one_of_list(work_kind what) noexcept {
  native_worker* chosen = nullptr;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    native_worker** link_to_chosen = nullptr;
    for (native_worker** link = &top_; *link != nullptr; link = &(*link)->next_sleeper_) {
      const appetite who = (*link)->appetite_;
      if (!takes(who, what)) continue;
      more = link_to_chosen != nullptr;
      if (link_to_chosen == nullptr || (*link_to_chosen)->appetite_ < who) link_to_chosen = link;
      if (more && (*link_to_chosen)->appetite_ == appetite::idle) break;
    }
    if (link_to_chosen == nullptr && all_sleep()) link_to_chosen = find_deep();
    if (link_to_chosen == nullptr) return false;
    chosen = *link_to_chosen;
    *link_to_chosen = chosen->next_sleeper_;
    chosen->listed_ = false;
    chosen->called_for_ = what;
    count_.fetch_sub(1);
  }
  chosen->unpark();
  return more;
}

}  // namespace pinfold::detail
