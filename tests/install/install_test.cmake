# Run by ctest: cmake -D BUILD=… -D EXAMPLE=… -D WORK=… … -P install_test.cmake
#
# The example gets a fresh folder and nothing of the source or build tree, so a header that is not
# installed, a library that is not exported or a dependency that is not named fails here.
set(prefix ${WORK}/prefix)
set(example ${WORK}/example)
set(data ${WORK}/data)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nfailed: ${code}\n${output}")
  endif()
  set(output ${output} PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
if(EXISTS ${prefix}/bin/millrace)
  run(${prefix}/bin/millrace --version)
endif()

set(flags "")
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
run(${CMAKE_COMMAND} -S ${EXAMPLE} -B ${example} -G Ninja -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_CXX_FLAGS=${flags})
run(${CMAKE_COMMAND} --build ${example} -j 2)
run(${example}/word_length_test)

# The worker, from the empty directory to the counts. Both topics have one partition, and the
# repartition topic between them as many: so the order of the output is certain.
set(worker ${example}/word-length --log local:${data})
file(WRITE ${WORK}/lines.json "{\"value\":\"to be or not\"}\n{\"value\":\"to be\"}\n")
run(${worker} topic create lines word-lengths)
run(${worker} topic produce --topic lines ${WORK}/lines.json)
run(${worker} run --topology word-length --until-idle)
execute_process(
  COMMAND ${worker} topic consume word-lengths --exit-at-end --format "%k:%s "
  OUTPUT_VARIABLE counts COMMAND_ERROR_IS_FATAL ANY)
if(NOT counts STREQUAL "2:1 2:2 2:3 3:1 2:4 2:5 ")
  message(FATAL_ERROR "the worker counted '${counts}'")
endif()
