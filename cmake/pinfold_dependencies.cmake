# Boost's headers, threads, TBB and prometheus-cpp, as targets; for pinfold's own build and for who finds it installed.
# What is missing that pinfold cannot do without is said in pinfold_missing_dependency.

set(pinfold_missing_dependency "")
find_package(Threads REQUIRED)

if(NOT TARGET Boost::headers AND NOT PINFOLD_BOOST_INCLUDE_DIR)
  find_package(Boost 1.81 CONFIG QUIET)
endif()
if(NOT TARGET Boost::headers)
  find_path(PINFOLD_BOOST_INCLUDE_DIR boost/asio.hpp DOC "Folder that holds boost/asio.hpp of Boost 1.81 or later")
  mark_as_advanced(PINFOLD_BOOST_INCLUDE_DIR)
  if(NOT PINFOLD_BOOST_INCLUDE_DIR)
    string(CONCAT pinfold_missing_dependency
      "pinfold needs the headers of Boost 1.81 or later, and CMake found none. Install them (Debian: apt-get install "
      "libboost1.81-dev), or name their folder: -DPINFOLD_BOOST_INCLUDE_DIR=/path/to/include")
    return()
  endif()
  add_library(Boost::headers INTERFACE IMPORTED)
  target_include_directories(Boost::headers INTERFACE "${PINFOLD_BOOST_INCLUDE_DIR}")
endif()

# pinfold_boost_version: as BOOST_VERSION in pinfold_boost_folder, 108100 for 1.81.0, or empty where that is not known.
set(pinfold_boost_version "")
set(pinfold_boost_folder "")
get_target_property(pinfold_boost_folders Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
foreach(folder IN LISTS pinfold_boost_folders)
  if(EXISTS "${folder}/boost/version.hpp")
    set(pinfold_boost_folder "${folder}")
    file(STRINGS "${folder}/boost/version.hpp" pinfold_boost_version REGEX "^#define BOOST_VERSION [0-9]+")
    string(REGEX REPLACE "[^0-9]" "" pinfold_boost_version "${pinfold_boost_version}")
    break()
  endif()
endforeach()
if(pinfold_boost_version AND pinfold_boost_version LESS 108100)
  string(CONCAT pinfold_missing_dependency
    "pinfold needs Boost 1.81 or later, and the headers in ${pinfold_boost_folder} have BOOST_VERSION "
    "${pinfold_boost_version}. Install newer ones (Debian: apt-get install libboost1.81-dev), or say where they are: "
    "-DBoost_DIR=/path/to/cmake or -DPINFOLD_BOOST_INCLUDE_DIR=/path/to/include")
  return()
endif()

if(PINFOLD_WITH_TBB AND NOT TARGET TBB::tbb)
  find_package(TBB 2021 CONFIG QUIET)
endif()

# Of prometheus-cpp only the core is needed. Debian's package asks CMake for what its other parts need, and is not found
# where that is missing.
if(PINFOLD_WITH_PROMETHEUS AND NOT TARGET prometheus-cpp::core)
  find_package(prometheus-cpp CONFIG QUIET)
endif()
if(PINFOLD_WITH_PROMETHEUS AND NOT TARGET prometheus-cpp::core)
  find_path(PINFOLD_PROMETHEUS_INCLUDE_DIR prometheus/collectable.h DOC "Folder that holds prometheus/collectable.h")
  find_library(PINFOLD_PROMETHEUS_LIBRARY prometheus-cpp-core DOC "prometheus-cpp's core library")
  mark_as_advanced(PINFOLD_PROMETHEUS_INCLUDE_DIR PINFOLD_PROMETHEUS_LIBRARY)
  if(PINFOLD_PROMETHEUS_INCLUDE_DIR AND PINFOLD_PROMETHEUS_LIBRARY)
    add_library(prometheus-cpp::core UNKNOWN IMPORTED)
    set_target_properties(prometheus-cpp::core PROPERTIES
      IMPORTED_LOCATION "${PINFOLD_PROMETHEUS_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${PINFOLD_PROMETHEUS_INCLUDE_DIR}")
  endif()
endif()
