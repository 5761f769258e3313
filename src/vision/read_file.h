#ifndef CONVEYOR_SRC_VISION_READ_FILE_H_
#define CONVEYOR_SRC_VISION_READ_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>

namespace conveyor::vision {

/// Weights: what protobuf, and so an ONNX file, can hold at most.
inline constexpr std::uintmax_t kMaxModelBytes = (std::uintmax_t{1} << 31) - 1;
/// Labels, model cards and the like.
inline constexpr std::uintmax_t kMaxTextBytes = std::uintmax_t{16} << 20;

/// A whole file.
/// @throws Error with errc::invalid_config saying why not, but not which: there is none, it is larger than `most`
///         bytes, or cannot be read
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::uintmax_t most);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_READ_FILE_H_
