# Helpers of this project's CMake files.

# Compiler settings that every target of ours has.
function(asy_common target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                         -Wold-style-cast -Woverloaded-virtual -Wunused
                         # g++ 12 sees uninitialized members in every optional and variant.
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(ASSEMBLY_SYNC_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(ASSEMBLY_SYNC_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ASSEMBLY_SYNC_SANITIZE}
                           -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${ASSEMBLY_SYNC_SANITIZE})
  endif()
endfunction()

# asy_library(daemon/store PUBLIC … PRIVATE …): the static library asy_daemon_store of a folder's own
# .cpp files (sub-folders are libraries of their own; main.cpp belongs to the executable).
function(asy_library folder)
  string(REPLACE "/" "_" name asy_${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(folder STREQUAL connectors OR folder STREQUAL mapping)
    file(GLOB nested CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*/*.cpp)
    list(APPEND sources ${nested})
  endif()
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} ${ARGN})
  asy_common(${name})
endfunction()

# asy_test(unit_core LABELS unit LINK asy_core SOURCES …): a GoogleTest binary, one ctest entry a case.
function(asy_test name)
  cmake_parse_arguments(arg "CONCURRENCY;WHOLE;ALONE" "TIMEOUT" "LABELS;LINK;SOURCES" ${ARGN})
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  asy_common(${name})
  target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <gmock/gmock.h>)
  # What the thread sanitizer runs: the cases with Concurrency in their names.
  if(arg_CONCURRENCY)
    add_dependencies(concurrency_tests ${name})
  endif()
  # Cases that judge the pace of real processes: other tests beside them would be part of the answer.
  set(serial OFF)
  if(arg_ALONE)
    set(serial ON)
  endif()
  # Cases that share one long run are one ctest entry; so are short ones where the sanitizer takes
  # longer to start than the case to run.
  if(arg_WHOLE OR (ASSEMBLY_SYNC_SANITIZE MATCHES "address" AND "unit" IN_LIST arg_LABELS))
    if(NOT arg_WHOLE)
      set(arg_TIMEOUT 600)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
                         RUN_SERIAL ${serial})
    return()
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} RUN_SERIAL ${serial})
endfunction()
