# Installs the client library into a directory of its own and builds a program against it, once by
# find_package and once by pkg-config, then the example of the README. Given: BUILD_DIR, SOURCE_DIR,
# README, CXX, FLAGS, CONFIG.
set(work ${BUILD_DIR}/install_test)
file(REMOVE_RECURSE ${work})

include(${CMAKE_CURRENT_LIST_DIR}/../install/run.cmake)

function(expect_consumer program)
    run(${program})
    if(NOT output MATCHES "^connect: unix:///nonexistent/clacks.sock: No such file")
        message(FATAL_ERROR "${program} said: ${output}")
    endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --component development --prefix ${work}/prefix)

run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${work}/build -DCMAKE_PREFIX_PATH=${work}/prefix
    -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_BUILD_TYPE=${CONFIG})
run(${CMAKE_COMMAND} --build ${work}/build)
expect_consumer(${work}/build/consumer)

file(GLOB_RECURSE package ${work}/prefix/clacks.pc)
cmake_path(GET package PARENT_PATH package_dir)
run(${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${package_dir} pkg-config --cflags --libs clacks)
string(STRIP "${output}" output)
separate_arguments(arguments UNIX_COMMAND "${FLAGS} ${SOURCE_DIR}/main.cpp ${output}")
run(${CXX} -std=c++20 -o ${work}/by_pkg_config ${arguments})
expect_consumer(${work}/by_pkg_config)

# The README's first block of this language, as a file.
function(extract language file)
    file(READ ${README} text)
    string(FIND "${text}" "```${language}\n" begin)
    string(SUBSTRING "${text}" ${begin} -1 text)
    string(FIND "${text}" "\n" begin)
    string(SUBSTRING "${text}" ${begin} -1 text)
    string(FIND "${text}" "```" end)
    string(SUBSTRING "${text}" 0 ${end} text)
    file(WRITE ${file} "${text}")
endfunction()

extract(cpp ${work}/example/main.cpp)
extract(cmake ${work}/example/CMakeLists.txt)
run(${CMAKE_COMMAND} -S ${work}/example -B ${work}/example/build
    -DCMAKE_PREFIX_PATH=${work}/prefix -DCMAKE_CXX_COMPILER=${CXX}
    "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Werror" -DCMAKE_BUILD_TYPE=${CONFIG})
run(${CMAKE_COMMAND} --build ${work}/example/build)
execute_process(COMMAND ${work}/example/build/hello /nonexistent RESULT_VARIABLE result
    ERROR_VARIABLE output)
if(NOT result EQUAL 1 OR NOT output MATCHES "/nonexistent/ca.crt: no certificates to trust")
    message(FATAL_ERROR "the README's example ended with ${result} and said: ${output}")
endif()
