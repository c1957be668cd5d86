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

# GCC's thread sanitizer says that it does not model the fences in Boost.Asio's headers.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
  add_compile_options(-Wno-tsan)
endif()
