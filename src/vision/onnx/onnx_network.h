#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_NETWORK_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_NETWORK_H_

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
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_model.h"
#include "vision/onnx/onnx_pixels.h"

// What is done with ONNX models whichever engine runs them. Exported for Conveyor::onnxruntime, the other engine.

namespace conveyor::vision {

/// What all classifiers of a model share; immutable.
struct OnnxNetwork {
  std::string bytes = {};    ///< with its external data in them
  OnnxOptions options = {};  ///< width and height are set
  int channels = 0;
  std::vector<OnnxValue> outputs = {};  ///< as the file declares them
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

  /// @param input 1 x channels x height x width, CV_32F, in one piece
  /// @return its outputs, float, in the order in which the file declares them; valid until the next call
  virtual const std::vector<OnnxOutput>& run(const cv::Mat& input) = 0;
};

/// Throws Error, or cv::Exception, when it cannot run the network. Called from any thread.
using OnnxEngineMaker = std::function<std::unique_ptr<OnnxEngine>(const OnnxNetwork& network)>;

/// Feeds images to an engine as the options say. An output of another shape than the file declares is an Error with
/// errc::invalid_config: that is how an operator shows which the engine misunderstood.
class OnnxRunner {
 public:
  OnnxRunner(std::shared_ptr<const OnnxNetwork> network, const OnnxEngineMaker& make);

  [[nodiscard]] InputSpec input() const;
  [[nodiscard]] std::string refusal(const Sample& sample) const { return pixels_.refusal(sample); }
  const std::vector<OnnxOutput>& run(const cv::Mat& image);
  /// Runs it on an image of zeros.
  const std::vector<OnnxOutput>& try_out() { return run_blob(); }
  [[nodiscard]] const OnnxNetwork& network() const noexcept { return *network_; }

 private:
  void fill_blob(const cv::Mat& image);
  const std::vector<OnnxOutput>& run_blob();

  std::shared_ptr<const OnnxNetwork> network_;
  OnnxPixels pixels_;
  std::unique_ptr<OnnxEngine> engine_;
  cv::Mat blob_;
  std::vector<cv::Mat> planes_;
};

/// "1 x 3 x 6 x 8"
[[nodiscard]] std::string shape_text(std::span<const std::int64_t> shape);

/// The model that `make_model(network)` gives of the file, checked against the options.
/// @throws Error with errc::invalid_config naming the file, whatever is thrown inside
[[nodiscard]] std::shared_ptr<const Model> load_network(
    const std::filesystem::path& file, const OnnxOptions& options,
    const std::function<std::shared_ptr<const Model>(std::shared_ptr<const OnnxNetwork>)>& make_model);

/// onnx() and onnx_detector() with another engine.
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx_with(const std::filesystem::path& file,
                                                                     const OnnxOptions& options,
                                                                     const OnnxEngineMaker& make);
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> onnx_detector_with(const std::filesystem::path& file,
                                                                              const OnnxDetectorOptions& options,
                                                                              const OnnxEngineMaker& make);

/// The engine cv::dnn of OpenCV. It takes only networks whose operators it is known to run correctly.
[[nodiscard]] std::unique_ptr<OnnxEngine> opencv_engine(const OnnxNetwork& network);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_NETWORK_H_
