# Finds libdeflate: its library and its header.
#
# Defines the target LibDeflate::libdeflate, LibDeflate_FOUND and LibDeflate_VERSION.

if(TARGET LibDeflate::libdeflate)
  set(LibDeflate_FOUND TRUE)
  return()
endif()

find_path(LibDeflate_INCLUDE_DIR libdeflate.h)
find_library(LibDeflate_LIBRARY deflate)
mark_as_advanced(LibDeflate_INCLUDE_DIR LibDeflate_LIBRARY)

set(LibDeflate_VERSION "")
if(LibDeflate_INCLUDE_DIR)
  file(STRINGS ${LibDeflate_INCLUDE_DIR}/libdeflate.h _line REGEX "^#define LIBDEFLATE_VERSION_STRING")
  if(_line MATCHES "\"([0-9.]+)\"")
    set(LibDeflate_VERSION ${CMAKE_MATCH_1})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibDeflate REQUIRED_VARS LibDeflate_LIBRARY LibDeflate_INCLUDE_DIR
                                  VERSION_VAR LibDeflate_VERSION
                                  REASON_FAILURE_MESSAGE "on Debian: apt install libdeflate-dev")
if(LibDeflate_FOUND)
  add_library(LibDeflate::libdeflate UNKNOWN IMPORTED)
  set_target_properties(LibDeflate::libdeflate PROPERTIES
    IMPORTED_LOCATION ${LibDeflate_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LibDeflate_INCLUDE_DIR})
endif()
