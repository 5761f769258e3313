#include "vision/onnx_network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/steps.h"
#include "vision/describe.h"
#include "vision/onnx_input.h"
#include "vision/read_file.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

void check_options(const OnnxOptions& options) {
  bool finite = std::isfinite(options.scale) && options.scale != 0;
  for (std::size_t c = 0; c < 3; ++c) {
    finite =
        finite && std::isfinite(options.mean[c]) && std::isfinite(options.deviation[c]) && options.deviation[c] != 0;
  }
  if (!finite) invalid("OnnxOptions: scale, mean and deviation must be finite, scale and deviation not 0");
  if (options.top < 0) invalid("OnnxOptions::top must not be negative");
}

/// Sets channels, width and height from what the model declares and the options add.
void fix_shape(OnnxNetwork& network) {
  const std::vector<OnnxInput> inputs = onnx_inputs(network.bytes);
  if (inputs.size() != 1) invalid(fmt::format("it has {} inputs, not one", inputs.size()));
  const std::vector<std::int64_t>& shape = inputs[0].shape;
  const std::string is =
      fmt::format("its input \"{}\" is {}", inputs[0].name, shape.empty() ? "of no shape" : shape_text(shape));
  if (inputs[0].element_type != kOnnxFloat) invalid(is + ", not of type float");
  const bool nchw = shape.size() == 4 && (shape[0] == 1 || shape[0] == -1) && (shape[1] == 1 || shape[1] == 3);
  if (!nchw) invalid(is + "; 1 x channels x height x width is needed, with 1 or 3 channels");
  network.channels = static_cast<int>(shape[1]);
  const auto fix = [&](std::int64_t declared, int& option, const char* what) {
    if (declared == -1 && option == 0) invalid(fmt::format("{}; set OnnxOptions::{}", is, what));
    if (declared != -1 && option != 0 && declared != option) {
      invalid(fmt::format("{}; OnnxOptions::{} is {}", is, what, option));
    }
    const std::int64_t size = declared == -1 ? option : declared;
    if (size < 1 || size > kMaxImageSide) invalid(fmt::format("{}; its {} would be {}", is, what, size));
    option = static_cast<int>(size);
  };
  fix(shape[2], network.options.height, "height");
  fix(shape[3], network.options.width, "width");
  if (auto wrong = wrong_dimensions(network.options.width, network.options.height); !wrong.empty()) {
    invalid(fmt::format("{}; {}", is, wrong));
  }
}

void check_digest(const std::string& digest, const OnnxOptions& options) {
  if (options.sha256.empty() || options.sha256 == digest) return;
  invalid(fmt::format("its SHA-256 is {}; its card, or OnnxOptions::sha256, says {}", digest, options.sha256));
}

}  // namespace

std::string shape_text(std::span<const std::int64_t> shape) { return fmt::format("{}", fmt::join(shape, " x ")); }

OnnxRunner::OnnxRunner(std::shared_ptr<const OnnxNetwork> network, const OnnxEngineMaker& make)
    : network_(std::move(network)),
      engine_(make(*network_)),
      blob_({1, network_->channels, network_->options.height, network_->options.width}, CV_32F, cv::Scalar(0)) {}

InputSpec OnnxRunner::input() const {
  return {.width = network_->options.width, .height = network_->options.height, .channels = network_->channels};
}

const std::vector<OnnxOutput>& OnnxRunner::run(const cv::Mat& image) {
  fill_blob(image);
  return engine_->run(blob_);
}

void OnnxRunner::fill_blob(const cv::Mat& image) {
  const OnnxOptions& options = network_->options;
  cv::split(image, planes_);
  for (int c = 0; c < network_->channels; ++c) {
    const auto to = static_cast<std::size_t>(c);
    const std::size_t from = network_->channels == 3 && options.rgb ? 2 - to : to;
    cv::Mat plane(image.rows, image.cols, CV_32F, blob_.ptr<float>(0, c));
    planes_[from].convertTo(plane, CV_32F, options.scale / options.deviation[to],
                            -options.mean[to] / options.deviation[to]);
  }
}

std::shared_ptr<const Model> load_network(
    const std::filesystem::path& file, const OnnxOptions& options,
    const std::function<std::shared_ptr<const Model>(std::shared_ptr<const OnnxNetwork>)>& make_model) {
  const auto failed = [&](const std::string& why) {
    return fmt::format("model {} cannot be used: {}", file.string(), why);
  };
  try {
    check_options(options);
    auto network = std::make_shared<OnnxNetwork>();
    network->bytes = read_file(file, kMaxModelBytes);
    network->options = options;
    const std::string digest = sha256(network->bytes);
    check_digest(digest, options);
    fix_shape(*network);
    network->card = {.name = options.name.empty() ? file.stem().string() : options.name,
                     .version = options.version,
                     .sha256 = digest,
                     .preprocess = options.preprocess,
                     .labels = options.labels};
    if (network->card.preprocess.empty()) {
      network->card.preprocess = PreprocessChain({resize(network->options.width, network->options.height),
                                                  color(network->channels == 1 ? Color::kGray : Color::kBgr)})
                                     .text();
    }
    return make_model(std::move(network));
  } catch (const cv::Exception& error) {
    throw Error(errc::invalid_config, failed("OpenCV says: " + error.err));
  } catch (const Error& error) {
    throw Error(errc::invalid_config, failed(error.what()));
  }
}

}  // namespace conveyor::vision
