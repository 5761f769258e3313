#include "vision/onnx/onnx_network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <opencv2/core.hpp>
#include <utility>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "conveyor/vision/steps.h"
#include "vision/onnx/onnx_activation.h"
#include "vision/onnx/onnx_file.h"
#include "vision/onnx/onnx_metadata.h"

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

/// The outputs that are to be read.
std::vector<OnnxValue> chosen(const std::vector<OnnxValue>& outputs, const std::vector<std::string>& names) {
  if (names.empty()) return outputs;
  std::vector<OnnxValue> read;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(outputs.begin(), outputs.end(), [&](const auto& each) { return each.name == name; });
    if (found == outputs.end()) {
      std::vector<std::string_view> known;
      for (const OnnxValue& output : outputs) known.push_back(output.name);
      invalid(fmt::format("it has no output \"{}\", which its card or OnnxOptions::outputs names; it has {}", name,
                          to_utf8(fmt::format("{}", fmt::join(known, ", ")), 1000)));
    }
    if (std::count(names.begin(), names.end(), name) > 1) {
      invalid(fmt::format("its card or OnnxOptions::outputs names \"{}\" twice", name));
    }
    read.push_back(*found);
  }
  return read;
}

void check_outputs(const std::vector<OnnxValue>& outputs) {
  for (const OnnxValue& output : outputs) {
    if (output.type == kOnnxFloat || output.type == kOnnxFloat16) continue;
    const std::string_view hint = output.type == 0 ? "; converters of scikit-learn's models have zipmap=False" : "";
    invalid(
        fmt::format("its output \"{}\" is {}; float is needed: OnnxOptions::outputs names those that are to be "
                    "read{}",
                    output.name, output.type == 0 ? "no tensor" : "of type " + onnx_type_name(output.type), hint));
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

OnnxRunner::OnnxRunner(std::shared_ptr<const OnnxNetwork> network, std::unique_ptr<OnnxEngine> engine)
    : network_(std::move(network)),
      pixels_(network_->options, network_->input.channels),
      engine_(std::move(engine)),
      blob_(network_->input, network_->options) {}

InputSpec OnnxRunner::input() const {
  return {.width = network_->options.width,
          .height = network_->options.height,
          .channels = network_->input.channels,
          .max_batch = network_->input.batch == 1 ? 0 : network_->input.batch,
          .order = ChannelOrder::kBgr,
          .white = pixels_.white()};
}

NetworkInput OnnxRunner::network_input(const cv::Mat& image) {
  blob_.fill(std::span(&image, 1));
  NetworkInput input{.name = network_->card.name,
                     .tensor = blob_.first(),
                     .channels_last = network_->input.channels_last,
                     .batch = network_->input.batch};
  if (network_->input.channels == 3) input.order = network_->options.rgb ? ChannelOrder::kRgb : ChannelOrder::kBgr;
  for (std::size_t c = 0; c < input.factor.size(); ++c) {
    input.factor[c] = blob_.factor(c);
    input.offset[c] = blob_.offset(c);
  }
  return input;
}

const std::vector<OnnxOutput>& OnnxRunner::run_blob() {
  const std::vector<OnnxOutput>& given = engine_->run(blob_.tensor());
  const std::vector<OnnxValue>& declared = network_->outputs;
  if (given.size() != declared.size()) {
    invalid(fmt::format("{} outputs were asked for, and the engine gave {}", declared.size(), given.size()));
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!declared[i].has_shape || fits(declared[i].shape, given[i].shape)) continue;
    invalid(fmt::format("the engine gave its output \"{}\" as {}; the file declares {}", declared[i].name,
                        shape_text(given[i].shape), shape_text(declared[i].shape)));
  }
  return given;
}

const std::vector<OnnxOutput>& OnnxRunner::of_image(const std::vector<OnnxOutput>& outputs, std::size_t image) {
  const auto batch = static_cast<std::size_t>(network_->input.batch);
  if (batch == 1) return outputs;
  slices_.clear();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& [shape, values] = outputs[i];
    if (shape.empty() || shape[0] != network_->input.batch) {
      invalid(
          fmt::format("its output \"{}\" is {}; with a batch of {} its first side must be {}: export it with a batch "
                      "of 1",
                      network_->outputs[i].name, shape_text(shape), batch, batch));
    }
    const std::size_t size = values.size() / batch;
    slices_.push_back({.shape = shape, .values = values.subspan(image * size, size)});
    slices_.back().shape[0] = 1;
  }
  return slices_;
}

std::shared_ptr<const Model> load_network(
    const std::filesystem::path& file, const OnnxOptions& options, OnnxUse use,
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
    const OnnxModel model = read_onnx_model(network->bytes);
    if (const std::string wrong = wrong_task(model, use == OnnxUse::kDetect); !wrong.empty()) invalid(wrong);
    network->input = read_onnx_input(model.inputs, network->options);
    network->outputs = chosen(model.outputs, options.outputs);
    check_outputs(network->outputs);
    check_activation(options.activation, model, network->outputs);
    if (options.labels.empty()) network->options.labels = labels_in(model);
    network->has_own_labels = options.labels.empty();
    network->card = {.name = options.name.empty() ? file.stem().string() : options.name,
                     .version = options.version,
                     .sha256 = digest,
                     .preprocess = options.preprocess,
                     .labels = network->options.labels,
                     .feeds = OnnxPixels(network->options, network->input.channels).text()};
    if (network->card.preprocess.empty()) {
      network->card.preprocess = PreprocessChain({resize(network->options.width, network->options.height),
                                                  color(network->input.channels == 1 ? Color::kGray : Color::kBgr)})
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
