#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_FILE_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_FILE_H_

#include <filesystem>
#include <string>

namespace conveyor::vision {

/// An ONNX model read from disk: the model file, and the files with its external data.
struct OnnxFile {
  std::string bytes = {};   ///< one onnx.ModelProto with all of its weights
  std::string sha256 = {};  ///< of the model file, followed by its data files in the order of their names
};

/// Reads a model and replaces each reference to external data by the data, so that engines get one piece and open no
/// file themselves. Refuses tensors with more or fewer bytes than their shape and type need.
///
/// A data file is named relative to the model's folder (onnx.proto, "location"), not to the working directory. It must
/// lie in that folder or, where the model is a symbolic link, in the folder of the file that the link leads to.
///
/// @throws Error with errc::invalid_config saying what is wrong: a file cannot be read, is too large, lies elsewhere,
///         or has too few bytes; the bytes are not a model's
[[nodiscard]] OnnxFile read_onnx_file(const std::filesystem::path& file);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_FILE_H_
