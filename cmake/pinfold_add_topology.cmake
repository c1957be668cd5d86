# pinfold_add_topology(TARGET FILE md.toml [OVERLAYS a.toml ...] [MACHINE prod.xml|host] [SET key=value ...]
#                      [GENERATED DIR])
#
# A static library TARGET with the pools of md.toml and, for those who link it, the header <NAME/topology.hpp>, where
# NAME is the topology's name. It links the back ends that the topology uses and no other. The generator runs when the
# library is built and only if the topology, a file that it reads or the generator changed; the header's users are
# compiled again only if the header changed.
#
# The environment's PINFOLD_SET is a layer between the overlays and SET. It is read when CMake configures, as CXXFLAGS
# is, so that a build does not depend on the shell that it is started from: after changing it, run cmake again.
#
# With GENERATED the files are those in DIR, which the project keeps in its repository, and no Python is needed. Where
# they are not what the generator would write, the build says so and fails; TARGET_regenerate writes them anew.
#
# docs/build.md has more.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/pinfold_checked_in.cmake")

set_property(GLOBAL PROPERTY PINFOLD_VERSION "${pinfold_VERSION}")

set(PINFOLD_DIAGNOSTICS AUTO CACHE STRING
  "Form of the generator's messages in builds: text, gcc, msvc, github, or AUTO, which is what the IDE or workflow reads")
set_property(CACHE PINFOLD_DIAGNOSTICS PROPERTY STRINGS AUTO text gcc msvc github)

function(pinfold_add_topology target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILE;MACHINE;GENERATED" "OVERLAYS;SET")
  if(NOT arg_FILE)
    message(FATAL_ERROR "pinfold_add_topology(${target}): FILE is missing; write FILE md.toml")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}; "
      "it takes FILE, OVERLAYS, MACHINE, SET and GENERATED")
  endif()
  if("GENERATED" IN_LIST arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "pinfold_add_topology(${target}): GENERATED needs the folder of the generated files")
  endif()

  if(CMAKE_CURRENT_BINARY_DIR MATCHES "[#<>]")
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): CMake takes no '${CMAKE_MATCH_0}' in the path of the build folder, "
      "${CMAKE_CURRENT_BINARY_DIR}, where files are generated. Build in a folder without it")
  endif()

  _pinfold_locate(${target} file "${arg_FILE}")
  _pinfold_locate(${target} overlays ${arg_OVERLAYS})
  _pinfold_machine(inputs settings ${target} "${file}" "${arg_MACHINE}")
  list(APPEND settings ${arg_SET})
  if(settings MATCHES "\\$<")
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): SET takes no generator expression: the topology is read when CMake configures, "
      "too. Give the values here: ${arg_SET}")
  endif()
  list(PREPEND inputs "${file}" ${overlays})
  _pinfold_absolute(inputs)
  set(layers "")
  foreach(overlay IN LISTS overlays)
    list(APPEND layers --overlay "${overlay}")
  endforeach()
  foreach(setting IN LISTS settings)
    list(APPEND layers --set "${setting}")
  endforeach()
  if(CMAKE_CROSSCOMPILING)
    list(APPEND layers --cross-compiling)
  endif()

  if(arg_GENERATED)
    cmake_path(ABSOLUTE_PATH arg_GENERATED BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE out)
    _pinfold_request(request "${file}" "${overlays}" "${settings}")
    _pinfold_add_checked_in(name kinds ${target} "${file}" "${layers}" "${request}" "${out}")
  else()
    set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}_generated")
    _pinfold_add_generation(name kinds ${target} "${file}" "${layers}" "${inputs}" "${out}")
  endif()
  # Another pool may need another back end, and another name another folder.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${inputs})

  set(libraries pinfold::core)
  foreach(kind IN LISTS kinds)
    _pinfold_require_back_end(${target} ${kind} "${file}")
    list(APPEND libraries pinfold::${kind})
  endforeach()
  _pinfold_generated_files(generated "${out}/${name}")
  add_library(${target} STATIC "${CMAKE_CURRENT_BINARY_DIR}/${target}_generated/${target}.stamp" ${generated})
  target_include_directories(${target} PUBLIC "${out}")
  # Two layouts of one name have the same objects. Where one target links both, CMake's message names it and this
  # property; where they come through libraries, the linker's names a symbol of the generated source.
  string(MAKE_C_IDENTIFIER "TWO_TOPOLOGIES_ARE_CALLED_${name}" property)
  set_target_properties(${target} PROPERTIES
    COMPATIBLE_INTERFACE_STRING ${property}
    INTERFACE_${property} "${inputs} ${settings}")
  target_link_libraries(${target} PUBLIC ${libraries})
endfunction()

