#ifndef CONVEYOR_VISION_ONNX_H_
#define CONVEYOR_VISION_ONNX_H_

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "conveyor/export.h"

namespace conveyor::vision {

class Model;

/// What is to be computed of a network's scores before they are read.
enum class OnnxActivation {
  kNone,     ///< nothing: the network itself ends with its softmax or sigmoid, or has none
  kSoftmax,  ///< they are logits of classes of which one holds: exp(x) / the sum of all exp(x)
  kSigmoid,  ///< they are logits of classes that hold independently of each other: 1 / (1 + exp(-x))
};

/// The order of the sides of a network's input.
enum class OnnxLayout {
  kAuto,  ///< as its shape says: the channels are the side of 1 or 3
  kNchw,  ///< batch, channels, height, width, as PyTorch exports it
  kNhwc,  ///< batch, height, width, channels, as TensorFlow exports it
};

struct OnnxOptions {
  /// One for each score, in order; empty: those in the file's metadata (Ultralytics' `names`, PaddlePaddle's
  /// `character`), or else the numbers from "0".
  std::vector<std::string> labels = {};
  int width = 0;  ///< pixels; needed where the network leaves them open
  int height = 0;
  bool rgb = true;  ///< the network wants R, G, B; false: B, G, R
  /// Needed only where the shape of the input has a side of 1 or 3 in both places.
  OnnxLayout layout = OnnxLayout::kAuto;

  /// What the network is fed: (pixel * scale - mean[c]) / deviation[c], c being the network's channel. For ImageNet's
  /// usual networks: 1/255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}.
  double scale = 1.0 / 255;
  /// The value of white that scale, mean and deviation are for: 255, 65535, 1. Pictures of another range, of 12 or 16
  /// bit say, are brought to it. 0: it follows from a scale of 1 or 2 / (2^n - 1) with n 8, 10, 12, 14 or 16, such as
  /// 1/255, 2/255 or 1/65535, to within 0.6%. Of other scales nothing follows: pictures of 8 bit are then fed as they
  /// are, of others only what the chain has rescaled or normalised, and with a scale of 1.
  double white = 0;
  std::array<double, 3> mean = {0, 0, 0};
  std::array<double, 3> deviation = {1, 1, 1};

  /// What makes probabilities of the network's scores. Refused where the network ends with it already.
  OnnxActivation activation = OnnxActivation::kNone;
  /// The outputs that are read, by their names in the file; empty: all. Of a detector with two, first that of boxes.
  std::vector<std::string> outputs = {};
  int top = 5;            ///< labels in an outcome, surest first; 0: all
  std::string name = {};  ///< empty: the file's name without its extension
  std::string version = {};
  std::string preprocess = {};  ///< empty: resize to the network's size, and color(bgr) or color(gray)
  std::string sha256 = {};      ///< what the file must have, 64 lower-case hex digits; empty: any
};

/// The options in the model card beside a network: `model.onnx.json`, or `model.json`; the defaults where there is
/// none.
///
///     auto model = conveyor::vision::onnx("model.onnx", conveyor::vision::read_model_card("model.onnx"));
///
/// The card is JSON in UTF-8. A key is the option of its name and has its unit: width and height in pixels; scale, mean
/// and deviation of the formula in OnnxOptions, and white, in values of a pixel; top in labels. All may be left out:
///
///     {"name": "egg", "version": "3", "sha256": "9f86d0...", "preprocess": "resize(64,64)|color(gray)",
///      "labels": ["left", "right"], "activation": "softmax", "outputs": ["scores"], "top": 2,
///      "input": {"width": 64, "height": 64, "rgb": true, "layout": "nchw", "scale": 0.0039, "white": 255,
///                "mean": [0, 0, 0], "deviation": [1, 1, 1]},
///      "about": {"what is known of it": "is not looked at"}}
///
/// Instead of three numbers, mean and deviation may have one, for all channels. Values of an enumeration are its names
/// without the k, in small letters and underscores. The key "detector" has the options of a
/// detector; read_detector_card() in onnx_detector.h reads them.
///
/// @throws Error with errc::invalid_config naming the card and what is wrong: no JSON, a value of another kind, or a
///         key that is not known, with the closest one that is
[[nodiscard]] CONVEYOR_EXPORT OnnxOptions read_model_card(const std::filesystem::path& model);

/// A network that gives an image scores, one for each label, run by OpenCV (cv::dnn) on the CPU. onnxruntime::onnx() has
/// ONNX Runtime run it; `onnx:FILE` in the text of a configuration prefers that one where the program has it.
///
///     auto model = conveyor::vision::onnx("squeezenet.onnx", {.labels = labels,
///                                                            .activation = OnnxActivation::kSoftmax});
///
/// The network has one input of float, float16 or uint8, of 1 or 3 channels, first (N, C, H, W) or last, and of its
/// outputs one vector of float or float16 is read. A fixed batch is filled with as many images as there are, the rest
/// with zeros. A network of uint8 gets pixels as they are, 0 to 255. OpenCV runs only float and batches of 1, and an
/// input with its channels last only where the network begins with a transposition.
///
/// Images must come in the network's size, as colour or gray. Their order, depth and range are converted to what the
/// options say the network wants; a chain that left them so that this could only be wrong, normalised already for a
/// network that normalises, is refused, with what to change. docs/classifiers.md has the table. The card carries the
/// SHA-256 of the file, followed by those that its weights lie in, in the order of their names.
///
/// The file is read once, and tried here with an empty image. Each classifier has a network of its own. Operators that
/// OpenCV is not known to run rightly are refused by name; Conveyor::onnxruntime may run them.
///
/// @throws Error with errc::invalid_config naming the file and what is wrong: it cannot be read, is no ONNX model, uses
///         what this OpenCV does not know, has another SHA-256, or its shapes are not those above or do not fit the
///         options
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx(const std::filesystem::path& file,
                                                                const OnnxOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_ONNX_H_
