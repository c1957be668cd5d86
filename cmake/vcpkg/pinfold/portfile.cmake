# vcpkg's port, for use out of this tree: vcpkg install pinfold --overlay-ports=pinfold/cmake/vcpkg
#
# A port in a registry fetches a release instead: vcpkg_from_github(OUT_SOURCE_PATH SOURCE_PATH ...).
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS feature_options
  FEATURES
    prometheus PINFOLD_WITH_PROMETHEUS
    tbb PINFOLD_WITH_TBB)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DPINFOLD_BUILD_TESTS=OFF
    -DPINFOLD_BUILD_EXAMPLES=OFF
    -DPINFOLD_BUILD_BENCHMARKS=OFF
    -DPINFOLD_INSTALL=ON
    ${feature_options})
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/pinfold)
vcpkg_fixup_pkgconfig()

# The command is the generator of share/pinfold, which stays; vcpkg keeps no programs beside libraries.
file(REMOVE_RECURSE
  "${CURRENT_PACKAGES_DIR}/bin"
  "${CURRENT_PACKAGES_DIR}/share/bash-completion"
  "${CURRENT_PACKAGES_DIR}/share/doc"
  "${CURRENT_PACKAGES_DIR}/share/fish"
  "${CURRENT_PACKAGES_DIR}/share/man"
  "${CURRENT_PACKAGES_DIR}/debug/bin"
  "${CURRENT_PACKAGES_DIR}/debug/include"
  "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
