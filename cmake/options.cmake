# How our own code is compiled. Every target of ours links clacks::options privately; nothing is
# set globally, so that what we include from elsewhere keeps its own rules.
add_library(clacks_options INTERFACE)
add_library(clacks::options ALIAS clacks_options)

target_compile_features(clacks_options INTERFACE cxx_std_20)
# -Wrestrict of GCC 12 sees overlaps in std::string's operator+ that are none (GCC bug 105329).
target_compile_options(clacks_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
    -Woverloaded-virtual $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Werror)

set(CLACKS_SANITIZER "" CACHE STRING "address, thread or empty")
if(CLACKS_SANITIZER STREQUAL "address")
    set(flags -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(CLACKS_SANITIZER STREQUAL "thread")
    set(flags -fsanitize=thread)
elseif(NOT CLACKS_SANITIZER STREQUAL "")
    message(FATAL_ERROR "CLACKS_SANITIZER is '${CLACKS_SANITIZER}'; allowed: address, thread, empty")
endif()
if(flags)
    # Instrumented, g++ 12 sees uninitialized values in Asio that are none; and its thread sanitizer
    # does not follow the fences with which Asio orders what its locks order anyway.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        list(APPEND flags -Wno-maybe-uninitialized -Wno-tsan)
    endif()
    target_compile_options(clacks_options INTERFACE ${flags} -fno-omit-frame-pointer)
    target_link_options(clacks_options INTERFACE ${flags})
endif()

# Structs of a hundred bytes or so are made for every request. GCC clears them with `rep stos`, which
# takes some 30 cycles to begin; a few stores do it in a fraction: 5 to 10 % of the time of a get.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
    # Not in the debug build, whose commands clang-tidy reads.
    target_compile_options(clacks_options INTERFACE
        "$<$<NOT:$<CONFIG:Debug>>:-mmemset-strategy=unrolled_loop:512:noalign,libcall:-1:noalign>")
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
