# Finds the decoders of what DICOM files hold: GDCM, OpenJPEG and CharLS, the latter two those that GDCM itself uses. The
# CMake packages that Debian has of GDCM and OpenJPEG name tools that the development packages do not bring, and fail
# without them.
#
# Defines the target DicomCodecs::DicomCodecs and DicomCodecs_FOUND.

if(TARGET DicomCodecs::DicomCodecs)
  set(DicomCodecs_FOUND TRUE)
  return()
endif()

find_path(DicomCodecs_GDCM_INCLUDE_DIR gdcmImageCodec.h PATH_SUFFIXES gdcm-3.2 gdcm-3.1 gdcm-3.0)
find_path(DicomCodecs_OPENJPEG_INCLUDE_DIR openjpeg.h PATH_SUFFIXES openjpeg-2.5 openjpeg-2.4)
find_path(DicomCodecs_CHARLS_INCLUDE_DIR charls/charls_jpegls_decoder.h)  # 2.1 and newer
set(_variables DicomCodecs_GDCM_INCLUDE_DIR DicomCodecs_OPENJPEG_INCLUDE_DIR DicomCodecs_CHARLS_INCLUDE_DIR)
foreach(_library gdcmMSFF gdcmDSED gdcmCommon openjp2 charls)
  find_library(DicomCodecs_${_library}_LIBRARY ${_library})
  list(APPEND _variables DicomCodecs_${_library}_LIBRARY)
endforeach()
mark_as_advanced(${_variables})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DicomCodecs REQUIRED_VARS ${_variables}
  REASON_FAILURE_MESSAGE "on Debian: apt install libgdcm-dev libopenjp2-7-dev libcharls-dev")
if(DicomCodecs_FOUND)
  add_library(DicomCodecs::DicomCodecs INTERFACE IMPORTED)
  foreach(_variable IN LISTS _variables)
    if(_variable MATCHES "INCLUDE_DIR$")
      set_property(TARGET DicomCodecs::DicomCodecs APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES ${${_variable}})
    else()
      set_property(TARGET DicomCodecs::DicomCodecs APPEND PROPERTY INTERFACE_LINK_LIBRARIES ${${_variable}})
    endif()
  endforeach()
endif()
