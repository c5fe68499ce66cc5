# librdkafka, whose Debian packages come without a CMake configuration: RdKafka::rdkafka, the name
# that the library's own configuration uses where there is one.
find_path(RdKafka_INCLUDE_DIR librdkafka/rdkafka.h)
find_library(RdKafka_LIBRARY rdkafka)

if(RdKafka_INCLUDE_DIR)
  # 0xMMmmrrff: major, minor, revision, pre-release.
  file(STRINGS ${RdKafka_INCLUDE_DIR}/librdkafka/rdkafka.h version_line
    REGEX "^#define RD_KAFKA_VERSION +0x[0-9a-f]+")
  if(version_line MATCHES "0x([0-9a-f][0-9a-f])([0-9a-f][0-9a-f])([0-9a-f][0-9a-f])")
    set(version_parts "")
    foreach(part ${CMAKE_MATCH_1} ${CMAKE_MATCH_2} ${CMAKE_MATCH_3})
      math(EXPR part "0x${part}")
      list(APPEND version_parts ${part})
    endforeach()
    list(JOIN version_parts "." RdKafka_VERSION)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka
  REQUIRED_VARS RdKafka_LIBRARY RdKafka_INCLUDE_DIR VERSION_VAR RdKafka_VERSION)

if(RdKafka_FOUND AND NOT TARGET RdKafka::rdkafka)
  add_library(RdKafka::rdkafka UNKNOWN IMPORTED)
  set_target_properties(RdKafka::rdkafka PROPERTIES
    IMPORTED_LOCATION ${RdKafka_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${RdKafka_INCLUDE_DIR})
endif()
mark_as_advanced(RdKafka_INCLUDE_DIR RdKafka_LIBRARY)
