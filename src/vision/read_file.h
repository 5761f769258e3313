#ifndef CONVEYOR_SRC_VISION_READ_FILE_H_
#define CONVEYOR_SRC_VISION_READ_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>

namespace conveyor::vision {

/// Limit for weights: the most that protobuf, and so an ONNX file, can hold.
inline constexpr std::uintmax_t kMaxModelBytes = (std::uintmax_t{1} << 31) - 1;
/// Limit for labels, model cards and other texts.
inline constexpr std::uintmax_t kMaxTextBytes = std::uintmax_t{16} << 20;

/// Reads a whole file.
/// @throws Error with errc::invalid_config when there is none, it has more than `most` bytes, or cannot be read. The
///         text says why without naming the file, which the caller adds
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::uintmax_t most);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_READ_FILE_H_
