# Generated files that a project keeps in its repository: what they were made from, and whether that is still so.
#
# The generator writes it into NAME/topology.inputs: first the request, then the hash of each file that it read and
# wrote. As a script this checks them again, in the build:
#
#   cmake -DFILE=md.toml -DREQUEST=FILE -DFOLDER=DIR/NAME -DSOURCE_DIR=DIR -DREMEDY=TEXT -P pinfold_checked_in.cmake

# The files are there, and the build only checks that they are the right ones. Sets NAME and KINDS.
#
# Stale files do not stop CMake: it could then not offer the target that mends them.
function(_pinfold_add_checked_in name kinds target file layers request out)
  _pinfold_generator(generator "${PINFOLD_PYTHON}")
  _pinfold_diagnostics(form)
  set(generate generate "${file}" --out "${out}" ${layers})
  add_custom_target(${target}_regenerate
    COMMAND ${generator} ${generate} --format ${form} --absolute
    WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
    COMMENT "Generating the pools of ${file} into ${out}"
    VERBATIM)
  _pinfold_shell_command(by_hand ${generate})
  _pinfold_read_checked_in(folder its_name its_kinds ${target} "${out}" "${by_hand}")
  _pinfold_shell_word(build "${CMAKE_BINARY_DIR}")
  set(remedy "cmake --build ${build} --target ${target}_regenerate, or without CMake: ${by_hand}")

  set(state "${CMAKE_CURRENT_BINARY_DIR}/${target}_generated")
  _pinfold_compare(read reasons "${folder}" "${CMAKE_CURRENT_SOURCE_DIR}" "${request}")
  if(reasons)
    file(REMOVE "${state}/${target}.stamp")  # a file that is missing is nobody's dependency: the check must run again
    message(WARNING
      "pinfold_add_topology(${target}): ${folder} is stale, and the build will fail:\n${reasons}"
      "Generate it again:\n  ${remedy}")
  else()
    message(STATUS "pinfold: ${folder}/topology.txt reports on ${file}")
  endif()

  file(CONFIGURE OUTPUT "${state}/${target}.request" CONTENT "@request@" @ONLY)
  _pinfold_generated_files(generated "${folder}")
  set(watched "${folder}/topology.inputs" ${read} ${generated})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${watched})
  set(existing "")
  foreach(path IN LISTS watched)
    if(EXISTS "${path}")
      list(APPEND existing "${path}")
    else()
      set_source_files_properties("${path}" PROPERTIES GENERATED TRUE)  # it is reported above; CMake shall go on
    endif()
  endforeach()
  add_custom_command(
    OUTPUT "${state}/${target}.stamp"
    COMMAND "${CMAKE_COMMAND}"
      "-DFILE=${CMAKE_CURRENT_SOURCE_DIR}/${file}" "-DREQUEST=${state}/${target}.request" "-DFOLDER=${folder}"
      "-DSOURCE_DIR=${CMAKE_CURRENT_SOURCE_DIR}" "-DREMEDY=${remedy}"
      -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/pinfold_checked_in.cmake"
    COMMAND "${CMAKE_COMMAND}" -E touch "${state}/${target}.stamp"
    DEPENDS ${existing} "${state}/${target}.request"
    COMMENT "Checking that ${folder} was generated from ${file}; report: ${folder}/topology.txt"
    VERBATIM)
  set(${name} "${its_name}" PARENT_SCOPE)
  set(${kinds} "${its_kinds}" PARENT_SCOPE)
endfunction()

