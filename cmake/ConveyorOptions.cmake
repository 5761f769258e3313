# What can be chosen when Conveyor is built, and how its own code is compiled.

option(BUILD_SHARED_LIBS "Build shared libraries" OFF)
option(CONVEYOR_VISION "Build Conveyor::vision (needs OpenCV core, imgproc, dnn, objdetect)" ON)
option(CONVEYOR_MEDIA "Build Conveyor::media (needs OpenCV imgcodecs, videoio)" ${CONVEYOR_VISION})
option(CONVEYOR_DICOM "Build Conveyor::dicom (needs GDCM, OpenJPEG, CharLS)" ${CONVEYOR_VISION})
option(CONVEYOR_ONNXRUNTIME "Build Conveyor::onnxruntime where ONNX Runtime is found" ${CONVEYOR_VISION})
option(CONVEYOR_TESTING "Build Conveyor::testing, the embedded broker and test doubles" ON)
option(CONVEYOR_CLI "Build the conveyor command (needs CLI11)" ON)
option(CONVEYOR_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(CONVEYOR_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(CONVEYOR_INSTALL "Make an install target" ${PROJECT_IS_TOP_LEVEL})
option(CONVEYOR_WERROR "Treat warnings in Conveyor's own code as errors" ${PROJECT_IS_TOP_LEVEL})
option(CONVEYOR_BENCH "Build the benchmarks" OFF)
option(CONVEYOR_FUZZ "Build the fuzzers and nothing else; needs clang" OFF)
set(CONVEYOR_ZLIB auto CACHE STRING "What writes and reads zlib streams: libdeflate, zlib, or auto, libdeflate where it is found")
set_property(CACHE CONVEYOR_ZLIB PROPERTY STRINGS auto libdeflate zlib)
set(CONVEYOR_SANITIZE "" CACHE STRING "Sanitizers to build with: address (with undefined), thread, or none")
set_property(CACHE CONVEYOR_SANITIZE PROPERTY STRINGS "" address thread)

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
  # Lines of code for stack traces and profiles, no variables: a quarter less to compile. Whoever chooses the build type,
  # as the presets do, gets what it means to CMake.
  string(REGEX REPLACE "-g( |$)" "-g1\\1" with_lines "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "${with_lines}" CACHE STRING "Compiler flags of RelWithDebInfo" FORCE)
endif()
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
endif()

# A compiler cache, if there is one. Paths below the build folder count relative to it, so that another build of the same
# sources (the shared flavour of the package tests, for one) finds what this one compiled. The compiler lists the headers,
# so that no preprocessor runs before it (CCACHE_DEPEND); what is sloppy is what the cache needs for precompiled headers.
if(PROJECT_IS_TOP_LEVEL)
  find_program(CONVEYOR_CCACHE ccache DOC "Compiler cache; set it to NO to do without")
  if(CONVEYOR_CCACHE AND (NOT CMAKE_CXX_COMPILER_LAUNCHER OR CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache$"))
    set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_BINARY_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CONVEYOR_CCACHE})
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "Conveyor needs g++ 12 or newer; this is ${CMAKE_CXX_COMPILER_VERSION}")
endif()

if(CONVEYOR_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "CONVEYOR_FUZZ needs clang, for libFuzzer; this is ${CMAKE_CXX_COMPILER_ID}")
  endif()
  set(CONVEYOR_SANITIZE address)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CONVEYOR_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(CONVEYOR_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(CONVEYOR_SANITIZE)
  message(FATAL_ERROR "CONVEYOR_SANITIZE=${CONVEYOR_SANITIZE}: known are address and thread")
endif()

# conveyor_compile(<target>): how all of our own code is compiled; nothing of it reaches users.
function(conveyor_compile target)
  set_target_properties(${target} PROPERTIES
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                         -Wmissing-declarations)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # What src/base/thread_annotations.h says. An error in the sanitizers' builds too, which are clang's.
    target_compile_options(${target} PRIVATE -Wthread-safety -Werror=thread-safety)
  endif()
  if(CONVEYOR_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# conveyor_library(<component> OUTPUT <name> SOURCES <file>...): one installed library, Conveyor::<component>.
function(conveyor_library component)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "SOURCES")
  set(target conveyor_${component})
  add_library(${target} ${arg_SOURCES})
  add_library(Conveyor::${component} ALIAS ${target})
  conveyor_compile(${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${component}
    OUTPUT_NAME ${arg_OUTPUT}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    DEFINE_SYMBOL "")
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
endfunction()
