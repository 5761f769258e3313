#include "vision/onnx/onnx_arguments.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "conveyor/vision/image.h"
#include "vision/onnx/onnx_words.h"
#include "vision/read_file.h"
#include "vision/text_parsing.h"

namespace conveyor::vision {
namespace {

constexpr int kAnyNumber = 1 << 24;

[[noreturn]] void fail(const ClassifierArguments& arguments, std::string_view why) {
  throw Error(errc::invalid_config, fmt::format("classifier \"{}\": {}", arguments.text(), why));
}

/// One label a line; the last line may end with the file.
std::vector<std::string> read_labels(const std::string& file) {
  try {
    const std::string text = read_file(file, kMaxTextBytes);
    if (!is_utf8(text)) throw Error(errc::invalid_config, "it is not UTF-8");
    std::vector<std::string> labels;
    split(text, '\n', [&](std::string_view line) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      labels.emplace_back(line);
    });
    if (labels.back().empty()) labels.pop_back();
    return labels;
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("file of labels {} cannot be used: {}", file, error.what()));
  }
}

/// `key=0.5` for all channels, or `key=0.5,0.4,0.3`.
std::array<double, 3> three(const ClassifierArguments& arguments, std::string_view key, std::array<double, 3> values) {
  const std::vector<double> numbers = arguments.numbers(key);
  if (numbers.empty()) return values;
  if (numbers.size() != 1 && numbers.size() != 3) fail(arguments, fmt::format("{} needs one number or three", key));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = numbers[numbers.size() == 1 ? 0 : i];
  return values;
}

/// The value of the enumeration that a key names.
template <class E, std::size_t N>
E word(const ClassifierArguments& arguments, std::string_view key, const std::array<OnnxWord<E>, N>& words,
       E otherwise) {
  const auto value = value_of_word(words, arguments.word(key, std::string(word_of(words, otherwise))));
  if (!value) fail(arguments, unknown_word(key, words));
  return *value;
}

/// Sets what all networks have in common.
void set_network_options(const ClassifierArguments& arguments, OnnxOptions& options) {
  if (const std::string labels = arguments.word("labels"); !labels.empty()) options.labels = read_labels(labels);
  options.width = arguments.integer("width", options.width, 0, kMaxImageSide);
  options.height = arguments.integer("height", options.height, 0, kMaxImageSide);
  options.rgb = arguments.flag("rgb", options.rgb);
  options.layout = word(arguments, "layout", kLayoutWords, options.layout);
  options.scale = arguments.number("scale", options.scale);
  options.white = arguments.number("white", options.white);
  options.mean = three(arguments, "mean", options.mean);
  options.deviation = three(arguments, "deviation", options.deviation);
  options.activation = word(arguments, "activation", kActivationWords, options.activation);
  if (const std::string outputs = arguments.word("outputs"); !outputs.empty()) {
    options.outputs.clear();
    split(outputs, ',', [&](std::string_view output) { options.outputs.emplace_back(output); });
  }
  options.name = arguments.word("name", options.name);
  options.version = arguments.word("version", options.version);
  options.preprocess = arguments.word("preprocess", options.preprocess);
  options.sha256 = arguments.word("sha256", options.sha256);
}

}  // namespace

OnnxOptions onnx_options(const ClassifierArguments& arguments) {
  OnnxOptions options = read_model_card(arguments.subject("a file"));
  set_network_options(arguments, options);
  options.top = arguments.integer("top", options.top, 0, kAnyNumber);
  return options;
}

OnnxDetectorOptions onnx_detector_options(const ClassifierArguments& arguments) {
  OnnxDetectorOptions options = read_detector_card(arguments.subject("a file"));
  set_network_options(arguments, options.network);
  options.head = word(arguments, "head", kHeadWords, options.head);
  options.box_format = word(arguments, "box_format", kBoxFormatWords, options.box_format);
  options.box_units = word(arguments, "box_units", kBoxUnitsWords, options.box_units);
  options.background = word(arguments, "background", kBackgroundWords, options.background);
  options.min_score = arguments.number("min_score", options.min_score);
  options.max_overlap = arguments.number("max_overlap", options.max_overlap);
  options.multi_label = arguments.flag("multi_label", options.multi_label);
  options.max_detections = arguments.integer("max_detections", options.max_detections, 0, kAnyNumber);
  return options;
}

std::vector<OnnxEngineKind> onnx_engines(const ClassifierArguments& arguments,
                                         const std::vector<OnnxEngineKind>& available) {
  const std::string word = arguments.word("engine", "auto");
  if (word == "auto") return available;
  for (const OnnxEngineKind& engine : available) {
    if (engine.word == word) return {engine};
  }
  if (word == "onnxruntime") {
    fail(arguments,
         "engine=onnxruntime needs a program that links Conveyor::onnxruntime and calls "
         "conveyor::onnxruntime::add_classifiers() for its classifiers");
  }
  fail(arguments, "engine is none of auto, onnxruntime, opencv");
}

}  // namespace conveyor::vision
