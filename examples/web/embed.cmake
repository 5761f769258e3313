# embed_file(<target> <file> <name>)
# Makes <file>.h, which has the file's bytes as `inline constexpr std::string_view <name>`, for the sources of a target.
function(embed_file target file name)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  get_filename_component(base ${file} NAME)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  # A literal may have 64 KiB; several in a row are one.
  string(LENGTH "${text}" length)
  set(literals "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND literals "    R\"embedded(${piece})embedded\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  string(TOUPPER "EMBEDDED_${base}_H_" guard)
  string(MAKE_C_IDENTIFIER "${guard}" guard)
  file(CONFIGURE OUTPUT embedded/${base}.h @ONLY CONTENT
"#ifndef @guard@
#define @guard@

#include <string_view>

inline constexpr std::string_view @name@ =
@literals@;

#endif  // @guard@
")
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded)
endfunction()