# Sets OUT to the request as the generator writes it. SETTINGS are those of SET.
function(_pinfold_request out file overlays settings)
  get_property(version GLOBAL PROPERTY PINFOLD_VERSION)
  set(text "pinfold ${version}\nfile ${file}\n")
  foreach(overlay IN LISTS overlays)
    string(APPEND text "overlay ${overlay}\n")
  endforeach()
  if(NOT "$ENV{PINFOLD_SET}" STREQUAL "")
    string(REPLACE "\n" "\\n" setting "$ENV{PINFOLD_SET}")
    string(APPEND text "environment ${setting}\n")
  endif()
  foreach(setting IN LISTS settings)
    string(REPLACE "\n" "\\n" setting "${setting}")
    string(APPEND text "set ${setting}\n")
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Sets INPUTS to the files that topology.inputs in FOLDER names, absolute, and REASONS to why the files beside it are not
# what REQUEST would give: one line each, none if they are.
function(_pinfold_compare inputs reasons folder source_dir request)
  set(read "")
  set(found "")
  set(made_for "")
  file(READ "${folder}/topology.inputs" text)
  while(text MATCHES "^([^\n]*)\n(.*)$")
    set(line "${CMAKE_MATCH_1}")
    set(text "${CMAKE_MATCH_2}")
    if(NOT line MATCHES "^(input|output) ([0-9a-f]+) (.*)$")
      string(APPEND made_for "${line}\n")
      continue()
    endif()
    set(role ${CMAKE_MATCH_1})
    set(expected ${CMAKE_MATCH_2})
    set(path "${CMAKE_MATCH_3}")
    if(role STREQUAL "input")
      cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${source_dir}" NORMALIZE)
      list(APPEND read "${path}")
      set(fault "has changed")
    else()
      set(path "${folder}/${path}")
      set(fault "is not as it was generated")
    endif()
    if(NOT EXISTS "${path}")
      string(APPEND found "  ${path} is missing\n")
    else()
      file(SHA256 "${path}" actual)
      if(NOT actual STREQUAL expected)
        string(APPEND found "  ${path} ${fault}\n")
      endif()
    endif()
  endwhile()
  if(NOT made_for STREQUAL request)
    string(REGEX REPLACE "\n$" "" made_for "${made_for}")
    string(REGEX REPLACE "\n$" "" request "${request}")
    string(REPLACE "\n" ", " made_for "${made_for}")
    string(REPLACE "\n" ", " request "${request}")
    string(APPEND found "  it was generated for: ${made_for}\n  and the build is for: ${request}\n")
  endif()
  set(${inputs} "${read}" PARENT_SCOPE)
  set(${reasons} "${found}" PARENT_SCOPE)
endfunction()

# Sets FOLDER to the only NAME in DIR that holds a topology, with NAME and KINDS as its topology.json says.
function(_pinfold_read_checked_in folder name kinds target dir remedy)
  file(GLOB found "${dir}/*/topology.inputs")
  list(LENGTH found number)
  if(number EQUAL 0)
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): GENERATED ${dir} holds no generated topology yet. Generate it:\n  ${remedy}")
  elseif(number GREATER 1)
    list(JOIN found "\n  " found)
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): GENERATED ${dir} holds several topologies; remove the folder of the old one:\n"
      "  ${found}")
  endif()
  cmake_path(GET found PARENT_PATH its_folder)
  set(${folder} "${its_folder}" PARENT_SCOPE)
  if(NOT EXISTS "${its_folder}/topology.json")
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): ${its_folder}/topology.json is missing. Generate it again:\n  ${remedy}")
  endif()

  file(READ "${its_folder}/topology.json" json)
  string(JSON its_name GET "${json}" name)
  set(its_kinds "")
  string(JSON last LENGTH "${json}" kinds)
  math(EXPR last "${last} - 1")
  foreach(i RANGE ${last})
    string(JSON kind GET "${json}" kinds ${i})
    list(APPEND its_kinds ${kind})
  endforeach()
  string(JSON machine ERROR_VARIABLE none GET "${json}" machine label)
  if(machine STREQUAL "host")
    message(FATAL_ERROR
      "pinfold_add_topology(${target}): GENERATED files cannot be for machine = \"host\", which is another machine for "
      "everyone who builds. Describe the one that is meant: lstopo machine.xml")
  endif()
  set(${name} "${its_name}" PARENT_SCOPE)
  set(${kinds} "${its_kinds}" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  cmake_minimum_required(VERSION 3.22)
  file(READ "${REQUEST}" request)
  _pinfold_compare(inputs reasons "${FOLDER}" "${SOURCE_DIR}" "${request}")
  if(reasons)
    message(NOTICE "${FILE}:1:1: error: the files generated from this topology are stale")
    message(FATAL_ERROR "${FOLDER} is stale:\n${reasons}Generate it again:\n  ${REMEDY}")
  endif()
endif()
