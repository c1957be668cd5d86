# Boost's headers, threads and TBB, as targets that a parent project's directories see as well. What is missing that
# pinfold cannot do without is said in pinfold_missing_dependency.

set(pinfold_missing_dependency "")
find_package(Threads REQUIRED)

if(NOT TARGET Boost::headers)
  find_package(Boost 1.74 CONFIG QUIET)
endif()
if(NOT TARGET Boost::headers)
  find_path(PINFOLD_BOOST_INCLUDE_DIR boost/asio.hpp DOC "Folder that holds boost/asio.hpp of Boost 1.74 or later")
  mark_as_advanced(PINFOLD_BOOST_INCLUDE_DIR)
  if(NOT PINFOLD_BOOST_INCLUDE_DIR)
    string(CONCAT pinfold_missing_dependency
      "pinfold needs the headers of Boost 1.74 or later, and CMake found none. Install them (Debian: apt-get install "
      "libboost1.81-dev), or name their folder: -DPINFOLD_BOOST_INCLUDE_DIR=/path/to/include")
    return()
  endif()
  add_library(Boost::headers INTERFACE IMPORTED)
  target_include_directories(Boost::headers INTERFACE "${PINFOLD_BOOST_INCLUDE_DIR}")
endif()

if(PINFOLD_WITH_TBB AND NOT TARGET TBB::tbb)
  find_package(TBB 2021 CONFIG QUIET)
endif()

# Imported targets end at the directory that found them, and topologies are added in others. A target that the parent
# project found is the parent's to promote, and visible here and there already.
get_property(found_here DIRECTORY PROPERTY IMPORTED_TARGETS)
foreach(dependency IN ITEMS Threads::Threads Boost::headers TBB::tbb)
  if(dependency IN_LIST found_here)
    set_property(TARGET ${dependency} PROPERTY IMPORTED_GLOBAL TRUE)
  endif()
endforeach()
