// A share of something that counts its owners itself.
#pragma once

#include <utility>

namespace pinfold::detail {

/// `T` has retain() and release(), the last of which ends its life.
template <class T>
class shared_ref {
 public:
  /// Takes over a share that is counted already.
  explicit shared_ref(T& object) noexcept : object_(&object) {}
  shared_ref(const shared_ref& other) noexcept : object_(other.object_) { object_->retain(); }
  shared_ref(shared_ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  shared_ref& operator=(shared_ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~shared_ref() {
    if (object_ != nullptr) object_->release();
  }

  static shared_ref another(T& object) noexcept {
    object.retain();
    return shared_ref(object);
  }
  [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
  T* operator->() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }

 private:
  T* object_;
};

}  // namespace pinfold::detail
