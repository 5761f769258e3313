#ifndef CONVEYOR_SRC_SETTINGS_PROPERTIES_FILE_H_
#define CONVEYOR_SRC_SETTINGS_PROPERTIES_FILE_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor {

/// One setting of a properties file.
struct PropertyLine {
  std::string name = {};
  std::string value = {};
  int line = 0;
  /// Only blanks between name and value: as well a sentence that was meant to be a comment.
  bool by_blank = false;
};

constexpr std::size_t kLongestPropertyName = 255;
constexpr std::size_t kLargestPropertiesFile = std::size_t{1} << 20;

/// Reads the format of java.util.Properties, in UTF-8: name=value, name: value or name value; `#` and `!` begin a
/// comment line; a backslash at the end of a line continues it, and elsewhere escapes (\t \n \r \f \uXXXX, and any
/// other character as itself, so that "\ " keeps a blank at an end of a value).
///
/// @param file for the texts of errors, which never hold a value
/// @throws Error with errc::invalid_config, naming file and line
[[nodiscard]] std::vector<PropertyLine> parse_properties(std::string_view text, std::string_view file);

/// The file's bytes. @throws Error with errc::invalid_config when it is no file, cannot be read, or is larger than
/// kLargestPropertiesFile
[[nodiscard]] std::string read_properties_file(const std::filesystem::path& path);

}  // namespace conveyor

#endif  // CONVEYOR_SRC_SETTINGS_PROPERTIES_FILE_H_
