// An item of a computation that keeps the widest vector units of the processor busy.
#pragma once

#include <string_view>

namespace demo {

/// Some microseconds of fused multiply-adds within the first-level cache, compiled for the processor that runs it.
void (*vector_item())();

/// "AVX-512", "AVX2 and FMA" or "the compiler's default".
std::string_view vector_instructions();

}  // namespace demo
