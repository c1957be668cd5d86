# Settings for building pinfold itself, as opposed to using it: warnings, ccache, compile_commands.json.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo or MinSizeRel" FORCE)
endif()

find_program(PINFOLD_CCACHE ccache DOC "Compiler cache, used where there is one")
mark_as_advanced(PINFOLD_CCACHE)
if(PINFOLD_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PINFOLD_CCACHE}")
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
# GCC 12 sees impossible overlaps in std::string's operator+ (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()
if(PINFOLD_WERROR)
  add_compile_options(-Werror)
endif()

# GCC's null check of a thread_local's address tests flags that the linker's TLS relaxation (add to lea) leaves unset. What
# is really null faults, and the address sanitizer says where.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "undefined")
  add_compile_options(-fno-sanitize=null)
endif()

# What the sanitizers add makes GCC 12 doubt std::optional.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_compile_options(-Wno-maybe-uninitialized)
endif()

# PINFOLD_SANITIZER_ENVIRONMENT: what tests run with, for their ENVIRONMENT.
set(PINFOLD_SANITIZER_ENVIRONMENT "")
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=[a-z,]*thread")
  string(JOIN ":" tsan_options
    "suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tests/tsan.supp" halt_on_error=1 second_deadlock_stack=1 atexit_sleep_ms=0
    report_signal_unsafe=0)  # Catch's handler of an abort that a test asks for
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It says that it does not model the fences in Boost.Asio's headers.
    add_compile_options(-Wno-tsan)
  else()
    # clang's knows the names that suppressions speak of only through its symbolizer.
    find_program(PINFOLD_LLVM_SYMBOLIZER NAMES llvm-symbolizer-19 llvm-symbolizer)
    mark_as_advanced(PINFOLD_LLVM_SYMBOLIZER)
    if(PINFOLD_LLVM_SYMBOLIZER)
      string(APPEND tsan_options ":external_symbolizer_path=${PINFOLD_LLVM_SYMBOLIZER}")
    endif()
  endif()
  set(PINFOLD_SANITIZER_ENVIRONMENT "TSAN_OPTIONS=${tsan_options}")
endif()
