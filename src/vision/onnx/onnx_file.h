#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_FILE_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_FILE_H_

#include <filesystem>
#include <string>

namespace conveyor::vision {

/// What an ONNX model is on disk: a file, and those that its external data is in.
struct OnnxFile {
  std::string bytes = {};   ///< one onnx.ModelProto with all of its weights
  std::string sha256 = {};  ///< of the model file, followed by its data files in the order of their names
};

/// Reads a model, and puts its external data where the references to it are: engines get one piece, and look for no
/// file of their own. Tensors whose bytes are not what their shape and type need do not pass.
///
/// A data file is named relative to the model's folder (onnx.proto, "location"), wherever the program was started. It
/// must lie in that folder, or in the one where the model file lies that a symbolic link leads to.
///
/// @throws Error with errc::invalid_config saying what is wrong: a file cannot be read, is too large, lies elsewhere,
///         or has too few bytes; the bytes are not a model's
[[nodiscard]] OnnxFile read_onnx_file(const std::filesystem::path& file);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_FILE_H_
