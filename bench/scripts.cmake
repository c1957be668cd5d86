# How contenders that are Python programs come to where the runner starts them.

pinfold_find_python(bench_python)

# bench_add_script(WORKLOAD CONTENDER): the target bench_WORKLOAD_CONTENDER.
#
# The script finds its variant in --variant, and in --compiler the one that the variant ends in, "gcc" or "clang", or
# else the one that builds the other contenders. Pinfold's are built with its libraries, which stand in --libraries.
function(bench_add_script workload contender)
  bench_source(source variant ${workload} ${contender})
  set(compiler "${CMAKE_CXX_COMPILER}")
  if(variant MATCHES "(gcc|clang)$")
    set(compiler "${bench_${CMAKE_MATCH_1}}")
  endif()
  set(target bench_${workload}_${contender})
  add_custom_target(${target})
  set(libraries "")
  if(contender MATCHES "^pinfold_(asio|native|tbb)$")
    foreach(library IN ITEMS pinfold_${CMAKE_MATCH_1} pinfold_core)
      list(APPEND libraries "$<TARGET_FILE:${library}>")
      add_dependencies(${target} ${library})
    endforeach()
  endif()
  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${workload}/${contender}"
    CONTENT "#!/bin/sh
PYTHONPATH='${CMAKE_CURRENT_SOURCE_DIR}/harness' exec '${bench_python}' \\
  '${CMAKE_CURRENT_SOURCE_DIR}/${source}' \\
  --variant '${variant}' --compiler '${compiler}' --libraries '${libraries}' \"$@\"
"
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE)
endfunction()
