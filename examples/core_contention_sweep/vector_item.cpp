#include "vector_item.hpp"

#include <array>
#include <cstddef>

namespace demo {
namespace {

using vector [[gnu::vector_size(64)]] = float;  // in parts where the processor's vectors are narrower

// Always inlined, so that each caller below compiles it for its own instructions.
[[gnu::always_inline]] inline void multiply_and_add() {
  constexpr std::size_t length = 64;
  constexpr int passes = 64;
  std::array<vector, length> values{};
  for (int pass = 0; pass < passes; ++pass) {
    for (vector& value : values) value = value * 0.999F + 0.001F;
    asm volatile("" : : "r"(values.data()) : "memory");  // as if somebody read them
  }
}

void by_default() { multiply_and_add(); }

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void by_avx2() { multiply_and_add(); }
[[gnu::target("avx512f")]] void by_avx512() { multiply_and_add(); }
#endif

struct implementation {
  void (*run)();
  std::string_view instructions;
};

implementation chosen() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") != 0) return {by_avx512, "AVX-512"};
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) return {by_avx2, "AVX2 and FMA"};
#endif
  return {by_default, "the compiler's default"};
}

}  // namespace

void (*vector_item())() { return chosen().run; }
std::string_view vector_instructions() { return chosen().instructions; }

}  // namespace demo
