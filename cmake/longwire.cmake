# The three functions every folder uses. One folder = one library; DEPS are its arrows.
#
#   longwire_library(NAME base_net SRCS loop.cc tls.cc DEPS base LIBS OpenSSL::SSL)
#   longwire_test(NAME base_test SRCS bytes_test.cc DEPS base)          # GoogleTest, added to ctest
#   longwire_program(NAME longwire SRCS main.cc DEPS daemon)

# A static library's private dependencies are linked by its users: their targets must be seen there too.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

option(LONGWIRE_WARNINGS_AS_ERRORS "Our presets set this; a packager need not" OFF)
set(LONGWIRE_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined")
option(LONGWIRE_FUZZ "Build the libFuzzer targets (clang)" OFF)

add_library(longwire_flags INTERFACE)
target_include_directories(longwire_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(longwire_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(longwire_flags INTERFACE -Wthread-safety)
endif()
if(LONGWIRE_WARNINGS_AS_ERRORS)
  target_compile_options(longwire_flags INTERFACE -Werror)
endif()
if(LONGWIRE_SANITIZE)
  add_compile_options(-fsanitize=${LONGWIRE_SANITIZE} -fno-omit-frame-pointer)
  # An index past the end of a container that lies within an object is nothing to a sanitizer.
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${LONGWIRE_SANITIZE})
endif()
if(LONGWIRE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

function(longwire_library)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS;LIBS" ${ARGN})
  add_library(longwire_${ARG_NAME} STATIC ${ARG_SRCS})
  list(TRANSFORM ARG_DEPS PREPEND longwire_)
  target_link_libraries(longwire_${ARG_NAME} PUBLIC longwire_flags ${ARG_DEPS} PRIVATE ${ARG_LIBS})
endfunction()

function(longwire_program)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS;LIBS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  list(TRANSFORM ARG_DEPS PREPEND longwire_)
  target_link_libraries(${ARG_NAME} PRIVATE longwire_flags ${ARG_DEPS} ${ARG_LIBS} Threads::Threads)
endfunction()

# Gatherings that ./dev builds in the sanitizer and fuzz presets; each folder's functions add to them.
add_custom_target(longwire_sanitized_tests)
add_custom_target(longwire_fuzz_targets)
# All generated sources, so that clang-tidy can read what includes them.
add_custom_target(longwire_generated)

# ctest runs the whole program once; it is GoogleTest that counts cases (tests/support/run_all adds them up).
function(longwire_test)
  cmake_parse_arguments(ARG "" "NAME;LABEL" "SRCS;DEPS;LIBS" ${ARGN})
  find_package(GTest REQUIRED)
  longwire_program(NAME ${ARG_NAME} SRCS ${ARG_SRCS} DEPS ${ARG_DEPS} LIBS ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME} --gtest_brief=1
           --gtest_output=json:${CMAKE_BINARY_DIR}/test-results/${ARG_NAME}.json
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300)
  if(ARG_LABEL MATCHES "^(unit|script)$")
    add_dependencies(longwire_sanitized_tests ${ARG_NAME})
  endif()
endfunction()

# A test that is a Python script: standard library (and slixmpp), run by apt's Python. It is told
# where to leave its counts: --results FILE (see tests/support/results.py).
function(longwire_python_test)
  cmake_parse_arguments(ARG "SERIAL" "NAME;SCRIPT;LABEL;TIMEOUT" "ARGS" ${ARGN})
  add_test(NAME ${ARG_NAME}
           COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SCRIPT} ${ARG_ARGS}
                   --results ${CMAKE_BINARY_DIR}/test-results/${ARG_NAME}.json
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
  if(ARG_SERIAL)
    set_tests_properties(${ARG_NAME} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

# A fuzz target: `extern "C" int LLVMFuzzerTestOneInput`. With LONGWIRE_FUZZ it is a libFuzzer program; otherwise it is
# linked to a small main that replays its corpus, as a test, so that a found input stays found with every compiler.
function(longwire_fuzz)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS;LIBS" ${ARGN})
  if(LONGWIRE_FUZZ)
    longwire_program(NAME fuzz_${ARG_NAME} SRCS ${ARG_SRCS} DEPS ${ARG_DEPS} LIBS ${ARG_LIBS})
    target_link_options(fuzz_${ARG_NAME} PRIVATE -fsanitize=fuzzer)
    add_dependencies(longwire_fuzz_targets fuzz_${ARG_NAME})
  else()
    longwire_program(NAME fuzz_${ARG_NAME} SRCS ${ARG_SRCS} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc
                     DEPS ${ARG_DEPS} LIBS ${ARG_LIBS})
    add_test(NAME fuzz_replay_${ARG_NAME} COMMAND fuzz_${ARG_NAME} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${ARG_NAME})
    set_tests_properties(fuzz_replay_${ARG_NAME} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
endfunction()
