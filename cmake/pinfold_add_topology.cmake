# pinfold_add_topology(TARGET FILE md.toml [OVERLAYS a.toml ...] [MACHINE prod.xml|host] [SET key=value ...])
#
# A static library TARGET with the pools of md.toml and, for those who link it, the header <NAME/topology.hpp>, where
# NAME is the topology's name. It links the back ends that the topology uses and no other. The generator runs when the
# library is built and only if the topology, an overlay or the generator changed; the header's users are compiled again
# only if the header changed.
#
# The environment's PINFOLD_SET is a layer between the overlays and SET. It is read when CMake configures, as CXXFLAGS
# is, so that a build does not depend on the shell that it is started from: after changing it, run cmake again.

include_guard(GLOBAL)

function(pinfold_add_topology target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILE;MACHINE" "OVERLAYS;SET")
  if(NOT arg_FILE)
    message(FATAL_ERROR "pinfold_add_topology(${target}): FILE is missing; write FILE md.toml")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}; "
      "it takes FILE, OVERLAYS, MACHINE and SET")
  endif()

  _pinfold_locate(${target} file "${arg_FILE}")
  _pinfold_locate(${target} overlays ${arg_OVERLAYS})
  set(machine "${arg_MACHINE}")
  if(machine AND NOT machine STREQUAL "host")
    _pinfold_locate(${target} machine "${machine}")
  endif()
  _pinfold_layers(layers "${file}" "${overlays}" "${machine}" "${arg_SET}")
  set(inputs "${file}" ${overlays} ${machine})
  list(REMOVE_ITEM inputs host)

  _pinfold_generator(generator)
  _pinfold_survey(name kinds "${generator}" ${target} "${file}" "${layers}")
  set(libraries pinfold::core)
  foreach(kind IN LISTS kinds)
    _pinfold_require_back_end(${target} ${kind} "${file}")
    list(APPEND libraries pinfold::${kind})
  endforeach()

  list(TRANSFORM inputs PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")

  # The stamp is new after every run, so that make, too, sees that the generator ran; the generated files are not, so
  # that nobody is compiled again without need.
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}_generated")
  set(stamp "${out}/${target}.stamp")
  set(generated ${name}/topology.hpp ${name}/topology.cpp ${name}/topology.json ${name}/topology.txt)
  list(TRANSFORM generated PREPEND "${out}/")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(
    OUTPUT "${stamp}"
    BYPRODUCTS ${generated}
    COMMAND ${generator} generate "${file}" --out "${out}" --depfile "${stamp}.d" ${layers}
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS ${inputs}
    DEPFILE "${stamp}.d"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "Generating the pools of ${file}"
    VERBATIM)
  # Another pool may need another back end, and another name another folder.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})

  add_library(${target} STATIC "${stamp}" ${generated})
  target_include_directories(${target} PUBLIC "${out}")
  target_link_libraries(${target} PUBLIC ${libraries})
endfunction()

# Sets OUT to the paths relative to the current source folder: what diagnostics and generated files call them.
function(_pinfold_locate target out)
  set(located "")
  foreach(path IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE absolute)
    if(NOT EXISTS "${absolute}" OR IS_DIRECTORY "${absolute}")
      message(FATAL_ERROR "pinfold_add_topology(${target}): there is no file ${absolute}")
    endif()
    cmake_path(RELATIVE_PATH absolute BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND located "${absolute}")
  endforeach()
  set(${out} "${located}" PARENT_SCOPE)
endfunction()

# Sets OUT to the generator's options for what is laid over the topology file.
function(_pinfold_layers out file overlays machine settings)
  set(layers "")
  foreach(overlay IN LISTS overlays)
    list(APPEND layers --overlay "${overlay}")
  endforeach()
  if(machine)
    if(NOT machine STREQUAL "host")
      # Here it is relative to the source folder, there to the topology file.
      cmake_path(GET file PARENT_PATH folder)
      cmake_path(RELATIVE_PATH machine BASE_DIRECTORY "${folder}")
    endif()
    list(APPEND layers --set "topology.machine=${machine}")
  endif()
  foreach(setting IN LISTS settings)
    list(APPEND layers --set "${setting}")
  endforeach()
  set(${out} "${layers}" PARENT_SCOPE)
endfunction()

# Sets OUT to the command line of the generator, with the PINFOLD_SET of this configuration.
function(_pinfold_generator out)
  pinfold_find_python(python)
  set(environment --unset=PINFOLD_SET)
  if(DEFINED ENV{PINFOLD_SET})
    string(REPLACE ";" "\\;" value "$ENV{PINFOLD_SET}")
    set(environment "PINFOLD_SET=${value}")
  endif()
  cmake_path(SET program NORMALIZE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../codegen/pinfold")
  set(${out}
    "${CMAKE_COMMAND}" -E env "PINFOLD_PYTHON=${python}" "${environment}" "${program}" PARENT_SCOPE)
endfunction()

# Sets NAME and KINDS to the topology's name and the kinds of its pools. A topology with errors has neither: its
# diagnostics belong into the build's output, so it gets every back end there is and a name that is never generated.
function(_pinfold_survey name kinds generator target file layers)
  execute_process(
    COMMAND ${generator} kinds "${file}" ${layers}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    RESULT_VARIABLE status
    OUTPUT_VARIABLE answer
    ERROR_QUIET
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(status EQUAL 0 AND answer MATCHES "^([a-z;]*)\n([A-Za-z0-9_]+)$")
    set(${kinds} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    set(${name} "${CMAKE_MATCH_2}" PARENT_SCOPE)
    return()
  endif()
  message(STATUS "pinfold: ${file} (target ${target}) has errors; the build will show them")
  set(available "")
  foreach(kind IN ITEMS asio tbb native)
    if(TARGET pinfold::${kind})
      list(APPEND available ${kind})
    endif()
  endforeach()
  set(${kinds} "${available}" PARENT_SCOPE)
  set(${name} "${target}" PARENT_SCOPE)
endfunction()

function(_pinfold_require_back_end target kind file)
  if(TARGET pinfold::${kind})
    return()
  endif()
  if(kind STREQUAL "tbb" AND NOT PINFOLD_WITH_TBB)
    set(reason "PINFOLD_WITH_TBB is off; configure with -DPINFOLD_WITH_TBB=ON")
  elseif(kind STREQUAL "tbb")
    set(reason
      "CMake found no TBB; install it (Debian: apt-get install libtbb-dev), or say where it is: -DTBB_DIR=/path/to/cmake")
  else()
    set(reason "this build of pinfold has no ${kind} pools")
  endif()
  message(FATAL_ERROR "pinfold_add_topology(${target}): ${file} has ${kind} pools, and ${reason}")
endfunction()
