# conveyor_add_messages(<target> [IMPORT_DIR <dir>] PROTOS <file>... [LINK <target>...])
#
# Compiles a project's own .proto files into a library of C++ classes that Conveyor's channels carry:
#
#     conveyor_add_messages(acme IMPORT_DIR proto PROTOS proto/acme/order.proto)
#     target_link_libraries(shop PRIVATE acme Conveyor::core)      # then: #include "acme/order.pb.h"
#
# IMPORT_DIR  the folder that imports and #includes are relative to; the current source folder when not given
# PROTOS      the files, all below IMPORT_DIR; they may import conveyor/v1/*.proto and google/protobuf/*.proto
# LINK        other targets made by conveyor_add_messages, whose files these import
#
# The target links Conveyor::proto. Its property DESCRIPTOR_SET is the path of a descriptor set of the files and all they
# import, which the conveyor command and conveyor::ChannelMap read. The library is static where Conveyor itself is:
# a shared one would bring a second copy of Conveyor's own message classes into the process. Otherwise BUILD_SHARED_LIBS
# decides.

cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

# conveyor_protoc(<sources> OUT <dir> DESCRIPTOR_SET <file> IMPORT_DIRS <dir>... PROTOS <name>...)
# Commands that generate classes into <dir>, and a descriptor set; <sources> becomes the list of all generated files.
# The names of PROTOS are relative to the first of IMPORT_DIRS.
function(conveyor_protoc sources)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUT;DESCRIPTOR_SET" "IMPORT_DIRS;PROTOS")
  if(NOT TARGET protobuf::protoc)
    message(FATAL_ERROR "protoc, protobuf's compiler, was not found (on Debian: apt install protobuf-compiler)")
  endif()

  # Beside protoc's own idea of where google/protobuf/*.proto are: where the library that we link keeps them.
  get_target_property(protobuf_dirs protobuf::libprotobuf INTERFACE_INCLUDE_DIRECTORIES)
  foreach(dir IN LISTS protobuf_dirs)
    if(EXISTS "${dir}/google/protobuf/descriptor.proto")
      list(APPEND arg_IMPORT_DIRS "${dir}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES arg_IMPORT_DIRS)
  list(TRANSFORM arg_IMPORT_DIRS PREPEND "-I")
  list(GET arg_IMPORT_DIRS 0 root)
  string(SUBSTRING "${root}" 2 -1 root)

  file(MAKE_DIRECTORY "${arg_OUT}")
  set(generated)
  foreach(name IN LISTS arg_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${name}")
    set(stem "${arg_OUT}/${stem}")
    # protoc names only one input in a dependency file, so that each file has a command of its own.
    add_custom_command(
      OUTPUT "${stem}.pb.cc" "${stem}.pb.h"
      COMMAND protobuf::protoc ${arg_IMPORT_DIRS} "--cpp_out=${arg_OUT}" "--dependency_out=${stem}.pb.d" "${root}/${name}"
      DEPENDS "${root}/${name}" protobuf::protoc
      DEPFILE "${stem}.pb.d"
      COMMENT "Generating classes of ${name}"
      VERBATIM)
    list(APPEND generated "${stem}.pb.cc" "${stem}.pb.h")
  endforeach()
  list(TRANSFORM arg_PROTOS PREPEND "${root}/" OUTPUT_VARIABLE files)
  add_custom_command(
    OUTPUT "${arg_DESCRIPTOR_SET}"
    COMMAND protobuf::protoc ${arg_IMPORT_DIRS} "--descriptor_set_out=${arg_DESCRIPTOR_SET}" --include_imports ${files}
    DEPENDS ${generated}
    COMMENT "Generating the descriptor set ${arg_DESCRIPTOR_SET}"
    VERBATIM)
  set(${sources} ${generated} "${arg_DESCRIPTOR_SET}" PARENT_SCOPE)
endfunction()

function(conveyor_add_messages target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMPORT_DIR" "PROTOS;LINK")
  set(call "conveyor_add_messages(${target})")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${call}: \"${arg_UNPARSED_ARGUMENTS}\" belongs to neither IMPORT_DIR, PROTOS nor LINK")
  endif()
  if(NOT arg_PROTOS)
    message(FATAL_ERROR "${call}: no PROTOS given")
  endif()
  if(NOT arg_IMPORT_DIR)
    set(arg_IMPORT_DIR ".")
  endif()
  get_filename_component(root "${arg_IMPORT_DIR}" ABSOLUTE)
  get_target_property(conveyor_dir Conveyor::proto CONVEYOR_IMPORT_DIR)
  set(import_dirs "${root}" "${conveyor_dir}")
  foreach(other IN LISTS arg_LINK)
    get_target_property(dir ${other} CONVEYOR_IMPORT_DIR)
    if(NOT dir)
      message(FATAL_ERROR "${call}: LINK ${other}, which conveyor_add_messages did not make")
    endif()
    list(APPEND import_dirs "${dir}")
  endforeach()

  set(names)
  foreach(proto IN LISTS arg_PROTOS)
    get_filename_component(path "${proto}" ABSOLUTE)
    if(NOT EXISTS "${path}")
      message(FATAL_ERROR "${call}: there is no file ${path}")
    endif()
    file(RELATIVE_PATH name "${root}" "${path}")
    if(name MATCHES "^\\.\\./")
      message(FATAL_ERROR "${call}: ${path} does not lie below IMPORT_DIR, ${root}")
    endif()
    if(EXISTS "${conveyor_dir}/${name}")
      message(FATAL_ERROR "${call}: ${name} is compiled into Conveyor::proto already; link that")
    endif()
    list(APPEND names "${name}")
  endforeach()

  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}_generated")
  set(descriptor_set "${out}/${target}.desc")
  conveyor_protoc(sources OUT "${out}" DESCRIPTOR_SET "${descriptor_set}" IMPORT_DIRS ${import_dirs} PROTOS ${names})

  get_target_property(conveyor_type Conveyor::proto TYPE)
  set(type)
  if(conveyor_type STREQUAL "STATIC_LIBRARY")
    set(type STATIC)
  endif()
  add_library(${target} ${type} ${sources})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} SYSTEM PUBLIC "$<BUILD_INTERFACE:${out}>")
  target_link_libraries(${target} PUBLIC Conveyor::proto ${arg_LINK})
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET default
    POSITION_INDEPENDENT_CODE ON
    DESCRIPTOR_SET "${descriptor_set}"
    CONVEYOR_IMPORT_DIR "${root}")
endfunction()

cmake_policy(POP)
