# How the C++ contenders are built.

# Sets SOURCE to the contender's file in WORKLOAD, which has the longest name that the contender's begins with, and
# VARIANT to the words that are left.
function(bench_source source variant workload contender)
  set(prefix ${contender})
  while(prefix)
    foreach(language IN ITEMS cpp rs py)
      if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${workload}/${prefix}.${language}")
        string(LENGTH ${prefix} length)
        string(SUBSTRING ${contender} ${length} -1 rest)
        string(REGEX REPLACE "^_" "" rest "${rest}")
        set(${source} ${workload}/${prefix}.${language} PARENT_SCOPE)
        set(${variant} "${rest}" PARENT_SCOPE)
        return()
      endif()
    endforeach()
    if(NOT prefix MATCHES "_")
      message(FATAL_ERROR "bench/suite.json: ${workload} has no source for ${contender}")
    endif()
    string(REGEX REPLACE "_[^_]*$" "" prefix ${prefix})
  endwhile()
endfunction()

# bench_add_program(WORKLOAD CONTENDER): the target bench_WORKLOAD_CONTENDER.
#
# The source finds its variant in BENCH_VARIANT. Pinfold's programs link statically where they can: with no TBB pool a
# program needs no shared library.
function(bench_add_program workload contender)
  set(target bench_${workload}_${contender})
  bench_source(source variant ${workload} ${contender})
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE bench_harness)
  target_compile_definitions(${target} PRIVATE "BENCH_VARIANT=\"${variant}\"")
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${contender}
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/${workload}")

  if(contender MATCHES "^pinfold")
    _bench_topology(topology ${workload} "${variant}")
    target_link_libraries(${target} PRIVATE ${topology})
    if(workload STREQUAL "bridge")
      # It takes malloc's place, which a program can do only where the C library is shared.
      target_link_libraries(${target} PRIVATE bench_counting_allocator)
    elseif(NOT contender MATCHES "_tbb")
      target_link_options(${target} PRIVATE -static)
    endif()
  elseif(contender MATCHES "tbb")
    target_link_libraries(${target} PRIVATE TBB::tbb)
  elseif(contender STREQUAL "openmp")
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  elseif(contender STREQUAL "moodycamel")
    target_include_directories(${target} SYSTEM PRIVATE "${PINFOLD_BENCH_CONCURRENTQUEUE}")
  endif()
  if(contender MATCHES "asio")
    target_link_libraries(${target} PRIVATE Boost::headers)
  endif()
  target_link_libraries(${target} PRIVATE Threads::Threads)
endfunction()

# Sets OUT to the library of the program's topology. For a variant KIND[_IDLE] it is KIND.toml, of the workload or of
# the harness, with IDLE in each of its pools; else the suite's, with what the workload lays over it.
function(_bench_topology out workload variant)
  set(name bench)
  set(layers "")
  if(variant)
    string(REGEX MATCH "^([a-z]+)_?([a-z]*)$" kind ${variant})
    set(kind ${CMAKE_MATCH_1})
    set(idle ${CMAKE_MATCH_2})
    set(file ${workload}/${kind}.toml)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
      string(APPEND name "_${workload}")
    else()
      set(file harness/one_worker/${kind}.toml)
      string(APPEND name "_one_worker")
    endif()
    string(APPEND name "_${variant}")
    if(idle)
      file(STRINGS ${file} pools REGEX "^\\[(asio|native|tbb)\\.")
      list(TRANSFORM pools REPLACE "\\[(.*)\\].*" "\\1.idle=${idle}")
      set(layers SET ${pools})
    endif()
  else()
    set(file topology.toml)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${workload}/topology.toml")
      string(APPEND name "_${workload}")
      set(layers OVERLAYS ${workload}/topology.toml)
    endif()
  endif()
  set(target ${name}_topology)
  if(NOT TARGET ${target})
    pinfold_add_topology(${target} FILE ${file} ${layers})
  endif()
  set(${out} ${target} PARENT_SCOPE)
endfunction()

# bench_add_smoke_test(WORKLOAD CONTENDER SIZE): a run so small that only its answer is of interest.
function(bench_add_smoke_test workload contender size)
  if(NOT PINFOLD_BUILD_TESTS)
    return()
  endif()
  set(workers 2)
  string(JSON only ERROR_VARIABLE any GET "${suite}" ${workload} workers 0)
  if(contender STREQUAL "serial")
    set(workers 1)
  elseif(NOT any)
    set(workers ${only})
  endif()
  set(name "bench: ${workload}/${contender} finds the answer")
  add_test(NAME "${name}" COMMAND "${CMAKE_CURRENT_BINARY_DIR}/${workload}/${contender}" --workers ${workers} --size ${size})
  # The machine's own map must not move what the topology pins.
  set_tests_properties("${name}" PROPERTIES
    LABELS bench_smoke
    TIMEOUT 120
    ENVIRONMENT_MODIFICATION PINFOLD_CPU_MAP=unset:
    SKIP_REGULAR_EXPRESSION "SCHED_FIFO [0-9]+ refused")
endfunction()
