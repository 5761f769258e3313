#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/cascade.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/ensemble.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/load_plugin.h"
#include "conveyor/vision/motion.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "core/utf8.h"
#include "vision/read_file.h"
#include "vision/words.h"

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

/// What the card beside the file says, and what the text says instead.
OnnxOptions onnx_options(const std::string& file, const ClassifierArguments& arguments) {
  OnnxOptions options = read_model_card(file);
  if (const std::string labels = arguments.word("labels"); !labels.empty()) options.labels = read_labels(labels);
  options.width = arguments.integer("width", options.width, 0, kMaxImageSide);
  options.height = arguments.integer("height", options.height, 0, kMaxImageSide);
  options.rgb = arguments.flag("rgb", options.rgb);
  options.scale = arguments.number("scale", options.scale);
  options.mean = three(arguments, "mean", options.mean);
  options.deviation = three(arguments, "deviation", options.deviation);
  options.name = arguments.word("name", options.name);
  options.version = arguments.word("version", options.version);
  options.preprocess = arguments.word("preprocess", options.preprocess);
  options.sha256 = arguments.word("sha256", options.sha256);
  return options;
}

std::shared_ptr<const Model> make_onnx(const ClassifierArguments& arguments) {
  const std::string& file = arguments.subject("a file");
  OnnxOptions options = onnx_options(file, arguments);
  options.softmax = arguments.flag("softmax", options.softmax);
  options.top = arguments.integer("top", options.top, 0, kAnyNumber);
  return onnx(file, options);
}

std::shared_ptr<const Model> make_detector(const ClassifierArguments& arguments) {
  static const std::map<std::string, DetectionHead, std::less<>> kHeads{{"ssd", DetectionHead::kSsd},
                                                                        {"yolo_columns", DetectionHead::kYoloColumns},
                                                                        {"yolo_rows", DetectionHead::kYoloRows}};
  const std::string& file = arguments.subject("a file");
  OnnxDetectorOptions options{.network = onnx_options(file, arguments)};
  const auto head = kHeads.find(arguments.word("head", "yolo_columns"));
  if (head == kHeads.end()) fail(arguments, "head is none of ssd, yolo_columns, yolo_rows");
  options.head = head->second;
  options.min_score = arguments.number("min_score", options.min_score);
  options.max_overlap = arguments.number("max_overlap", options.max_overlap);
  options.max_detections = arguments.integer("max_detections", options.max_detections, 0, kAnyNumber);
  return onnx_detector(file, options);
}

std::shared_ptr<const Model> make_cascade(const ClassifierArguments& arguments) {
  CascadeOptions options;
  options.label = arguments.word("label");
  options.scale = arguments.number("scale", options.scale);
  options.min_neighbors = arguments.integer("min_neighbors", options.min_neighbors, 0, kAnyNumber);
  options.min_size = arguments.integer("min_size", options.min_size, 0, kMaxImageSide);
  options.max_size = arguments.integer("max_size", options.max_size, 0, kMaxImageSide);
  return cascade(arguments.subject("a file"), options);
}

std::shared_ptr<const Model> make_motion(const ClassifierArguments& arguments) {
  MotionOptions options;
  options.learning_rate = arguments.number("learning_rate", options.learning_rate);
  options.threshold = arguments.number("threshold", options.threshold);
  options.min_area = arguments.number("min_area", options.min_area);
  options.max_area = arguments.number("max_area", options.max_area);
  return motion(options);
}

/// The texts in "[text][text]".
std::vector<std::string_view> members_of(const ClassifierArguments& arguments) {
  const std::string_view subject = arguments.subject("members in square brackets");
  std::vector<std::string_view> members;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (depth == 0 && subject[i] != '[') fail(arguments, "its members stand in square brackets, [one][another]");
    if (subject[i] == '[' && depth++ == 0) begin = i + 1;
    if (subject[i] == ']' && --depth == 0) members.push_back(subject.substr(begin, i - begin));
  }
  if (depth != 0) fail(arguments, "a square bracket is not closed");
  return members;
}

std::shared_ptr<const Model> make_ensemble(const ClassifierArguments& arguments) {
  std::vector<std::shared_ptr<const Model>> members;
  for (const std::string_view member : members_of(arguments)) members.push_back(arguments.make(member));
  EnsembleOptions options;
  const std::string combine = arguments.word("combine", "mean");
  if (combine != "mean" && combine != "vote") fail(arguments, "combine is neither mean nor vote");
  options.combine = combine == "mean" ? EnsembleOptions::Combine::kMean : EnsembleOptions::Combine::kVote;
  options.max_overlap = arguments.number("max_overlap", options.max_overlap);
  options.name = arguments.word("name");
  options.preprocess = arguments.word("preprocess");
  return ensemble(std::move(members), options);
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
  classifiers.add("detector", make_detector, "detector:FILE?head=yolo_columns&labels=FILE&min_score=0.25&...");
  classifiers.add("cascade", make_cascade, "cascade:FILE?label=face&min_neighbors=3&...");
  classifiers.add("motion", make_motion, "motion?threshold=25&...");
  classifiers.add("ensemble", make_ensemble, "ensemble:[ONE][ANOTHER]?combine=mean");
  classifiers.add("plugin", make_plugin, "plugin:FILE?...");
  classifiers.add("hog", make_hog, "hog?min_score=0.5&...");
  classifiers.add("constant", make_constant, "constant:LABEL?score=1");
  return classifiers;
}

}  // namespace conveyor::vision