# The generator runs in the build. Sets NAME and KINDS.
function(_pinfold_add_generation name kinds target file layers inputs out)
  pinfold_find_python(python)
  _pinfold_generator(generator "${python}")
  _pinfold_survey(its_name its_kinds "${generator}" ${target} "${file}" "${layers}")
  _pinfold_diagnostics(form)
  set(comment "Generating the pools of ${file}")
  if(NOT its_name)
    # Its diagnostics belong into the build's output, so there is one, for files that are never generated.
    set(its_name ${target})
  else()
    string(APPEND comment "; report: ${out}/${its_name}/topology.txt")
    set(with ${layers})
    list(FILTER with EXCLUDE REGEX "^--")
    list(JOIN with ", " with)
    if(with)
      string(PREPEND with ", with ")
    endif()
    message(STATUS
      "pinfold: link ${target} for <${its_name}/topology.hpp>; the build reports on ${file}${with} in "
      "${out}/${its_name}/topology.txt")
  endif()

  # The stamp is new after every run, so that make, too, sees that the generator ran; the generated files are not, so
  # that nobody is compiled again without need.
  set(stamp "${out}/${target}.stamp")
  _pinfold_generated_files(generated "${out}/${its_name}")
  file(MAKE_DIRECTORY "${out}")
  add_custom_command(
    OUTPUT "${stamp}"
    BYPRODUCTS ${generated} "${out}/${its_name}/topology.inputs"
    COMMAND ${generator} generate "${file}" --out "${out}" --sole --depfile "${stamp}.d" --format ${form} --absolute
      ${layers}
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS ${inputs}
    DEPFILE "${stamp}.d"
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "${comment}"
    VERBATIM)
  set(${name} "${its_name}" PARENT_SCOPE)
  set(${kinds} "${its_kinds}" PARENT_SCOPE)
endfunction()

function(_pinfold_generated_files out folder)
  set(files topology.hpp topology.cpp topology.json topology.txt)
  list(TRANSFORM files PREPEND "${folder}/")
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# Sets OUT to the paths relative to the current source folder: what diagnostics and generated files call them.
function(_pinfold_locate target out)
  set(located "")
  foreach(path IN LISTS ARGN)
    if(path MATCHES "[|\\]|\\$<")
      message(FATAL_ERROR
        "pinfold_add_topology(${target}): CMake and Ninja take no '${CMAKE_MATCH_0}' in the name of a file, ${path}. "
        "Call it something else")
    endif()
    cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE absolute)
    if(NOT EXISTS "${absolute}" OR IS_DIRECTORY "${absolute}")
      message(FATAL_ERROR
        "pinfold_add_topology(${target}): there is no file ${absolute}. Where it has moved, say so here: paths are "
        "relative to this CMakeLists.txt's folder")
    endif()
    cmake_path(RELATIVE_PATH absolute BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND located "${absolute}")
  endforeach()
  set(${out} "${located}" PARENT_SCOPE)
endfunction()

# Sets INPUTS to the machine's file and SETTINGS to what makes it the topology's, both empty without MACHINE.
function(_pinfold_machine inputs settings target file machine)
  set(${inputs} "" PARENT_SCOPE)
  set(${settings} "" PARENT_SCOPE)
  if(NOT machine)
    return()
  endif()
  if(machine STREQUAL "host")
    if(CMAKE_CROSSCOMPILING)
      message(FATAL_ERROR
        "pinfold_add_topology(${target}): MACHINE host is the machine that builds, and this build is for another "
        "(${CMAKE_SYSTEM_NAME} ${CMAKE_SYSTEM_PROCESSOR}). Describe that one: run lstopo machine.xml there, and write "
        "MACHINE machine.xml")
    endif()
  else()
    _pinfold_locate(${target} machine "${machine}")
    set(${inputs} "${machine}" PARENT_SCOPE)
    # Here it is relative to the source folder, there to the topology file.
    cmake_path(GET file PARENT_PATH folder)
    cmake_path(RELATIVE_PATH machine BASE_DIRECTORY "${folder}")
  endif()
  set(${settings} "topology.machine=${machine}" PARENT_SCOPE)
endfunction()

