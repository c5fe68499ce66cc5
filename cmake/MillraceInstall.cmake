# The installed package: headers, static libraries, find_package(millrace), the millrace binary.
# See docs/packaging.md. What is exported follows from what the public targets link to.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/millrace)

# The CMake package behind each namespace of imported targets that ours link to.
set(package_of_absl absl)
set(package_of_Boost boost_json)
set(package_of_CLI11 CLI11)
set(package_of_fmt fmt)
set(package_of_protobuf Protobuf)
set(package_of_RdKafka RdKafka)
set(package_of_RocksDB RocksDB)
set(package_of_simdjson simdjson)
set(package_of_spdlog spdlog)
set(package_of_Threads Threads)
set(package_of_tomlplusplus tomlplusplus)

# Adds `target` and all of our targets behind it to `targets`, and the packages that they need to
# `packages`: a static library needs at link time even what it uses privately.
function(millrace_collect target targets packages)
  get_target_property(original ${target} ALIASED_TARGET)
  if(original)
    set(target ${original})
  endif()
  if(target IN_LIST ${targets})
    return()
  endif()
  list(APPEND ${targets} ${target})
  get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
  foreach(link IN LISTS links)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" link "${link}")
    # Imported targets are seen only in the folder that found them; their names tell them apart.
    if(TARGET ${link})
      millrace_collect(${link} ${targets} ${packages})
    elseif(link MATCHES "^([A-Za-z0-9_]+)::")
      if(NOT package_of_${CMAKE_MATCH_1})
        message(FATAL_ERROR "${target} links ${link}: name its package in MillraceInstall.cmake")
      endif()
      list(APPEND ${packages} ${package_of_${CMAKE_MATCH_1}})
    endif()
  endforeach()
  set(${targets} ${${targets}} PARENT_SCOPE)
  set(${packages} ${${packages}} PARENT_SCOPE)
endfunction()

set(millrace_exported "")
set(millrace_packages "")
foreach(target millrace millrace_testing millrace_worker)
  if(TARGET ${target})
    millrace_collect(${target} millrace_exported millrace_packages)
  endif()
endforeach()
list(REMOVE_DUPLICATES millrace_packages)

# millrace_worker is millrace::worker for users, in this build tree and in the installed package.
foreach(target IN LISTS millrace_exported)
  string(REGEX REPLACE "^millrace_" "" short_name ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${short_name})
  target_compile_features(${target} INTERFACE cxx_std_20)
endforeach()

install(TARGETS ${millrace_exported} EXPORT millrace-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT millrace-targets NAMESPACE millrace:: DESTINATION ${package_dir})
foreach(headers ${PROJECT_SOURCE_DIR}/engine/include ${PROJECT_SOURCE_DIR}/connectors/kafka/include
        ${PROJECT_SOURCE_DIR}/workers/include)
  install(DIRECTORY ${headers}/millrace DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")
endforeach()
if(TARGET millrace-bin)
  install(TARGETS millrace-bin RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(find_dependencies "")
foreach(package IN LISTS millrace_packages)
  string(APPEND find_dependencies "find_dependency(${package})\n")
endforeach()
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/millrace-config.cmake.in ${PROJECT_BINARY_DIR}/millrace-config.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/millrace-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/millrace-config.cmake
              ${PROJECT_BINARY_DIR}/millrace-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindRdKafka.cmake
  DESTINATION ${package_dir})

if(TARGET tests-install)
  add_dependencies(tests-install ${millrace_exported})
  if(TARGET millrace-bin)
    add_dependencies(tests-install millrace-bin)
  endif()
endif()
