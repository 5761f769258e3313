#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_NETWORK_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_NETWORK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

#include "conveyor/export.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/network_input.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_blob.h"
#include "vision/onnx/onnx_input.h"
#include "vision/onnx/onnx_model.h"
#include "vision/onnx/onnx_pixels.h"

// What is done with ONNX models whichever engine runs them. Exported for Conveyor::onnxruntime, the other engine.

namespace conveyor::vision {

/// What all classifiers of a model share; immutable.
struct OnnxNetwork {
  std::string bytes = {};    ///< with its external data in them
  OnnxOptions options = {};  ///< width and height are set, and labels where the file has them
  OnnxInput input = {};
  std::vector<OnnxValue> outputs = {};  ///< those that are read, as the file declares them
  bool has_own_labels = false;          ///< the labels are those in the file
  ModelCard card = {};
};

struct OnnxOutput {
  std::vector<std::int64_t> shape = {};
  std::span<const float> values = {};
};

/// Runs one network. One thread at a time.
class OnnxEngine {
 public:
  OnnxEngine() = default;
  OnnxEngine(const OnnxEngine&) = delete;
  OnnxEngine& operator=(const OnnxEngine&) = delete;
  virtual ~OnnxEngine() = default;

  /// @param input as OnnxNetwork::input says, CV_32F, CV_16F or CV_8U, in one piece
  /// @return OnnxNetwork::outputs, in float; valid until the next call
  virtual const std::vector<OnnxOutput>& run(const cv::Mat& input) = 0;
};

/// Throws Error when it cannot run the network. Called from any thread.
using OnnxEngineMaker = std::function<std::unique_ptr<OnnxEngine>(const OnnxNetwork& network)>;

/// A library that runs networks.
struct OnnxEngineKind {
  std::string word = {};  ///< in configurations: "opencv"
  std::string name = {};  ///< for people: "OpenCV 4.6.0"
  OnnxEngineMaker make = {};
};

/// cv::dnn of OpenCV. It takes only networks whose operators it is known to run correctly.
[[nodiscard]] CONVEYOR_EXPORT OnnxEngineKind opencv_engine();

/// The engine of a network, and what makes more of the same kind.
struct StartedOnnxEngine {
  std::unique_ptr<OnnxEngine> engine = {};
  OnnxEngineMaker make = {};
  ModelCard card = {};  ///< the network's, with ModelCard::engine
};

/// Starts the first of the engines that takes the network. That an earlier one refused it, and why, is logged as a
/// warning and stands in the card.
/// @param kinds at least one, the preferred one first
/// @throws Error where none takes it: that of the first
[[nodiscard]] StartedOnnxEngine start_engine(const std::vector<OnnxEngineKind>& kinds, const OnnxNetwork& network);

/// Feeds images to an engine as the options say. An output of another shape than the file declares is an Error with
/// errc::invalid_config: that is how an operator shows which the engine misunderstood.
class OnnxRunner {
 public:
  OnnxRunner(std::shared_ptr<const OnnxNetwork> network, std::unique_ptr<OnnxEngine> engine);

  [[nodiscard]] InputSpec input() const;
  [[nodiscard]] std::string refusal(const Sample& sample) const { return pixels_.refusal(sample); }
  /// Calls each(i, outputs) for every image; a fixed batch at a time. The outputs are those of one image, of a batch of
  /// 1, and valid in the call.
  template <class F>
  void run(std::span<const cv::Mat> images, F each) {
    const auto batch = static_cast<std::size_t>(network_->input.batch);
    for (std::size_t begin = 0; begin < images.size(); begin += batch) {
      const auto part = images.subspan(begin, std::min(batch, images.size() - begin));
      blob_.fill(part);
      const std::vector<OnnxOutput>& outputs = run_blob();
      for (std::size_t i = 0; i < part.size(); ++i) each(begin + i, of_image(outputs, i));
    }
  }
  /// Runs it on images of zeros. @return the outputs of one
  const std::vector<OnnxOutput>& try_out() { return of_image(run_blob(), 0); }
  /// What the network is fed with for this image.
  [[nodiscard]] NetworkInput network_input(const cv::Mat& image);
  [[nodiscard]] const OnnxNetwork& network() const noexcept { return *network_; }

 private:
  const std::vector<OnnxOutput>& run_blob();
  const std::vector<OnnxOutput>& of_image(const std::vector<OnnxOutput>& outputs, std::size_t image);

  std::shared_ptr<const OnnxNetwork> network_;
  OnnxPixels pixels_;
  std::unique_ptr<OnnxEngine> engine_;
  OnnxBlob blob_;
  std::vector<OnnxOutput> slices_;
};

/// "1 x 3 x 6 x 8"
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

/// What is read of a network's outputs.
enum class OnnxUse { kClassify, kDetect };

/// The model that `make_model(network)` gives of the file, checked against the options.
/// @throws Error with errc::invalid_config naming the file, whatever is thrown inside
[[nodiscard]] std::shared_ptr<const Model> load_network(
    const std::filesystem::path& file, const OnnxOptions& options, OnnxUse use,
    const std::function<std::shared_ptr<const Model>(std::shared_ptr<const OnnxNetwork>)>& make_model);

/// onnx() and onnx_detector() with other engines, of which start_engine() chooses.
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx_with(const std::filesystem::path& file,
                                                                     const OnnxOptions& options,
                                                                     const std::vector<OnnxEngineKind>& engines);
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx_detector_with(
    const std::filesystem::path& file, const OnnxDetectorOptions& options, const std::vector<OnnxEngineKind>& engines);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_NETWORK_H_