# Sets OUT to the command line of the generator, with the PINFOLD_SET of this configuration. Without PYTHON it looks for
# one when it is run.
function(_pinfold_generator out python)
  set(environment --unset=PINFOLD_SET)
  if(DEFINED ENV{PINFOLD_SET})
    string(REPLACE ";" "\\;" value "$ENV{PINFOLD_SET}")
    set(environment "PINFOLD_SET=${value}")
  endif()
  if(python)
    string(APPEND environment ";PINFOLD_PYTHON=${python}")
  endif()
  cmake_path(SET program NORMALIZE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../codegen/pinfold")
  set(${out} "${CMAKE_COMMAND}" -E env "${environment}" "${program}" PARENT_SCOPE)
endfunction()

# Sets OUT to what a shell runs the generator with, for people.
function(_pinfold_shell_command out)
  cmake_path(SET program NORMALIZE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../codegen/pinfold")
  set(words "")
  if(NOT "$ENV{PINFOLD_SET}" STREQUAL "")
    _pinfold_shell_word(setting "$ENV{PINFOLD_SET}")
    set(words "PINFOLD_SET=${setting} ")
  endif()
  foreach(word IN ITEMS "${program}" ${ARGN})
    _pinfold_shell_word(word "${word}")
    string(APPEND words "${word} ")
  endforeach()
  string(STRIP "${words}" words)
  _pinfold_shell_word(folder "${CMAKE_CURRENT_SOURCE_DIR}")
  set(${out} "cd ${folder} && ${words}" PARENT_SCOPE)
endfunction()

# Sets OUT to WORD as a shell reads it back.
function(_pinfold_shell_word out word)
  if(NOT word MATCHES "^[A-Za-z0-9_./:=,+@%-]+$")
    string(REPLACE "'" "'\\''" word "${word}")
    set(word "'${word}'")
  endif()
  set(${out} "${word}" PARENT_SCOPE)
endfunction()

# Sets OUT to the form of diagnostics that whoever watches the build understands.
function(_pinfold_diagnostics out)
  set(form "${PINFOLD_DIAGNOSTICS}")
  if(form STREQUAL "AUTO")
    if("$ENV{GITHUB_ACTIONS}" STREQUAL "true")
      set(form github)
    elseif(CMAKE_GENERATOR MATCHES "^Visual Studio")
      set(form msvc)
    else()
      set(form gcc)
    endif()
  elseif(NOT form MATCHES "^(text|gcc|msvc|github)$")
    message(FATAL_ERROR "PINFOLD_DIAGNOSTICS is ${form}; it must be AUTO, text, gcc, msvc or github")
  endif()
  set(${out} ${form} PARENT_SCOPE)
endfunction()

# Makes the paths of a list absolute, each in one spelling: Ninja takes two for two files.
function(_pinfold_absolute list)
  set(absolute "")
  foreach(path IN LISTS ${list})
    cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
    list(APPEND absolute "${path}")
  endforeach()
  set(${list} "${absolute}" PARENT_SCOPE)
endfunction()

# Sets NAME and KINDS to the topology's name and the kinds of its pools. A topology with errors has no name, and every
# back end there is. CMake asks again when a file changes that the answer depends on, among them the machine that the
# topology names.
function(_pinfold_survey name kinds generator target file layers)
  execute_process(
    COMMAND ${generator} kinds "${file}" ${layers}
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    RESULT_VARIABLE status
    OUTPUT_VARIABLE answer
    ERROR_QUIET
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(answer MATCHES "^([a-z;]*)\n([A-Za-z0-9_]*)\n(.*)$")
    set(its_kinds "${CMAKE_MATCH_1}")
    set(its_name "${CMAKE_MATCH_2}")
    string(REPLACE "\n" ";" files "${CMAKE_MATCH_3}")
    _pinfold_absolute(files)
    foreach(path IN LISTS files)
      if(EXISTS "${path}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
      endif()
    endforeach()
    if(status EQUAL 0)
      set(${kinds} "${its_kinds}" PARENT_SCOPE)
      set(${name} "${its_name}" PARENT_SCOPE)
      return()
    endif()
  endif()
  message(STATUS "pinfold: ${file} (target ${target}) has errors; the build will show them")
  set(available "")
  foreach(kind IN ITEMS asio tbb native)
    if(TARGET pinfold::${kind})
      list(APPEND available ${kind})
    endif()
  endforeach()
  set(${kinds} "${available}" PARENT_SCOPE)
  set(${name} "" PARENT_SCOPE)
endfunction()

function(_pinfold_require_back_end target kind file)
  if(TARGET pinfold::${kind})
    return()
  endif()
  get_property(installed GLOBAL PROPERTY PINFOLD_INSTALLED_COMPONENTS)
  if(installed AND NOT kind IN_LIST installed)
    set(reason "this installation of pinfold was built without them")
  elseif(installed AND NOT (kind STREQUAL "tbb" AND PINFOLD_WITH_TBB))
    string(CONCAT reason
      "find_package(pinfold) did not bring that component here; in this CMakeLists.txt, or one above, "
      "add ${kind} to its COMPONENTS")
  elseif(kind STREQUAL "tbb" AND NOT PINFOLD_WITH_TBB)
    set(reason "PINFOLD_WITH_TBB is off; configure with -DPINFOLD_WITH_TBB=ON")
  elseif(kind STREQUAL "tbb")
    set(reason
      "CMake found no TBB; install it (Debian: apt-get install libtbb-dev), or say where it is: -DTBB_DIR=/path/to/cmake")
  else()
    set(reason "this build of pinfold has no ${kind} pools")
  endif()
  message(FATAL_ERROR "pinfold_add_topology(${target}): ${file} has ${kind} pools, and ${reason}")
endfunction()
