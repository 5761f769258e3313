#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/load_plugin.h"
#include "conveyor/vision/onnx.h"
#include "core/utf8.h"
#include "vision/read_file.h"
#include "vision/words.h"

namespace conveyor::vision {
namespace {

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
  if (numbers.size() != 1 && numbers.size() != 3) {
    throw Error(errc::invalid_config,
                fmt::format("classifier \"{}\": {} needs one number or three", arguments.text(), key));
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = numbers[numbers.size() == 1 ? 0 : i];
  return values;
}

/// What the card beside the file says, and what the text says instead.
OnnxOptions onnx_options(const std::string& file, const ClassifierArguments& arguments) {
  constexpr int kAnyNumber = 1 << 24;
  OnnxOptions options = read_model_card(file);
  if (const std::string labels = arguments.word("labels"); !labels.empty()) options.labels = read_labels(labels);
  options.width = arguments.integer("width", options.width, 0, kMaxImageSide);
  options.height = arguments.integer("height", options.height, 0, kMaxImageSide);
  options.rgb = arguments.flag("rgb", options.rgb);
  options.scale = arguments.number("scale", options.scale);
  options.mean = three(arguments, "mean", options.mean);
  options.deviation = three(arguments, "deviation", options.deviation);
  options.softmax = arguments.flag("softmax", options.softmax);
  options.top = arguments.integer("top", options.top, 0, kAnyNumber);
  options.name = arguments.word("name", options.name);
  options.version = arguments.word("version", options.version);
  options.preprocess = arguments.word("preprocess", options.preprocess);
  options.sha256 = arguments.word("sha256", options.sha256);
  return options;
}

std::shared_ptr<const Model> make_onnx(const ClassifierArguments& arguments) {
  const std::string& file = arguments.subject("a file");
  return onnx(file, onnx_options(file, arguments));
}

std::shared_ptr<const Model> make_plugin(const ClassifierArguments& arguments) {
  return load_plugin(arguments.subject("a file"), arguments.rest());
}

std::shared_ptr<const Model> make_hog(const ClassifierArguments& arguments) {
  HogOptions options;
  options.stride = arguments.integer("stride", options.stride, 0, 1 << 10);
  options.padding = arguments.integer("padding", options.padding, 0, 1 << 10);
  options.scale = arguments.number("scale", options.scale);
  options.min_score = arguments.number("min_score", options.min_score);
  options.max_overlap = arguments.number("max_overlap", options.max_overlap);
  return hog_people(options);
}

std::shared_ptr<const Model> make_constant(const ClassifierArguments& arguments) {
  Outcome outcome;
  outcome.add_label(arguments.subject("a label"), arguments.number("score", 1));
  return constant(outcome);
}

}  // namespace

ClassifierRegistry built_in_classifiers() {
  ClassifierRegistry classifiers;
  classifiers.add("onnx", make_onnx, "onnx:FILE?labels=FILE&softmax=true&...");
  classifiers.add("plugin", make_plugin, "plugin:FILE?...");
  classifiers.add("hog", make_hog, "hog?min_score=0.5&...");
  classifiers.add("constant", make_constant, "constant:LABEL?score=1");
  return classifiers;
}

}  // namespace conveyor::vision
