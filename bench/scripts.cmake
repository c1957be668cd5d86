# How contenders that are Python programs come to where the runner starts them.

pinfold_find_python(bench_python)

# bench_add_script(WORKLOAD CONTENDER): the target bench_WORKLOAD_CONTENDER.
#
# The script finds its variant in --variant. For a variant that ends in "gcc" or "clang", --compiler is that one.
function(bench_add_script workload contender)
  bench_source(source variant ${workload} ${contender})
  set(options "--variant '${variant}'")
  if(variant MATCHES "(gcc|clang)$")
    string(APPEND options " --compiler '${bench_${CMAKE_MATCH_1}}'")
  endif()
  set(launcher "${CMAKE_CURRENT_BINARY_DIR}/${workload}/${contender}")
  file(WRITE "${launcher}"
    "#!/bin/sh\nexec '${bench_python}' '${CMAKE_CURRENT_SOURCE_DIR}/${source}' ${options} \"$@\"\n")
  file(CHMOD "${launcher}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE)
  add_custom_target(bench_${workload}_${contender})
endfunction()
