#include "counting_allocator.hpp"

#include <dlfcn.h>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace {

constinit std::atomic<std::size_t> allocations{0};

void count() { allocations.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

namespace pinfold_test {

std::size_t allocations_so_far() { return allocations.load(); }

}  // namespace pinfold_test

// glibc's own functions under the names that it keeps for those who replace them.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* bytes, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}

void* calloc(std::size_t items, std::size_t size) {
  count();
  return __libc_calloc(items, size);
}

void* realloc(void* bytes, std::size_t size) {
  count();
  return __libc_realloc(bytes, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** bytes, std::size_t alignment, std::size_t size) {
  *bytes = memalign(alignment, size);
  return *bytes == nullptr ? ENOMEM : 0;
}

// TBB takes its memory from libtbbmalloc where it can load it, and from malloc otherwise. Without libtbbmalloc its
// allocations are counted like all others.
void* dlopen(const char* file, int mode) {
  if (file != nullptr && std::strstr(file, "tbbmalloc") != nullptr) return nullptr;
  using function = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<function>(dlsym(RTLD_NEXT, "dlopen"));
  return next(file, mode);
}

}  // extern "C"
