# Finds ONNX Runtime: its headers (onnxruntime_cxx_api.h) and shared library, below OnnxRuntime_ROOT or CMAKE_PREFIX_PATH.
# The archives of its releases, Debian's libonnxruntime-dev and what cmake/setup.sh fetches all fit.
#
# Defines the target OnnxRuntime::onnxruntime, OnnxRuntime_FOUND and OnnxRuntime_VERSION (major.minor).

if(TARGET OnnxRuntime::onnxruntime)
  set(OnnxRuntime_FOUND TRUE)
  return()
endif()

find_path(OnnxRuntime_INCLUDE_DIR onnxruntime_cxx_api.h
          PATH_SUFFIXES onnxruntime onnxruntime/core/session)
find_library(OnnxRuntime_LIBRARY onnxruntime)
mark_as_advanced(OnnxRuntime_INCLUDE_DIR OnnxRuntime_LIBRARY)

# The API's version is the release's minor one.
set(OnnxRuntime_VERSION "")
if(OnnxRuntime_INCLUDE_DIR)
  file(STRINGS ${OnnxRuntime_INCLUDE_DIR}/onnxruntime_c_api.h _line REGEX "^#define ORT_API_VERSION[ \t]+[0-9]+")
  if(_line MATCHES "([0-9]+)")
    set(OnnxRuntime_VERSION 1.${CMAKE_MATCH_1})
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxRuntime REQUIRED_VARS OnnxRuntime_LIBRARY OnnxRuntime_INCLUDE_DIR
                                  VERSION_VAR OnnxRuntime_VERSION
                                  REASON_FAILURE_MESSAGE "set OnnxRuntime_ROOT to the folder of a release")
if(OnnxRuntime_FOUND)
  add_library(OnnxRuntime::onnxruntime UNKNOWN IMPORTED)
  set_target_properties(OnnxRuntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION ${OnnxRuntime_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${OnnxRuntime_INCLUDE_DIR})
endif()
