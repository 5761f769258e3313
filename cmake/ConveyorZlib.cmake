# What writes and reads zlib streams, by the option CONVEYOR_ZLIB.
#
# Sets CONVEYOR_ZLIB_ENGINE (libdeflate or zlib), CONVEYOR_ZLIB_ENGINE_CLASS, its class in src/codec/zlib_engine.h, and
# CONVEYOR_ZLIB_TARGET, which core links.

if(NOT CONVEYOR_ZLIB MATCHES "^(auto|libdeflate|zlib)$")
  message(FATAL_ERROR "CONVEYOR_ZLIB=${CONVEYOR_ZLIB}: known are auto, libdeflate and zlib")
endif()
if(CONVEYOR_ZLIB STREQUAL "libdeflate")
  find_package(LibDeflate 1.14 REQUIRED)
elseif(CONVEYOR_ZLIB STREQUAL "auto")
  find_package(LibDeflate 1.14)
endif()
if(CONVEYOR_ZLIB STREQUAL "zlib" OR NOT LibDeflate_FOUND)
  find_package(ZLIB 1.2.13 REQUIRED)
  set(CONVEYOR_ZLIB_ENGINE zlib)
  set(CONVEYOR_ZLIB_ENGINE_CLASS ZlibEngine)
  set(CONVEYOR_ZLIB_TARGET ZLIB::ZLIB)
  if(CONVEYOR_ZLIB STREQUAL "auto")
    message(STATUS "zlib streams: by zlib, which is slower than libdeflate (on Debian: apt install libdeflate-dev)")
  else()
    message(STATUS "zlib streams: by zlib, as CONVEYOR_ZLIB says")
  endif()
else()
  set(CONVEYOR_ZLIB_ENGINE libdeflate)
  set(CONVEYOR_ZLIB_ENGINE_CLASS LibdeflateEngine)
  set(CONVEYOR_ZLIB_TARGET LibDeflate::libdeflate)
  message(STATUS "zlib streams: by libdeflate")
endif()
