# Sets PINFOLD_HAS_TRACEPOINTS. Only what is compiled into the library includes the header.
set(PINFOLD_HAS_TRACEPOINTS FALSE)
if(PINFOLD_TRACEPOINTS)
  find_path(PINFOLD_SDT_INCLUDE_DIR sys/sdt.h DOC "Folder that holds sys/sdt.h of systemtap")
  mark_as_advanced(PINFOLD_SDT_INCLUDE_DIR)
  if(PINFOLD_SDT_INCLUDE_DIR)
    set(PINFOLD_HAS_TRACEPOINTS TRUE)
  elseif(NOT PINFOLD_TRACEPOINTS STREQUAL "AUTO")
    message(FATAL_ERROR
      "PINFOLD_TRACEPOINTS=${PINFOLD_TRACEPOINTS} needs the header <sys/sdt.h>, and CMake found none. Install it (Debian: "
      "apt-get install systemtap-sdt-dev), name its folder: -DPINFOLD_SDT_INCLUDE_DIR=/path/to/include, or build "
      "without tracepoints: -DPINFOLD_TRACEPOINTS=OFF")
  endif()
endif()
