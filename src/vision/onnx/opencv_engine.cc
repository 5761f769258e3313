#include <fmt/format.h>

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <opencv2/dnn.hpp>
#include <string>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "vision/onnx/onnx_network.h"
#include "vision/onnx/opencv_log.h"
#include "vision/onnx/opencv_operators.h"
#include "vision/onnx/opencv_rules.h"

namespace conveyor::vision {
namespace {

class OpenCvEngine final : public OnnxEngine {
 public:
  explicit OpenCvEngine(const OnnxNetwork& network)
      : net_(cv::dnn::readNetFromONNX(network.bytes.data(), network.bytes.size())) {
    for (const OnnxValue& output : network.outputs) names_.push_back(output.name);
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  }

  const std::vector<OnnxOutput>& run(const cv::Mat& input) override {
    net_.setInput(input);
    forward();
    outputs_.clear();
    for (const cv::Mat& matrix : matrices_) {
      if (matrix.depth() != CV_32F || !matrix.isContinuous()) {
        throw Error(errc::invalid_config, "its output is not float");
      }
      OnnxOutput& output = outputs_.emplace_back();
      for (int d = 0; d < matrix.dims; ++d) output.shape.push_back(matrix.size[d]);
      output.values = {matrix.ptr<float>(), matrix.total()};
    }
    return outputs_;
  }

 private:
  /// The first call makes the layers, so that errors in them show here.
  void forward() {
    if (!is_set_up_) {
      const OpenCvLinesDropped dropped;
      net_.forward(matrices_, names_);
      is_set_up_ = true;
    } else {
      net_.forward(matrices_, names_);
    }
  }

  cv::dnn::Net net_;
  bool is_set_up_ = false;
  std::vector<std::string> names_;
  std::vector<cv::Mat> matrices_;
  std::vector<OnnxOutput> outputs_;
};

/// OpenCV was tried with operators on one image of float, channels first.
void check_values(const OnnxNetwork& network, const OnnxModel& model) {
  const auto refuse = [&](const std::string& what) {
    throw Error(errc::invalid_config, fmt::format("{}. {}", what, kOnnxRuntimeRunsIt));
  };
  const OnnxInput& input = network.input;
  if (input.type != kOnnxFloat) {
    refuse(fmt::format("OpenCV is not given an input of type {}", onnx_type_name(input.type)));
  }
  if (input.batch != 1) refuse(fmt::format("OpenCV is not given a fixed batch of {} images", input.batch));
  for (const OnnxValue& output : network.outputs) {
    if (output.type != kOnnxFloat) {
      refuse(fmt::format("OpenCV is not asked for the output \"{}\", of type {}", to_utf8(output.name, 100),
                         onnx_type_name(output.type)));
    }
  }
  if (!input.channels_last) return;
  for (const OnnxNode& node : model.nodes) {
    const bool reads = std::find(node.inputs.begin(), node.inputs.end(), input.name) != node.inputs.end();
    if (reads && node.op != "Transpose") {
      refuse(
          fmt::format("OpenCV is not given an input with its channels last, except where only Transpose reads it; "
                      "here {} does",
                      to_utf8(node.op, 100)));
    }
  }
}

std::unique_ptr<OnnxEngine> make_opencv_engine(const OnnxNetwork& network) {
  const OnnxModel model = read_onnx_model(network.bytes);
  check_values(network, model);
  check_opencv_runs(model);
  const OpenCvLinesDropped dropped;
  try {
    return std::make_unique<OpenCvEngine>(network);
  } catch (const cv::Exception& error) {
    throw Error(errc::invalid_config, fmt::format("OpenCV says: {}; ONNX Runtime (\"onnxruntime:\", "
                                                  "\"onnxruntime_detector:\") knows more operators",
                                                  error.err));
  }
}

}  // namespace

OnnxEngineKind opencv_engine() {
  return {.word = "opencv", .name = "OpenCV " + cv::getVersionString(), .make = make_opencv_engine};
}

}  // namespace conveyor::vision
