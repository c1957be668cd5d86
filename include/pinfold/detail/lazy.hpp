// Static storage for an object that lives only while its pool runs.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace pinfold::detail {

/// Trivially destructible and constant-initialised, so that a pool needs no static-initialisation order. The owner
/// calls emplace() and reset() in turn; nobody else may look in between.
template <class T>
class lazy {
 public:
  template <class... Arguments>
  T& emplace(Arguments&&... arguments) {
    return *std::construct_at(reinterpret_cast<T*>(bytes_), std::forward<Arguments>(arguments)...);
  }
  void reset() noexcept { std::destroy_at(&**this); }

  T& operator*() noexcept { return *std::launder(reinterpret_cast<T*>(bytes_)); }
  T* operator->() noexcept { return &**this; }

 private:
  alignas(T) std::byte bytes_[sizeof(T)]{};
};

}  // namespace pinfold::detail
