# What `cmake --install` and CPack put where, and how find_package(pinfold) and pkg-config find it there.
#
#   include/pinfold            the headers
#   lib/libpinfold_KIND.a      a library for each kind of pool, and the core's; of a Debug build libpinfold_KIND_debug.a
#   lib/cmake/pinfold          find_package(pinfold COMPONENTS asio native tbb prometheus)
#   lib/pkgconfig              pinfold-KIND.pc, and pinfold.pc for all kinds of pools
#   share/pinfold              the generator, and pinfold_add_topology()
#   bin/pinfold                the generator's command line, with share/man/man1/pinfold.1 and
#                              share/bash-completion/completions/pinfold, and for fish in share/fish/vendor_completions.d
#   share/doc/pinfold          README.md and what it links to: the docs, the examples, the reference topology
#
# Nothing of it names a folder of the machine that it was built on: the tree may be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/pinfold")
set(share_dir "${CMAKE_INSTALL_DATADIR}/pinfold")

# Sets OUT to where a folder of the installation lies, below PREFIX unless it is absolute.
function(pinfold_installed out folder prefix)
  if(NOT IS_ABSOLUTE "${folder}")
    set(folder "${prefix}/${folder}")
  endif()
  set(${out} "${folder}" PARENT_SCOPE)
endfunction()

# Each library has an export set of its own: who has no TBB shall find the others. A Debug build and another may be
# installed in one place.
set(installed_kinds "")
foreach(kind IN ITEMS core asio native tbb prometheus)
  if(TARGET pinfold_${kind})
    list(APPEND installed_kinds ${kind})
    if(NOT DEFINED CMAKE_DEBUG_POSTFIX)
      set_target_properties(pinfold_${kind} PROPERTIES DEBUG_POSTFIX _debug)
    endif()
    install(TARGETS pinfold_${kind} EXPORT pinfold_${kind}
      ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
      INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(EXPORT pinfold_${kind} DESTINATION "${config_dir}" NAMESPACE pinfold:: FILE pinfold-${kind}.cmake)
  endif()
endforeach()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/pinfold" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp")
# For everybody, whatever the umask was that the source was written under.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/codegen" DESTINATION "${share_dir}"
  PATTERN "__pycache__" EXCLUDE
  REGEX "/codegen/pinfold$" EXCLUDE)
