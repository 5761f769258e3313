#include "vision/onnx/onnx_network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <opencv2/core.hpp>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/steps.h"
#include "vision/image/image_shape.h"
#include "vision/onnx/onnx_file.h"

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
  if (!std::isfinite(options.white) || options.white < 0) invalid("OnnxOptions::white must be above 0, or 0");
  OnnxPixels::check(options);
  if (options.top < 0) invalid("OnnxOptions::top must not be negative");
}

/// What to do about an input of another layout (N, H, W, C for one), where the shape tells it; otherwise empty.
std::string_view advice_on(const std::vector<std::int64_t>& shape) {
  if (shape.size() != 4) return "";
  if (shape[3] == 1 || shape[3] == 3) return "; export it with channels first";
  return shape[0] > 1 ? "; export it with a batch of 1, or one that is not fixed" : "";
}

/// Sets channels, width and height from what the model declares and the options add.
void fix_shape(OnnxNetwork& network, const std::vector<OnnxValue>& inputs) {
  if (inputs.size() != 1) invalid(fmt::format("it has {} inputs, not one", inputs.size()));
  const std::vector<std::int64_t>& shape = inputs[0].shape;
  const std::string is =
      fmt::format("its input \"{}\" is {}", inputs[0].name, shape.empty() ? "of no shape" : shape_text(shape));
  if (inputs[0].type != kOnnxFloat) {
    invalid(fmt::format("{}, of type {}; float is needed: export it with such an input", is,
                        onnx_type_name(inputs[0].type)));
  }
  const bool nchw = shape.size() == 4 && (shape[0] == 1 || shape[0] == -1) && (shape[1] == 1 || shape[1] == 3);
  if (!nchw) {
    invalid(fmt::format("{}; 1 x channels x height x width is needed, with 1 or 3 channels{}", is, advice_on(shape)));
  }
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

void check_outputs(const std::vector<OnnxValue>& outputs) {
  for (const OnnxValue& output : outputs) {
    if (output.type == kOnnxFloat) continue;
    const std::string_view hint = output.type == 0 ? "; converters of scikit-learn's models have zipmap=False" : "";
    invalid(fmt::format("its output \"{}\" is {}; float is needed{}", output.name,
                        output.type == 0 ? "no tensor" : "of type " + onnx_type_name(output.type), hint));
  }
}

/// Whether the shape of an output may be the declared one, in which -1 is any size. OpenCV adds and drops dimensions of
/// 1.
bool fits(std::span<const std::int64_t> declared, std::span<const std::int64_t> given) {
  const auto may_be = [](std::int64_t side, std::int64_t is) { return side == is || side == -1; };
  if (declared.size() == given.size()) return std::equal(declared.begin(), declared.end(), given.begin(), may_be);
  std::vector<std::int64_t> sides, are;
  std::copy_if(declared.begin(), declared.end(), std::back_inserter(sides),
               [](std::int64_t side) { return side != 1; });
  std::copy_if(given.begin(), given.end(), std::back_inserter(are), [](std::int64_t side) { return side != 1; });
  // A dimension that is not fixed may be 1, and then may be missing.
  while (sides.size() > are.size()) {
    const auto open = std::find(sides.begin(), sides.end(), -1);
    if (open == sides.end()) return false;
    sides.erase(open);
  }
  return sides.size() == are.size() && std::equal(sides.begin(), sides.end(), are.begin(), may_be);
}

void check_digest(const std::string& digest, const OnnxOptions& options) {
  if (options.sha256.empty() || options.sha256 == digest) return;
  invalid(fmt::format("its SHA-256 is {}; its card, or OnnxOptions::sha256, says {}", digest, options.sha256));
}

}  // namespace

std::string shape_text(std::span<const std::int64_t> shape) { return fmt::format("{}", fmt::join(shape, " x ")); }

OnnxRunner::OnnxRunner(std::shared_ptr<const OnnxNetwork> network, const OnnxEngineMaker& make)
    : network_(std::move(network)),
      pixels_(network_->options, network_->channels),
      engine_(make(*network_)),
      blob_({1, network_->channels, network_->options.height, network_->options.width}, CV_32F, cv::Scalar(0)) {}

InputSpec OnnxRunner::input() const {
  return {.width = network_->options.width,
          .height = network_->options.height,
          .channels = network_->channels,
          .order = ChannelOrder::kBgr,
          .white = pixels_.white()};
}

const std::vector<OnnxOutput>& OnnxRunner::run(const cv::Mat& image) {
  fill_blob(image);
  return run_blob();
}

const std::vector<OnnxOutput>& OnnxRunner::run_blob() {
  const std::vector<OnnxOutput>& given = engine_->run(blob_);
  const std::vector<OnnxValue>& declared = network_->outputs;
  if (given.size() != declared.size()) {
    invalid(fmt::format("the file declares {} outputs, and the engine gave {}", declared.size(), given.size()));
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!declared[i].has_shape || fits(declared[i].shape, given[i].shape)) continue;
    invalid(fmt::format("the engine gave its output \"{}\" as {}; the file declares {}", declared[i].name,
                        shape_text(given[i].shape), shape_text(declared[i].shape)));
  }
  return given;
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
    OnnxFile read = read_onnx_file(file);
    const std::string digest = std::move(read.sha256);
    check_digest(digest, options);
    network->bytes = std::move(read.bytes);
    network->options = options;
    OnnxModel model = read_onnx_model(network->bytes);
    fix_shape(*network, model.inputs);
    check_outputs(model.outputs);
    network->outputs = std::move(model.outputs);
    network->card = {.name = options.name.empty() ? file.stem().string() : options.name,
                     .version = options.version,
                     .sha256 = digest,
                     .preprocess = options.preprocess,
                     .labels = options.labels,
                     .feeds = OnnxPixels(options, network->channels).text()};
    if (network->card.preprocess.empty()) {
      network->card.preprocess = PreprocessChain({resize(network->options.width, network->options.height),
                                                  color(network->channels == 1 ? Color::kGray : Color::kBgr)})
                                     .text();
    }
    return make_model(std::move(network));
  } catch (const cv::Exception& error) {
    throw Error(errc::invalid_config, failed(fmt::format("OpenCV says: {}; ONNX Runtime (\"onnxruntime:\", "
                                                         "\"onnxruntime_detector:\") knows more operators",
                                                         error.err)));
  } catch (const Error& error) {
    throw Error(errc::invalid_config, failed(error.what()));
  } catch (const std::exception& error) {  // of an engine's library
    throw Error(errc::invalid_config, failed(error.what()));
  }
}

}  // namespace conveyor::vision
