#include "vision/read_file.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "conveyor/error.h"

namespace conveyor::vision {

std::string read_file(const std::filesystem::path& file, std::uintmax_t most) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) throw Error(errc::invalid_config, "there is no such file");
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) throw Error(errc::invalid_config, "it cannot be read: " + error.message());
  if (size > most) {
    throw Error(errc::invalid_config, fmt::format("it has {} bytes; at most {} are read", size, most));
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size))) {
    throw Error(errc::invalid_config, "it cannot be read");
  }
  return bytes;
}

}  // namespace conveyor::vision
