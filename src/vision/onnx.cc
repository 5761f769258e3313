#include "conveyor/vision/onnx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/dnn.hpp>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/preprocess.h"
#include "vision/describe.h"
#include "vision/onnx_input.h"
#include "vision/read_file.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

/// What the classifiers of one model share; immutable.
struct Network {
  std::string bytes = {};
  OnnxOptions options = {};
  int channels = 0;
  std::string name = {};
};

class OnnxClassifier final : public Classifier {
 public:
  explicit OnnxClassifier(std::shared_ptr<const Network> network)
      : network_(std::move(network)),
        net_(cv::dnn::readNetFromONNX(network_->bytes.data(), network_->bytes.size())),
        blob_({1, network_->channels, network_->options.height, network_->options.width}, CV_32F, cv::Scalar(0)) {
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
  }

  std::string_view name() const override { return network_->name; }
  InputSpec input() const override {
    return {.width = network_->options.width, .height = network_->options.height, .channels = network_->channels};
  }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      fill_blob(images[i]);
      answer(forward(), outcomes[i]);
    }
  }

  /// Runs the network once; what it gives is checked. @throws Error or cv::Exception
  std::span<const float> forward() {
    net_.setInput(blob_);
    output_ = net_.forward();
    if (output_.depth() != CV_32F || !output_.isContinuous())
      throw Error(errc::invalid_config, "its output is not float");
    int longest = 0;
    std::vector<int> shape;
    for (int d = 0; d < output_.dims; ++d) {
      shape.push_back(output_.size[d]);
      longest = std::max(longest, output_.size[d]);
    }
    if (output_.total() != static_cast<std::size_t>(longest) || longest == 0) {
      throw Error(errc::invalid_config,
                  fmt::format("its output is {}, not one vector of scores", fmt::join(shape, " x ")));
    }
    const std::vector<std::string>& labels = network_->options.labels;
    if (!labels.empty() && labels.size() != output_.total()) {
      throw Error(errc::invalid_config,
                  fmt::format("it gives {} scores for {} labels", output_.total(), labels.size()));
    }
    return {output_.ptr<float>(), output_.total()};
  }

 private:
  void fill_blob(const cv::Mat& image) {
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

  void answer(std::span<const float> output, Outcome& outcome) {
    scores_.assign(output.begin(), output.end());
    if (network_->options.softmax) {
      const double highest = *std::max_element(scores_.begin(), scores_.end());
      for (double& score : scores_) score = std::exp(score - highest);
      const double sum = std::accumulate(scores_.begin(), scores_.end(), 0.0);
      for (double& score : scores_) score /= sum;
    }
    order_.resize(scores_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    // A score that is not a number must be seen, wherever it stands.
    const auto rank = [&](std::size_t i) { return std::isnan(scores_[i]) ? INFINITY : scores_[i]; };
    const std::size_t top = network_->options.top == 0
                                ? order_.size()
                                : std::min(order_.size(), static_cast<std::size_t>(network_->options.top));
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(top), order_.end(),
                      [&](auto a, auto b) { return rank(a) != rank(b) ? rank(a) > rank(b) : a < b; });
    for (std::size_t i = 0; i < top; ++i) {
      const std::size_t index = order_[i];
      const std::vector<std::string>& labels = network_->options.labels;
      outcome.add_label(labels.empty() ? std::to_string(index) : labels[index], scores_[index],
                        static_cast<int>(index));
    }
  }

  std::shared_ptr<const Network> network_;
  cv::dnn::Net net_;
  cv::Mat blob_, output_;
  std::vector<cv::Mat> planes_;
  std::vector<double> scores_;
  std::vector<std::size_t> order_;
};

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
void fix_shape(Network& network) {
  const std::vector<OnnxInput> inputs = onnx_inputs(network.bytes);
  if (inputs.size() != 1) invalid(fmt::format("it has {} inputs, not one", inputs.size()));
  const std::vector<std::int64_t>& shape = inputs[0].shape;
  const std::string is = fmt::format("its input \"{}\" is {}", inputs[0].name,
                                     shape.empty() ? "of no shape" : fmt::format("{}", fmt::join(shape, " x ")));
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
}

}  // namespace

std::shared_ptr<const Model> onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  const auto failed = [&](const std::string& why) {
    return fmt::format("model {} cannot be used: {}", file.string(), why);
  };
  try {
    check_options(options);
    auto network = std::make_shared<Network>(Network{.bytes = read_file(file, kMaxModelBytes), .options = options});
    std::string digest = sha256(network->bytes);
    if (!options.sha256.empty() && options.sha256 != digest) {
      invalid(fmt::format("its SHA-256 is {}; its card, or OnnxOptions::sha256, says {}", digest, options.sha256));
    }
    fix_shape(*network);
    network->name = options.name.empty() ? file.stem().string() : options.name;
    ModelCard card{.name = network->name,
                   .version = options.version,
                   .sha256 = std::move(digest),
                   .preprocess = options.preprocess,
                   .labels = options.labels};
    if (card.preprocess.empty()) {
      card.preprocess = PreprocessChain({resize(network->options.width, network->options.height),
                                         color(network->channels == 1 ? Color::kGray : Color::kBgr)})
                            .text();
    }
    (void)OnnxClassifier(network).forward();
    return make_model(std::move(card), [network] { return std::make_unique<OnnxClassifier>(network); });
  } catch (const cv::Exception& error) {
    throw Error(errc::invalid_config, failed("OpenCV says: " + error.err));
  } catch (const Error& error) {
    throw Error(error.code(), failed(error.what()));
  }
}

}  // namespace conveyor::vision
