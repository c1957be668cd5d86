# The rayon contenders: built by Debian's cargo from Debian's crates, with nothing downloaded. rayon_missing says why
# they are not, if they are not, and rayon_version what builds them.

set(rayon_missing "")
set(rayon_version "")
set(rayon_crates /usr/share/cargo/registry)
if(NOT PINFOLD_BENCH_RAYON)
  set(rayon_missing "PINFOLD_BENCH_RAYON is off")
else()
  # Not from PATH: a cargo of rustup has neither Debian's crates nor its version of the language.
  foreach(tool IN ITEMS cargo rustc)
    if(NOT EXISTS /usr/bin/${tool})
      set(rayon_missing "there is no /usr/bin/${tool} (Debian: apt-get install ${tool})")
    endif()
  endforeach()
  file(GLOB crate "${rayon_crates}/rayon-1.*")
  if(NOT crate AND NOT rayon_missing)
    set(rayon_missing "there is no rayon in ${rayon_crates} (Debian: apt-get install librust-rayon-dev)")
  endif()
endif()
if(NOT rayon_missing)
  execute_process(COMMAND /usr/bin/rustc --version OUTPUT_VARIABLE rayon_version OUTPUT_STRIP_TRAILING_WHITESPACE)
  cmake_path(GET crate FILENAME crate)
  string(APPEND rayon_version ", ${crate}")
endif()

# bench_add_rayon_programs(WORKLOAD...): the target bench_rayon, WORKLOAD/rayon for each.
function(bench_add_rayon_programs)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/cargo")
  set(rayon_programs "")
  set(copies "")
  foreach(workload IN LISTS ARGN)
    string(APPEND rayon_programs
      "[[bin]]\nname = \"${workload}\"\npath = \"${CMAKE_CURRENT_SOURCE_DIR}/${workload}/rayon.rs\"\n\n")
    list(APPEND copies
      COMMAND "${CMAKE_COMMAND}" -E copy_if_different
      "${folder}/target/release/${workload}" "${CMAKE_CURRENT_BINARY_DIR}/${workload}/rayon")
  endforeach()
  configure_file(Cargo.toml.in "${folder}/Cargo.toml" @ONLY)
  file(CONFIGURE OUTPUT "${folder}/home/config.toml" @ONLY CONTENT
"[source.crates-io]
replace-with = \"debian\"

[source.debian]
directory = \"${rayon_crates}\"
")
  # cargo knows itself what is up to date.
  add_custom_target(bench_rayon ALL
    COMMAND "${CMAKE_COMMAND}" -E env
            "CARGO_HOME=${folder}/home" RUSTC=/usr/bin/rustc "RUSTFLAGS=-C target-cpu=native"
            /usr/bin/cargo build --release --offline --quiet
            --manifest-path "${folder}/Cargo.toml" --target-dir "${folder}/target"
    ${copies}
    COMMENT "Building the rayon programs"
    VERBATIM)
endfunction()