install(PROGRAMS "${PROJECT_SOURCE_DIR}/codegen/pinfold" DESTINATION "${share_dir}/codegen")
install(FILES "${PROJECT_SOURCE_DIR}/include/pinfold/version.hpp" DESTINATION "${share_dir}/codegen")
# An installed generator writes no bytecode, so it brings some: that of the Python here, same bytes from everywhere. It
# holds while the source beside it is the one that it was made of: another installation may bring a newer one, and bytecode
# for another Python.
pinfold_find_python(python)
pinfold_installed(where "${share_dir}" [[${CMAKE_INSTALL_PREFIX}]])
install(CODE "
  set(pinfold_root \"\$ENV{DESTDIR}\")
  set(pinfold_share \"${where}\")
  execute_process(COMMAND \"${python}\" -m compileall -q --invalidation-mode checked-hash
    -s \"\${pinfold_root}\${CMAKE_INSTALL_PREFIX}\" -p / \"\${pinfold_root}\${pinfold_share}/codegen\")
  file(GLOB_RECURSE pinfold_bytecode RELATIVE \"\${pinfold_root}\${pinfold_share}\"
    \"\${pinfold_root}\${pinfold_share}/codegen/*.pyc\")
  list(TRANSFORM pinfold_bytecode PREPEND \"\${pinfold_share}/\")
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES \${pinfold_bytecode})")
install(FILES
  "${PROJECT_SOURCE_DIR}/cmake/pinfold_add_topology.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/pinfold_checked_in.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/pinfold_dependencies.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/pinfold_python.cmake"
  DESTINATION "${share_dir}/cmake")
install(FILES "${PROJECT_SOURCE_DIR}/topology/pinfold.schema.json" DESTINATION "${share_dir}")
set(pages LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md)
set(folders docs examples topology)
list(TRANSFORM pages PREPEND "${PROJECT_SOURCE_DIR}/")
list(TRANSFORM folders PREPEND "${PROJECT_SOURCE_DIR}/")
install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY ${folders} DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  PATTERN "__pycache__" EXCLUDE
  PATTERN "build" EXCLUDE)

file(RELATIVE_PATH command_to_generator
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_DATADIR}/pinfold/codegen/pinfold")
file(CREATE_LINK "${command_to_generator}" "${CMAKE_CURRENT_BINARY_DIR}/pinfold" SYMBOLIC)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/pinfold" DESTINATION "${CMAKE_INSTALL_BINDIR}")
# The command's manual page and completion are made of its parser.
file(GLOB_RECURSE generator_files "${PROJECT_SOURCE_DIR}/codegen/*.py" "${PROJECT_SOURCE_DIR}/codegen/pages/*")
function(pinfold_install_printed file folder)
  set(printed "${CMAKE_CURRENT_BINARY_DIR}/printed/${file}")
  file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/printed")
  add_custom_command(
    OUTPUT "${printed}"
    COMMAND "${CMAKE_COMMAND}" -E env "PINFOLD_PYTHON=${python}" "${PROJECT_SOURCE_DIR}/codegen/pinfold" ${ARGN}
      > "${printed}"
    DEPENDS ${generator_files} "${PROJECT_SOURCE_DIR}/include/pinfold/version.hpp"
    COMMENT "Writing ${folder}/${file}"
    VERBATIM)
  list(JOIN ARGN _ command)
  add_custom_target(pinfold_${command} ALL DEPENDS "${printed}")
  install(FILES "${printed}" DESTINATION "${folder}")
endfunction()
pinfold_install_printed(pinfold.1 "${CMAKE_INSTALL_MANDIR}/man1" manual)
pinfold_install_printed(pinfold "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" completion bash)
pinfold_install_printed(pinfold.fish "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d" completion fish)

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/pinfoldConfig.cmake.in" "${CMAKE_CURRENT_BINARY_DIR}/pinfoldConfig.cmake"
  INSTALL_DESTINATION "${config_dir}"
  PATH_VARS share_dir)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/pinfoldConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)  # before 1.0 a minor version may change what users see
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/pinfoldConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/pinfoldConfigVersion.cmake"
  DESTINATION "${config_dir}")

# pkg-config: for builds without CMake, which run the generator themselves. Of two builds in one place the later is named.
function(pinfold_install_pkg_config name description requires libraries)
  set(pc_name "${name}")
  set(pc_description "${description}")
  set(pc_requires "${requires}")
  set(pc_libraries "${libraries}")
  file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
  string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
  foreach(folder IN ITEMS INCLUDEDIR LIBDIR)
    pinfold_installed(pc_${folder} "${CMAKE_INSTALL_${folder}}" [[${prefix}]])
  endforeach()
  pinfold_installed(pc_share "${share_dir}" [[${prefix}]])
  configure_file("${PROJECT_SOURCE_DIR}/cmake/pinfold.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

# What a build of this type appends to a library's name.
set(postfix "")
set(pc_checked "")  # as for those who link pinfold::core
if(NOT PINFOLD_CHECKED STREQUAL "AUTO" AND PINFOLD_CHECKED)
  set(pc_checked " -DPINFOLD_CHECKED=1")
endif()
if(CMAKE_BUILD_TYPE)
  string(TOUPPER "${CMAKE_BUILD_TYPE}_POSTFIX" postfix_property)
  get_target_property(postfix pinfold_core ${postfix_property})
  if(NOT postfix)
    set(postfix "")
  endif()
endif()
set(all_packages "")
foreach(kind IN LISTS installed_kinds)
  if(NOT kind STREQUAL "prometheus")
    list(APPEND all_packages pinfold-${kind})
  endif()
  if(kind STREQUAL "core")
    pinfold_install_pkg_config(pinfold-core "What pinfold's pools share" "" "-lpinfold_core${postfix} -pthread")
  elseif(kind STREQUAL "tbb")
    pinfold_install_pkg_config(pinfold-tbb "pinfold's oneTBB pools" "pinfold-core, tbb >= 2021" "-lpinfold_tbb${postfix}")
  elseif(kind STREQUAL "prometheus")
    pinfold_install_pkg_config(pinfold-prometheus "pinfold's figures for Prometheus" "pinfold-core, prometheus-cpp-core"
      "-lpinfold_prometheus${postfix}")
  else()
    pinfold_install_pkg_config(pinfold-${kind} "pinfold's ${kind} pools" "pinfold-core" "-lpinfold_${kind}${postfix}")
  endif()
endforeach()
list(JOIN all_packages ", " all_packages)
pinfold_install_pkg_config(pinfold "${PROJECT_DESCRIPTION}" "${all_packages}" "")

set(CPACK_GENERATOR DEB)
if(NOT DEFINED CPACK_PACKAGE_CONTACT)  # -DCPACK_PACKAGE_CONTACT="NAME <ADDRESS>" names who builds packages for others
  set(CPACK_PACKAGE_CONTACT "the pinfold maintainers")
endif()
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
configure_file("${PROJECT_SOURCE_DIR}/LICENSE" "${CMAKE_CURRENT_BINARY_DIR}/debian/copyright"
  COPYONLY NO_SOURCE_PERMISSIONS)
set(CPACK_INSTALLED_DIRECTORIES "${CMAKE_CURRENT_BINARY_DIR}/debian" "share/doc/libpinfold-dev")
set(CPACK_DEBIAN_PACKAGE_NAME libpinfold-dev)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(boost_package libboost-dev)  # find_package takes the version that the libraries were built with, and no other
if(pinfold_boost_version)
  math(EXPR boost_major "${pinfold_boost_version} / 100000")
  math(EXPR boost_minor "${pinfold_boost_version} / 100 % 1000")
  set(boost_package libboost${boost_major}.${boost_minor}-dev)
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${boost_package}, python3 (>= 3.11), python3-jinja2")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libtbb-dev (>= 2021), cmake (>= 3.22)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "hwloc-nox, prometheus-cpp-dev, python3-rich")
if(PROJECT_IS_TOP_LEVEL)  # else it is the parent project's package
  include(CPack)
endif()
