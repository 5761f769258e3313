#ifndef CONVEYOR_VISION_MODEL_CARD_H_
#define CONVEYOR_VISION_MODEL_CARD_H_

#include <string>
#include <vector>

namespace conveyor::vision {

/// What a model says of itself: who made a prediction, and what images it was made for.
///
/// A Model of your own gives one to make_model(); networks get theirs from OnnxOptions, plugins from their table. The
/// card that lies beside a network as JSON is read by read_model_card() of onnx.h.
///
/// Thread safety: as a standard container.
struct ModelCard {
  /// Sent with each prediction (Prediction.model.name), and named in errors. UTF-8; of networks the file's name without
  /// its extension unless something else is said.
  std::string name = {};
  /// Sent with each prediction (Prediction.model.version). UTF-8, of any form; empty: the model has none.
  std::string version = {};
  /// SHA-256 of the weights, 64 lower-case hex digits, sent with each prediction; empty: a model without weights.
  std::string sha256 = {};
  /// The preprocess chain that it was made for, as text (preprocess.h): "resize(64,64)|color(gray)", sizes in pixels.
  /// Used where ServeOptions::preprocess is empty; empty too: images come as they were decoded.
  std::string preprocess = {};
  /// UTF-8. Label::index counts into them from 0; empty: indexes mean nothing to others, and are not checked.
  std::vector<std::string> labels = {};
  /// For people: what a network does to pixels before it sees them, as order of channels, formula and range:
  /// "R, G, B, pixel * 0.00392157, pixels of 0 to 255". `conveyor classifier check` prints it; empty: nothing is known.
  std::string feeds = {};
  /// For people: what runs a network, with its version: "ONNX Runtime 1.29.0"; of several networks, all of them. Where
  /// another engine was preferred, also why that one refused the network. Empty: it is no network.
  std::string engine = {};
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_MODEL_CARD_H_
