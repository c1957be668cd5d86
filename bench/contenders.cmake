# How the C++ contenders are built.

find_package(OpenMP QUIET COMPONENTS CXX)

# bench_add_program(WORKLOAD CONTENDER): the target bench_WORKLOAD_CONTENDER.
#
# pinfold_VARIANT is pinfold's program with idle = "VARIANT" in its pool. Pinfold's programs link statically: with no
# TBB pool a program needs no shared library.
function(bench_add_program workload contender)
  set(target bench_${workload}_${contender})
  string(REGEX REPLACE "^pinfold_.*" pinfold source ${contender})
  add_executable(${target} ${workload}/${source}.cpp)
  target_link_libraries(${target} PRIVATE bench_harness)
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${contender}
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/${workload}")

  if(source STREQUAL "pinfold")
    _bench_topology(topology ${workload} ${contender})
    target_link_libraries(${target} PRIVATE ${topology})
    target_link_options(${target} PRIVATE -static)
  elseif(source STREQUAL "tbb")
    target_link_libraries(${target} PRIVATE TBB::tbb)
  elseif(source STREQUAL "openmp")
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX)
  elseif(source STREQUAL "asio")
    target_link_libraries(${target} PRIVATE Boost::headers Threads::Threads)
  endif()
endfunction()

# Sets OUT to the library of the suite's topology, with what the workload and the variant lay over it.
function(_bench_topology out workload contender)
  set(name bench)
  set(layers "")
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${workload}/topology.toml")
    string(APPEND name "_${workload}")
    list(APPEND layers OVERLAYS ${workload}/topology.toml)
  endif()
  if(contender MATCHES "^pinfold_(.*)$")
    string(APPEND name "_${CMAKE_MATCH_1}")
    list(APPEND layers SET native.one.idle=${CMAKE_MATCH_1})
  endif()
  set(target ${name}_topology)
  if(NOT TARGET ${target})
    pinfold_add_topology(${target} FILE topology.toml ${layers})
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
  add_test(NAME "${name}" COMMAND bench_${workload}_${contender} --workers ${workers} --size ${size})
  # The machine's own map must not move what the topology pins.
  set_tests_properties("${name}" PROPERTIES
    LABELS bench_smoke
    TIMEOUT 60
    ENVIRONMENT_MODIFICATION PINFOLD_CPU_MAP=unset:)
endfunction()
