# pinfold_find_python(OUT): sets OUT to a Python that can run the generator, or stops and says what to install.
#
# The first python3 on PATH is often one of pyenv, conda or a virtual environment that cannot import Debian's jinja2;
# so every likely interpreter is tried. PINFOLD_PYTHON is tried before all others. A cross build's toolchain file, which
# tells CMake to look for things in the target's root, does not apply: the generator runs on the machine that builds.

set(PINFOLD_PYTHON "" CACHE FILEPATH "Python 3.11 or later with jinja2, for pinfold's generator; empty: look for one")
mark_as_advanced(PINFOLD_PYTHON)

function(pinfold_find_python out)
  get_property(python GLOBAL PROPERTY PINFOLD_PYTHON_FOUND)
  if(python)
    set(${out} "${python}" PARENT_SCOPE)
    return()
  endif()

  set(names python3 python3.14 python3.13 python3.12 python3.11)
  set(candidates ${PINFOLD_PYTHON})
  foreach(name IN LISTS names)
    find_program(program ${name} NO_CACHE NO_CMAKE_FIND_ROOT_PATH)
    if(program)
      list(APPEND candidates "${program}")
    endif()
    unset(program)
    foreach(folder IN ITEMS /usr/bin /usr/local/bin)
      if(EXISTS "${folder}/${name}")
        list(APPEND candidates "${folder}/${name}")
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES candidates)

  string(CONCAT probe
    "import sys\n"
    "if sys.version_info < (3, 11): sys.exit('is Python %d.%d' % sys.version_info[:2])\n"
    "try: import jinja2\n"
    "except ImportError as error: sys.exit(str(error))\n"
    "print(sys.executable)\n")
  set(refused "")
  foreach(candidate IN LISTS candidates)
    execute_process(
      COMMAND "${candidate}" -c "${probe}"
      RESULT_VARIABLE status
      OUTPUT_VARIABLE python
      OUTPUT_STRIP_TRAILING_WHITESPACE
      ERROR_VARIABLE reason
      ERROR_STRIP_TRAILING_WHITESPACE)
    if(status EQUAL 0 AND EXISTS "${python}")
      # The interpreter itself: a pyenv shim may start another one in another folder.
      set_property(GLOBAL PROPERTY PINFOLD_PYTHON_FOUND "${python}")
      set(${out} "${python}" PARENT_SCOPE)
      message(STATUS "pinfold: the generator runs on ${python}")
      return()
    endif()
    if(NOT reason)
      set(reason "${status}")
    endif()
    string(APPEND refused "\n  ${candidate}: ${reason}")
  endforeach()
  if(NOT refused)
    set(refused "\n  no python3 on PATH or in /usr/bin")
  endif()

  message(FATAL_ERROR
    "pinfold's generator needs Python 3.11 or later with jinja2, and none of these will do:${refused}\n"
    "Install it (Debian, Ubuntu: apt-get install python3-jinja2), or name another: -DPINFOLD_PYTHON=/path/to/python3")
endfunction()
