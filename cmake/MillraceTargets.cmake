# The helpers of the build: a layer of the engine, a test binary, a benchmark, a program.

# Everything that `./dev bench` runs.
add_custom_target(benchmarks)

# millrace_layer(NAME DEPS layer... LIBS library...): every .cc of this folder becomes millrace_NAME.
# DEPS are the layers to the left; the include direction itself is checked by tests/tidy.
function(millrace_layer name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(target millrace_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine/include>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/engine/src>
    $<INSTALL_INTERFACE:include>)
  list(TRANSFORM ARG_DEPS PREPEND millrace_)
  target_link_libraries(${target} ${scope} ${ARG_DEPS} ${ARG_LIBS})
  set_property(GLOBAL APPEND PROPERTY MILLRACE_LAYERS ${target})
endfunction()

# millrace_test(NAME LABEL label SOURCES file... LIBS library...): a GoogleTest binary, one ctest.
function(millrace_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name} PRIVATE MILLRACE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  # One ctest entry per binary: starting hundreds of processes costs more than the cases themselves.
  add_test(NAME ${ARG_LABEL}.${name} COMMAND ${name})
  set_tests_properties(${ARG_LABEL}.${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
  if(NOT TARGET tests-${ARG_LABEL})
    add_custom_target(tests-${ARG_LABEL})
  endif()
  add_dependencies(tests-${ARG_LABEL} ${name})
endfunction()

# millrace_bench(NAME SOURCES file... LIBS library...): a Google Benchmark binary.
function(millrace_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} benchmark::benchmark_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  add_dependencies(benchmarks ${name})
endfunction()

# millrace_program(NAME): what programs of ours have beside their libraries: an allocator for memory
# that one thread takes and another gives back (docs/decisions/0010). Sanitizers bring their own.
find_library(MILLRACE_TCMALLOC NAMES tcmalloc_minimal libtcmalloc_minimal.so.4)
function(millrace_program name)
  if(MILLRACE_TCMALLOC AND NOT MILLRACE_SANITIZE)
    target_link_options(${name} PRIVATE
      LINKER:--push-state,--no-as-needed ${MILLRACE_TCMALLOC} LINKER:--pop-state)
  endif()
endfunction()
