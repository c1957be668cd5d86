// Memory that a test gives to an allocator, counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory_resource>

namespace pinfold_test {

class counted_memory final : public std::pmr::memory_resource {
 public:
  [[nodiscard]] int live() const noexcept { return live_; }
  [[nodiscard]] int ever() const noexcept { return ever_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    ++live_;
    ++ever_;
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* item, std::size_t bytes, std::size_t alignment) override {
    --live_;
    std::pmr::new_delete_resource()->deallocate(item, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  std::atomic<int> live_{0};
  std::atomic<int> ever_{0};
};

}  // namespace pinfold_test
