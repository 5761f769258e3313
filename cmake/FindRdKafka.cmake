# Finds librdkafka: its own CMake package where there is one (newer versions, found by CMAKE_PREFIX_PATH), otherwise the
# library and its rdkafka.pc (Debian's librdkafka-dev ships no CMake package).
#
# Defines the target RdKafka::rdkafka, RdKafka_FOUND and RdKafka_VERSION.

if(TARGET RdKafka::rdkafka)
  set(RdKafka_FOUND TRUE)
  return()
endif()

find_package(RdKafka QUIET CONFIG)
if(TARGET RdKafka::rdkafka)
  return()
endif()

find_path(RdKafka_INCLUDE_DIR librdkafka/rdkafka.h)
find_library(RdKafka_LIBRARY rdkafka)
mark_as_advanced(RdKafka_INCLUDE_DIR RdKafka_LIBRARY)

# RD_KAFKA_VERSION is 0xMMmmrrxx.
set(RdKafka_VERSION "")
if(RdKafka_INCLUDE_DIR)
  file(STRINGS ${RdKafka_INCLUDE_DIR}/librdkafka/rdkafka.h _line REGEX "^#define RD_KAFKA_VERSION[ \t]+0x")
  if(_line MATCHES "0x([0-9a-fA-F][0-9a-fA-F])([0-9a-fA-F][0-9a-fA-F])([0-9a-fA-F][0-9a-fA-F])")
    math(EXPR _major "0x${CMAKE_MATCH_1}")
    math(EXPR _minor "0x${CMAKE_MATCH_2}")
    math(EXPR _patch "0x${CMAKE_MATCH_3}")
    set(RdKafka_VERSION ${_major}.${_minor}.${_patch})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RdKafka REQUIRED_VARS RdKafka_LIBRARY RdKafka_INCLUDE_DIR
                                  VERSION_VAR RdKafka_VERSION
                                  REASON_FAILURE_MESSAGE "on Debian: apt install librdkafka-dev")
if(RdKafka_FOUND)
  add_library(RdKafka::rdkafka UNKNOWN IMPORTED)
  set_target_properties(RdKafka::rdkafka PROPERTIES
    IMPORTED_LOCATION ${RdKafka_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${RdKafka_INCLUDE_DIR})
endif()
