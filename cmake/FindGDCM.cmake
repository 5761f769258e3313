# Finds GDCM's libraries and headers. Debian's own CMake package names tools of GDCM that its development package does not
# bring, and fails without them.
#
# Defines the target GDCM::gdcm, GDCM_FOUND and GDCM_VERSION.

if(TARGET GDCM::gdcm)
  set(GDCM_FOUND TRUE)
  return()
endif()

find_path(GDCM_INCLUDE_DIR gdcmImage.h PATH_SUFFIXES gdcm-3.2 gdcm-3.1 gdcm-3.0)
set(_gdcm_libraries)
foreach(_part MSFF DSED Common)
  find_library(GDCM_${_part}_LIBRARY gdcm${_part})
  mark_as_advanced(GDCM_${_part}_LIBRARY)
  list(APPEND _gdcm_libraries GDCM_${_part}_LIBRARY)
endforeach()
mark_as_advanced(GDCM_INCLUDE_DIR)

set(GDCM_VERSION "")
if(GDCM_INCLUDE_DIR)
  file(STRINGS ${GDCM_INCLUDE_DIR}/gdcmConfigure.h _line REGEX "^#define GDCM_VERSION ")
  if(_line MATCHES "\"([0-9.]+)\"")
    set(GDCM_VERSION ${CMAKE_MATCH_1})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GDCM REQUIRED_VARS ${_gdcm_libraries} GDCM_INCLUDE_DIR
                                  VERSION_VAR GDCM_VERSION
                                  REASON_FAILURE_MESSAGE "on Debian: apt install libgdcm-dev")
if(GDCM_FOUND)
  add_library(GDCM::gdcm UNKNOWN IMPORTED)
  set_target_properties(GDCM::gdcm PROPERTIES
    IMPORTED_LOCATION ${GDCM_MSFF_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${GDCM_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${GDCM_DSED_LIBRARY};${GDCM_Common_LIBRARY}")
endif()
