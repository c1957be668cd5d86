# How the Rust contenders are built.

# bench_add_rust_programs(WORKLOAD/CONTENDER...): the targets bench_WORKLOAD_CONTENDER. One call of cargo builds them
# all.
function(bench_add_rust_programs)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/cargo")
  set(rust_programs "")
  set(copies "")
  foreach(program IN LISTS ARGN)
    string(REPLACE "/" "_" name ${program})
    string(APPEND rust_programs
      "[[bin]]\nname = \"${name}\"\npath = \"${CMAKE_CURRENT_SOURCE_DIR}/${program}.rs\"\n\n")
    list(APPEND copies
      COMMAND "${CMAKE_COMMAND}" -E copy_if_different
      "${folder}/target/release/${name}" "${CMAKE_CURRENT_BINARY_DIR}/${program}")
    add_custom_target(bench_${name} DEPENDS bench_rust)
  endforeach()
  set(tokio_dependency "")
  if(NOT missing_tokio)
    set(tokio_dependency "tokio = { version = \"1\", features = [\"rt\", \"rt-multi-thread\", \"sync\"] }")
  endif()
  configure_file(Cargo.toml.in "${folder}/Cargo.toml" @ONLY)
  file(CONFIGURE OUTPUT "${folder}/home/config.toml" @ONLY CONTENT
"[source.crates-io]
replace-with = \"debian\"

[source.debian]
directory = \"${rust_crates}\"
")
  # cargo knows itself what is up to date.
  add_custom_target(bench_rust ALL
    COMMAND "${CMAKE_COMMAND}" -E env
            "CARGO_HOME=${folder}/home" RUSTC=/usr/bin/rustc "RUSTFLAGS=-C target-cpu=native"
            /usr/bin/cargo build --release --offline --quiet
            --manifest-path "${folder}/Cargo.toml" --target-dir "${folder}/target"
    ${copies}
    COMMENT "Building the Rust programs"
    VERBATIM)
endfunction()
