# What is installed: headers, libraries, .proto files, the command, the CMake package and the pkg-config file.
#
# Each component is an export of its own, so that the package looks up the dependencies of those asked for and no others.

include(CMakePackageConfigHelpers)

set(_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Conveyor)
set(_headers FILES_MATCHING PATTERN "*.h")

set(_libraries conveyor_proto conveyor_core)
set(_components core)
install(TARGETS conveyor_proto conveyor_core EXPORT Conveyor-core)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/conveyor/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/conveyor
        ${_headers} PATTERN "vision" EXCLUDE PATTERN "media" EXCLUDE PATTERN "dicom" EXCLUDE
        PATTERN "onnxruntime" EXCLUDE PATTERN "testing" EXCLUDE)
foreach(_component vision plugin media dicom onnxruntime testing)
  if(NOT TARGET conveyor_${_component})
    continue()
  endif()
  list(APPEND _components ${_component})
  if(NOT _component STREQUAL "plugin")  # headers, which vision installs
    list(APPEND _libraries conveyor_${_component})
  endif()
  install(TARGETS conveyor_${_component} EXPORT Conveyor-${_component})
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/include/conveyor/${_component})
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/conveyor/${_component}
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/conveyor ${_headers})
  endif()
endforeach()

if(TARGET conveyor_vision)
  set(_egg_scan ${PROJECT_SOURCE_DIR}/examples/egg_scan/model/egg_synthetic)
  install(FILES ${_egg_scan}.onnx ${_egg_scan}.json
          DESTINATION ${CMAKE_INSTALL_DATADIR}/conveyor/models)
endif()

# Libraries find each other, and the command finds them, wherever the install is moved to. Those outside the system's
# folders (a newer librdkafka) are found where they were linked.
set_target_properties(${_libraries} PROPERTIES INSTALL_RPATH $ORIGIN INSTALL_RPATH_USE_LINK_PATH ON)
# _conveyor_find_libraries(<target> <folder>): the program does, installed in that folder.
function(_conveyor_find_libraries target folder)
  file(RELATIVE_PATH to_lib ${folder} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(${target} PROPERTIES INSTALL_RPATH $ORIGIN/${to_lib} INSTALL_RPATH_USE_LINK_PATH ON)
endfunction()
if(TARGET conveyor_cli)
  _conveyor_find_libraries(conveyor_cli ${CMAKE_INSTALL_FULL_BINDIR})
  install(TARGETS conveyor_cli)
endif()
if(TARGET conveyor_cli_classifier)
  _conveyor_find_libraries(conveyor_cli_classifier ${CMAKE_INSTALL_FULL_LIBEXECDIR}/conveyor)
  install(TARGETS conveyor_cli_classifier RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/conveyor)
endif()

foreach(_component IN LISTS _components)
  install(EXPORT Conveyor-${_component} NAMESPACE Conveyor:: DESTINATION ${_cmake_dir})
endforeach()

# A static library's users link what it is built on, so they need at least the version it was built against.
set(CONVEYOR_COMPONENTS ${_components})
set(CONVEYOR_PROTO_DIR ${CMAKE_INSTALL_DATADIR}/conveyor/proto)
set(CONVEYOR_RDKAFKA_VERSION ${RdKafka_VERSION})
set(CONVEYOR_ONNXRUNTIME_VERSION ${OnnxRuntime_VERSION})
set(CONVEYOR_STATIC TRUE)
if(BUILD_SHARED_LIBS)
  set(CONVEYOR_STATIC FALSE)
endif()
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/ConveyorConfig.cmake.in ${PROJECT_BINARY_DIR}/ConveyorConfig.cmake
  INSTALL_DESTINATION ${_cmake_dir}
  PATH_VARS CONVEYOR_PROTO_DIR
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ConveyorConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/ConveyorConfig.cmake
  ${PROJECT_BINARY_DIR}/ConveyorConfigVersion.cmake
  ${PROJECT_SOURCE_DIR}/cmake/ConveyorMessages.cmake
  DESTINATION ${_cmake_dir})
if(CONVEYOR_STATIC)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindRdKafka.cmake ${PROJECT_SOURCE_DIR}/cmake/FindDicomCodecs.cmake
          DESTINATION ${_cmake_dir})
  if(CONVEYOR_ZLIB_ENGINE STREQUAL "libdeflate")
    install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindLibDeflate.cmake DESTINATION ${_cmake_dir})
  endif()
  if(TARGET conveyor_onnxruntime)
    install(FILES ${PROJECT_SOURCE_DIR}/cmake/FindOnnxRuntime.cmake DESTINATION ${_cmake_dir})
  endif()
endif()

# A static library's private dependencies are named in Libs, not in Requires.private: there is no shared one to link
# instead, and rdkafka.pc asks for development packages that nothing here needs.
file(RELATIVE_PATH _pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" CONVEYOR_PC_PREFIX "\${pcfiledir}/${_pc_to_prefix}")
set(CONVEYOR_PC_LIBS "-lconveyor -lconveyor_proto")
if(CONVEYOR_STATIC)
  foreach(_target RdKafka::rdkafka ${CONVEYOR_ZLIB_TARGET} fmt::fmt)
    set(_folder "$<TARGET_FILE_DIR:${_target}>")
    string(APPEND CONVEYOR_PC_LIBS
      "$<$<NOT:$<IN_LIST:${_folder},${CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES}>>: -L${_folder}>")
  endforeach()
  string(APPEND CONVEYOR_PC_LIBS " -lrdkafka $<IF:$<STREQUAL:${CONVEYOR_ZLIB_ENGINE},zlib>,-lz,-ldeflate> -lfmt -pthread")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/conveyor.pc.in ${PROJECT_BINARY_DIR}/conveyor.pc.in @ONLY)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/conveyor.pc INPUT ${PROJECT_BINARY_DIR}/conveyor.pc.in)
install(FILES ${PROJECT_BINARY_DIR}/conveyor.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
